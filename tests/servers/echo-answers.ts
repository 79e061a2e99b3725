import { echoTools } from "./echo-tools.ts";

/** A JSON object as it came off the wire. */
export type Message = Readonly<Record<string, unknown>>;

/** Which eras of MCP the server speaks: `legacy` has the handshake, `modern` is 2026-07-28. */
export type Era = "legacy" | "modern" | "both";

/** What shapes the answers of one server process. */
export interface EchoOptions {
  readonly era: Era;
  /** Tools per page of `tools/list`, 0: all on one page. */
  readonly pageSize: number;
  /** The list names the tool `safe` twice, the second time with another schema. */
  readonly hasDuplicateTools: boolean;
  /** `tools` in the list is an object instead of a list. */
  readonly hasBadList: boolean;
  /** The list has entries without a usable name: a number as name, `null`, and one that is a list. */
  readonly hasBadEntries: boolean;
}

/** A JSON-RPC answer without its envelope: `result` or `error`. */
export type Answer =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } };

const versionKey = "io.modelcontextprotocol/protocolVersion";
const serverInfo = { name: "echo-server", version: "1.0.0" };
const capabilities = { tools: { listChanged: true }, resources: {}, prompts: {} };
const legacyVersions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const modernVersion = "2026-07-28";

/** Whether a value is a JSON object. Pure. */
export function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member of an object inside a message, or an empty object. Pure. */
export function objectAt(message: Message, key: string): Message {
  const value = message[key];
  return isMessage(value) ? value : {};
}

function failure(code: number, message: string, data?: unknown): Answer {
  return { error: data === undefined ? { code, message } : { code, message, data } };
}

/** Adds what 2026-07-28 wants on every result (MCP 2026-07-28, Base protocol §Results). */
function dress(result: Readonly<Record<string, unknown>>, isModern: boolean, isCacheable: boolean): Answer {
  if (!isModern) return { result };
  const cache = isCacheable ? { ttlMs: 60_000, cacheScope: "public" } : {};
  const meta = { "io.modelcontextprotocol/serverInfo": serverInfo };
  return { result: { resultType: "complete", ...result, ...cache, _meta: meta } };
}

function listTools(options: EchoOptions, cursor: unknown): Readonly<Record<string, unknown>> | undefined {
  if (options.hasBadList) return { tools: { safe: echoTools[0] } };
  const tools: unknown[] = [...echoTools];
  if (options.hasDuplicateTools) {
    tools.push({ name: "safe", description: "Another of that name.", inputSchema: { type: "object" } });
  }
  if (options.hasBadEntries) tools.push({ ...echoTools[1], name: 7 }, null, [echoTools[1]]);
  if (options.pageSize === 0) return { tools };
  const start = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isSafeInteger(start) || start < 0 || start >= tools.length) return undefined;
  const end = start + options.pageSize;
  const page = { tools: tools.slice(start, end) };
  return end < tools.length ? { ...page, nextCursor: String(end) } : page;
}

function callTool(params: Message): Readonly<Record<string, unknown>> | undefined {
  const name = params["name"];
  if (!echoTools.some((tool) => tool.name === name)) return undefined;
  if (name === "fail") return { content: [{ type: "text", text: "failed as asked" }], isError: true };
  const echo = { tool: name, arguments: params["arguments"] ?? {} };
  return { content: [{ type: "text", text: JSON.stringify(echo) }], structuredContent: echo };
}

function initialize(params: Message): Answer {
  const asked = params["protocolVersion"];
  const protocolVersion = typeof asked === "string" && legacyVersions.includes(asked) ? asked : "2025-11-25";
  return { result: { protocolVersion, capabilities, serverInfo } };
}

function answerEither(method: string, params: Message, isModern: boolean, options: EchoOptions): Answer {
  switch (method) {
    case "tools/list": {
      const list = listTools(options, params["cursor"]);
      return list === undefined ? failure(-32602, "invalid cursor") : dress(list, isModern, true);
    }
    case "tools/call": {
      const result = callTool(params);
      return result === undefined
        ? failure(-32602, `Unknown tool: ${String(params["name"])}`)
        : dress(result, isModern, false);
    }
    case "resources/list":
      return dress({ resources: [{ uri: "file:///notes/a.txt", name: "a" }] }, isModern, true);
    case "resources/read": {
      const contents = [{ uri: params["uri"], mimeType: "text/plain", text: "a resource" }];
      return dress({ contents }, isModern, true);
    }
    case "prompts/list":
      return dress({ prompts: [{ name: "greet" }] }, isModern, true);
    case "prompts/get": {
      const messages = [{ role: "user", content: { type: "text", text: "Say hello." } }];
      return dress({ messages }, isModern, false);
    }
    default:
      return failure(-32601, `Method not found: ${method}`);
  }
}

/**
 * The answer to one request, in the era the request is written in: a request that carries a protocol version in its
 * `_meta` is modern. An era the server does not speak is refused as a real server of the other era would. Pure.
 */
export function answer(method: string, params: Message, options: EchoOptions): Answer {
  const version = objectAt(params, "_meta")[versionKey];
  const isModern = version !== undefined;
  if (isModern && options.era === "legacy") return failure(-32601, `Method not found: ${method}`);
  if (!isModern && options.era === "modern") return failure(-32602, `missing _meta member ${versionKey}`);
  if (isModern) {
    if (version !== modernVersion) {
      const data = { supported: [modernVersion], requested: version };
      return failure(-32022, "unsupported protocol version", data);
    }
    if (method === "server/discover") {
      return dress({ supportedVersions: [modernVersion], capabilities, serverInfo }, true, true);
    }
  } else {
    if (method === "initialize") return initialize(params);
    if (method === "ping" || method === "logging/setLevel") return { result: {} };
  }
  return answerEither(method, params, isModern, options);
}
