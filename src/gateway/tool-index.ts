import type { ArgumentSchema } from "../policy/index.ts";
import { readToolList } from "../protocol/tool-list.ts";
import type { JsonObject, JsonValue } from "../values/json.ts";
import type { UpstreamErrorCode } from "../transports/transport.ts";
import type { UpstreamSession } from "./upstream-session.ts";

/** A tool as its server lists it now. */
export interface ListedTool {
  readonly name: string;
  /** The whole entry, as listed. */
  readonly definition: JsonObject;
  /** The entry's JSON text. */
  readonly text: string;
  readonly schema: ArgumentSchema | undefined;
}

/** Why a server's tools are not known. */
export interface ToolListFailure {
  readonly kind: "failed";
  readonly code: UpstreamErrorCode;
  readonly message: string;
}

/** A server's tools by exact name. */
export interface ToolList {
  readonly kind: "listed";
  readonly tools: ReadonlyMap<string, ListedTool>;
}

/** The current tools of one upstream session, fetched when first needed and again after they changed. */
export interface ToolIndex {
  current(): Promise<ToolList | ToolListFailure>;
  /** Asks the server anew; a list that is already being asked for is waited for. */
  fresh(): Promise<ToolList | ToolListFailure>;
  /** Forgets the list: the server said it changed. */
  invalidate(): void;
}

/** Bounds on one server's list (a hostile cursor may never end). */
const pagesMax = 100;
const toolsMax = 2_000;
const charactersMax = 32 * 1024 * 1024;

/** Watches the tools of a session. `meta` is sent with every request (the modern era's required
 * keys), and so are the headers that mirror it. */
export function createToolIndex(
  upstream: UpstreamSession,
  meta: JsonObject | undefined,
  headers: () => Readonly<Record<string, string>>,
  prepareSchema: (schema: JsonValue) => ArgumentSchema,
): ToolIndex {
  let loading: Promise<ToolList | ToolListFailure> | undefined;
  let isUnderWay = false;
  const start = (): Promise<ToolList | ToolListFailure> => {
    const mine = load(upstream, meta, headers(), prepareSchema).then((result) => {
      if (loading !== mine) return result;
      isUnderWay = false;
      // A failure is not remembered: the next call asks again.
      if (result.kind === "failed") loading = undefined;
      return result;
    });
    loading = mine;
    isUnderWay = true;
    return mine;
  };
  return {
    current: () => loading ?? start(),
    fresh: () => (isUnderWay && loading !== undefined ? loading : start()),
    invalidate: () => {
      loading = undefined;
    },
  };
}

async function load(
  upstream: UpstreamSession,
  meta: JsonObject | undefined,
  headers: Readonly<Record<string, string>>,
  prepareSchema: (schema: JsonValue) => ArgumentSchema,
): Promise<ToolList | ToolListFailure> {
  const tools = new Map<string, ListedTool>();
  const repeated = new Set<string>();
  let cursor: string | undefined;
  let characters = 0;
  for (let page = 0; page < pagesMax; page += 1) {
    const params: JsonObject = {
      ...(meta === undefined ? {} : { _meta: meta }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const answer = await upstream.ask("tools/list", params, upstream.server.startTimeoutMs, headers);
    if (answer.kind === "failed") return { kind: "failed", code: answer.code, message: answer.message };
    if (answer.kind === "cancelled") return garbage("the server's tool list was cancelled");
    if (answer.response.isError) return garbage("the server refused to list its tools");
    characters += answer.response.text.length;
    if (characters > charactersMax) return garbage("the server's tool list is too long");
    const list = readToolList(answer.response.text);
    if (!list.ok) return garbage(`the server's tool list could not be read (${list.reason})`);
    for (const name of list.repeated) repeated.add(name);
    for (const tool of list.tools) {
      if (tools.has(tool.name)) repeated.add(tool.name);
      const schema = tool.definition["inputSchema"];
      tools.set(tool.name, {
        name: tool.name,
        definition: tool.definition,
        text: tool.text,
        schema: schema === undefined ? undefined : prepareSchema(schema),
      });
    }
    if (tools.size > toolsMax) return garbage(`the server lists over ${toolsMax} tools`);
    if (list.nextCursor === undefined) {
      // One name with two definitions: neither can be trusted to be the one that runs.
      for (const name of repeated) tools.delete(name);
      return { kind: "listed", tools };
    }
    cursor = list.nextCursor;
  }
  return garbage(`the server's tool list has over ${pagesMax} pages`);
}

function garbage(message: string): ToolListFailure {
  return { kind: "failed", code: "UPSTREAM_GARBAGE", message };
}
