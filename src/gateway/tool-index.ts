import type { Clock } from "../clock.ts";
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
  /** How long it may be relied on without the server saying that it changed, milliseconds. */
  readonly freshMs: number;
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

/** Where a list of tools comes from. */
export interface ToolSource {
  readonly upstream: UpstreamSession;
  readonly clock: Clock;
  /** Sent with every request: the modern era's required keys; undefined in the legacy era. */
  readonly meta: JsonObject | undefined;
  /** The headers that mirror it. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly prepareSchema: (schema: JsonValue) => ArgumentSchema;
  /** Called with each whole list. */
  readonly onListed: (tools: Iterable<ListedTool>) => void;
}

/** Watches the tools of a session. */
export function createToolIndex(source: ToolSource): ToolIndex {
  let loading: Promise<ToolList | ToolListFailure> | undefined;
  let isUnderWay = false;
  let freshUntilMs = Number.POSITIVE_INFINITY;
  const start = (): Promise<ToolList | ToolListFailure> => {
    freshUntilMs = Number.POSITIVE_INFINITY;
    const mine = load(source).then((result) => {
      // Also one that was forgotten meanwhile: calls that waited for it are judged by it.
      if (result.kind === "listed") source.onListed(result.tools.values());
      if (loading !== mine) return result;
      isUnderWay = false;
      // A failure is not remembered: the next call asks again.
      if (result.kind === "failed") loading = undefined;
      else freshUntilMs = source.clock.monotonicMs() + result.freshMs;
      return result;
    });
    loading = mine;
    isUnderWay = true;
    return mine;
  };
  return {
    current: () => {
      if (source.clock.monotonicMs() >= freshUntilMs) loading = undefined;
      return loading ?? start();
    },
    fresh: () => (isUnderWay && loading !== undefined ? loading : start()),
    invalidate: () => {
      loading = undefined;
    },
  };
}

const freshMsMin = 1_000;
const freshMsMax = 60_000;

/**
 * How long one page may be relied on. In the modern era a server says so (`ttlMs`; MCP 2026-07-28, Caching), and tells
 * of changes only those who subscribe; in the legacy era it tells everybody.
 */
function freshMsOf(result: JsonObject, meta: JsonObject | undefined): number {
  if (meta === undefined) return Number.POSITIVE_INFINITY;
  const { ttlMs } = result;
  return Math.min(Math.max(typeof ttlMs === "number" ? ttlMs : 0, freshMsMin), freshMsMax);
}

async function load({
  upstream,
  meta,
  headers: mirror,
  prepareSchema,
}: ToolSource): Promise<ToolList | ToolListFailure> {
  const headers = mirror();
  let freshMs = Number.POSITIVE_INFINITY;
  let characters = 0;
  const tools = new Map<string, ListedTool>();
  const repeated = new Set<string>();
  let cursor: string | undefined;
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
    if (characters > charactersMax) return garbage(`the server's tool list is over ${charactersMax} characters`);
    const list = readToolList(answer.response.text);
    if (!list.ok) return garbage(`the server's tool list could not be read (${list.reason})`);
    freshMs = Math.min(freshMs, freshMsOf(answer.response.body, meta));
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
      return { kind: "listed", tools, freshMs };
    }
    cursor = list.nextCursor;
  }
  return garbage(`the server's tool list has over ${pagesMax} pages`);
}

function garbage(message: string): ToolListFailure {
  return { kind: "failed", code: "UPSTREAM_GARBAGE", message };
}
