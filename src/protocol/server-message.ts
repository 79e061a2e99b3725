import { isObject, ownMember, type JsonObject, type JsonValue } from "../values/json.ts";
import { isEnvelopeVariant } from "./envelope.ts";
import { isRequestId, type RequestId } from "./jsonrpc.ts";
import { scanJson, serverScanLimits, type ScanReason } from "./scan.ts";

/** Why bytes from a server are no message. Stable: audit rows carry them. */
export type GarbageReason =
  | ScanReason
  | "not_an_object"
  | "jsonrpc_version"
  | "case_variant_key"
  | "id_invalid"
  | "result_and_error"
  | "neither_result_nor_error"
  | "result_invalid"
  | "error_invalid"
  | "method_and_result"
  | "method_invalid"
  | "params_not_object";

/** A server's answer. `text` is the message exactly as sent. */
export interface ServerResponse {
  readonly kind: "response";
  /** Null only in an error about a message whose id the server could not read. */
  readonly id: RequestId | null;
  readonly isError: boolean;
  /** The JSON-RPC error's code; undefined for a result. */
  readonly errorCode: number | undefined;
  /** Whether it is a tool result that says `isError: true`. */
  readonly isToolError: boolean;
  /** The result or the error. */
  readonly body: JsonObject;
  readonly text: string;
}

/** A request of a server's. `params` is `{}` when it has none. */
export interface ServerRequest {
  readonly kind: "request";
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
  readonly text: string;
}

/** A notification of a server's. `params` is `{}` when it has none. */
export interface ServerNotification {
  readonly kind: "notification";
  readonly method: string;
  readonly params: JsonObject;
  readonly text: string;
}

/** A message from a server. */
export type ServerMessage = ServerResponse | ServerRequest | ServerNotification;

/**
 * Bytes from a server that are no message, or one that could be read in two ways; never passed on. `id` is that of
 * the request it seems to answer, if any, so that the request need not wait for its time-out.
 */
export interface Garbage {
  readonly kind: "garbage";
  readonly reason: GarbageReason;
  readonly id: RequestId | undefined;
}

/** A request or notification of a server's that is malformed; never passed on. Its id, if any, names none of the client's. */
export interface Noise {
  readonly kind: "noise";
  readonly reason: GarbageReason;
}

/**
 * Pure. Reads one message from a server. Numbers of any precision and text cut inside a surrogate pair are let
 * through, since nothing is decided on them; keys that could be read in two ways are not.
 */
export function classifyServerMessage(bytes: Uint8Array): ServerMessage | Garbage | Noise {
  const scan = scanJson(bytes, serverScanLimits);
  if (!scan.ok) return { kind: "garbage", reason: scan.fault.reason, id: likelyId(bytes) };
  const { value: message, text } = scan;
  if (!isObject(message)) return { kind: "garbage", reason: "not_an_object", id: undefined };
  const sentId = ownMember(message, "id");
  const id = isRequestId(sentId) ? sentId : undefined;
  const garbage = (reason: GarbageReason): Garbage => ({ kind: "garbage", reason, id });
  if (message["jsonrpc"] !== "2.0") return garbage("jsonrpc_version");
  if (Object.keys(message).some(isEnvelopeVariant)) return garbage("case_variant_key");
  const method = ownMember(message, "method");
  if (method === undefined) return readResponse(message, id, text, garbage);
  if (Object.hasOwn(message, "id") && id === undefined) return garbage("id_invalid");
  if (Object.hasOwn(message, "result") || Object.hasOwn(message, "error")) return garbage("method_and_result");
  if (typeof method !== "string" || method === "") return { kind: "noise", reason: "method_invalid" };
  const params = Object.hasOwn(message, "params") ? message["params"] : {};
  if (!isObject(params)) return { kind: "noise", reason: "params_not_object" };
  return id === undefined
    ? { kind: "notification", method, params, text }
    : { kind: "request", id, method, params, text };
}

function readResponse(
  message: JsonObject,
  id: RequestId | undefined,
  text: string,
  garbage: (reason: GarbageReason) => Garbage,
): ServerResponse | Garbage {
  const result = ownMember(message, "result");
  const error = ownMember(message, "error");
  if (result !== undefined && error !== undefined) return garbage("result_and_error");
  if (result === undefined && error === undefined) return garbage("neither_result_nor_error");
  if (error !== undefined) return readError(message, error, id, text, garbage);
  if (id === undefined) return garbage("id_invalid");
  if (!isObject(result)) return garbage("result_invalid");
  const isToolError = ownMember(result, "isError") === true;
  return { kind: "response", id, isError: false, errorCode: undefined, isToolError, body: result, text };
}

function readError(
  message: JsonObject,
  error: JsonValue,
  id: RequestId | undefined,
  text: string,
  garbage: (reason: GarbageReason) => Garbage,
): ServerResponse | Garbage {
  if (id === undefined && message["id"] !== null) return garbage("id_invalid");
  const code = isObject(error) ? ownMember(error, "code") : undefined;
  if (!isObject(error) || typeof code !== "number" || !Number.isInteger(code) || typeof error["message"] !== "string") {
    return garbage("error_invalid");
  }
  return { kind: "response", id: id ?? null, isError: true, errorCode: code, isToolError: false, body: error, text };
}

const lenientDecoder = new TextDecoder();

/** The id that a careless reader would see in an answer that was refused. */
function likelyId(bytes: Uint8Array): RequestId | undefined {
  try {
    const message: JsonValue = JSON.parse(lenientDecoder.decode(bytes));
    const id = isObject(message) && !Object.hasOwn(message, "method") ? ownMember(message, "id") : undefined;
    return isRequestId(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
