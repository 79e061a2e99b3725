import type { JsonObject } from "../values/json.ts";
import { jsonRpcErrorCodes, type RequestId } from "./jsonrpc.ts";
import type { ScanFault, ScanReason } from "./scan.ts";

/** Why a client's message is refused as malformed. Stable: audit rows carry them. */
export type RejectReason =
  | ScanReason
  | "batch"
  | "not_an_object"
  | "jsonrpc_version"
  | "unexpected_member"
  | "case_variant_key"
  | "method_and_result"
  | "id_invalid"
  | "method_invalid"
  | "method_variant"
  | "notification_with_id"
  | "response_invalid"
  | "params_not_object"
  | "meta_invalid"
  | "reserved_meta"
  | "call_without_id"
  | "tool_name_invalid"
  | "arguments_not_object"
  | "header_repeated"
  | "header_mismatch"
  | "modern_meta_invalid"
  | "unsupported_version";

/** Why a message is malformed, and how to answer it. Nothing in it comes from the message but the id. */
export interface Rejection {
  readonly reason: RejectReason;
  /** The JSON-RPC error code. */
  readonly code: number;
  /** The HTTP status. */
  readonly status: number;
  /** For people; without values from the message. */
  readonly message: string;
  /** The request's id where it could be read and is valid, else null. */
  readonly id: RequestId | null;
  /** The error's `data`, where the protocol defines it. */
  readonly data?: JsonObject;
}

/** A message that is answered with an error and never judged or forwarded. */
export interface Rejected {
  readonly kind: "rejected";
  readonly rejection: Rejection;
}

const syntaxReasons: ReadonlySet<ScanReason> = new Set(["empty", "bom", "invalid_utf8", "invalid_json"]);

/** Pure. The rejection of bytes that are not one unambiguous JSON text. */
export function rejectScan(fault: ScanFault): Rejected {
  const code = syntaxReasons.has(fault.reason) ? jsonRpcErrorCodes.parseError : jsonRpcErrorCodes.invalidRequest;
  return reject(fault.reason, fault.message, null, code);
}

/** Pure. A rejection with HTTP status 400, and -32600 unless another code is given. */
export function reject(
  reason: RejectReason,
  message: string,
  id: RequestId | null,
  code: number = jsonRpcErrorCodes.invalidRequest,
): Rejected {
  return { kind: "rejected", rejection: { reason, code, status: 400, message, id } };
}
