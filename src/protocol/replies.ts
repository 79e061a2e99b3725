import type { JsonObject, JsonValue } from "../values/json.ts";
import type { Era } from "./eras/era.ts";
import { jsonRpcErrorCodes, type RequestId } from "./jsonrpc.ts";

/** JSON-RPC 2.0 §5.1. */
export { jsonRpcErrorCodes as jsonRpcCodes } from "./jsonrpc.ts";

/**
 * The gateway's own JSON-RPC error codes, outside the ranges that JSON-RPC and MCP reserve (-32768 to -32000), by the
 * code of the fault. A refused method is -32601 and an unknown tool -32602, as everywhere.
 */
export const gatewayErrorCodes = {
  /** The policy denies it; `data` says which rule. Calls of tools are denied with a tool result instead. */
  POLICY_DENIED: -31000,
  /** The server could not be started or reached. Nothing was sent. */
  UPSTREAM_START_FAILED: -31001,
  /** The server ended before it answered. */
  UPSTREAM_EXITED: -31002,
  /** The server did not answer in time. */
  UPSTREAM_TIMEOUT: -31003,
  /** The server's answer cannot be read, or could be read in two ways, and was withheld. */
  UPSTREAM_GARBAGE: -31004,
  /** Too much waits for the server, and nothing was sent; or the server itself says that it is overloaded. */
  UPSTREAM_OVERLOADED: -31005,
  /** No grant, or none that is good for this server. */
  UNAUTHORIZED: -31006,
  /** The server refuses the gateway's own credentials. */
  UPSTREAM_REFUSED: -31007,
  /** The server has forgotten the session; the client begins a new one. */
  UPSTREAM_SESSION_ENDED: -31008,
  /** The gateway has no credentials that it may use at the server. Nothing was sent. */
  UPSTREAM_CREDENTIALS: -31009,
} as const;

/** Where a denial carries its machine-readable part, in a result's `_meta`. */
const decisionMetaKey = "callgate/decision";

/** The prefix of the gateway's `_meta` keys. Refused in what clients send, stripped from what servers answer. */
export const gatewayMetaPrefix = "callgate/";

/** Every text of a denial begins with it. */
const denialPrefix = "[POLICY DENIED] ";

/** What the agent is told of a denial: a sentence, and `outcome`, `code`, `rule`, `requestId`, ... as data. */
export interface Denial {
  readonly message: string;
  readonly meta: JsonObject;
}

/** Pure. One JSON-RPC answer with a result, as one line of JSON. */
export function resultReply(id: RequestId, result: JsonObject): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

/** Pure. One JSON-RPC answer with an error, as one line of JSON. The id is null when the request's could not be read. */
export function errorReply(id: RequestId | null, code: number, message: string, data?: JsonValue): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, ...(data === undefined ? {} : { data }) } });
}

/** Pure. A denied `tools/call`: a tool result that the model can read and react to (policy.md §4). */
export function denialReply(id: RequestId, denial: Denial, era: Era): string {
  return resultReply(id, {
    ...(era === "modern" ? { resultType: "complete" } : {}),
    content: [{ type: "text", text: denialPrefix + denial.message }],
    isError: true,
    _meta: { [decisionMetaKey]: denial.meta },
  });
}

/** Pure. A call of a hidden tool, and of one that does not exist: the same bytes. */
export function unknownToolReply(id: RequestId, name: string): string {
  return errorReply(id, jsonRpcErrorCodes.invalidParams, `Unknown tool: ${name}`);
}

/** Pure. A denied request other than a `tools/call`: an error whose data is that of the decision. */
export function doorDenialReply(id: RequestId, denial: Denial): string {
  return errorReply(id, gatewayErrorCodes.POLICY_DENIED, denialPrefix + denial.message, denial.meta);
}

/** Pure. A list without entries, for a door that is closed. */
export function emptyListReply(id: RequestId, list: string, era: Era): string {
  const modern = era === "modern" ? { resultType: "complete", ttlMs: 0, cacheScope: "private" } : {};
  return resultReply(id, { ...modern, [list]: [] });
}
