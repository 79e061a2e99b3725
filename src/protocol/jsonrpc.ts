import type { JsonValue } from "../values/json.ts";

/** The id of a request: `1` and `"1"` are different ids. */
export type RequestId = string | number;

/** JSON-RPC 2.0 §5.1, the codes the protocol gives a meaning. */
export const jsonRpcErrorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
} as const;

/** Longest id that is a string, in UTF-16 units. */
const idCharactersMax = 128;

/** Pure. Whether a value may be the id of a request: a safe integer, or a string of at most 128 characters. */
export function isRequestId(value: JsonValue | undefined): value is RequestId {
  if (typeof value === "number") return Number.isSafeInteger(value);
  return typeof value === "string" && value.length <= idCharactersMax;
}
