import { isObject, ownMember, type JsonObject, type JsonValue } from "../values/json.ts";
import { envelopeFault, readParams } from "./envelope.ts";
import { eraOf } from "./era-of.ts";
import type { Era } from "./eras/era.ts";
import { isRequestId, jsonRpcErrorCodes, type RequestId } from "./jsonrpc.ts";
import { isMethodVariant } from "./methods.ts";
import { noHeaders, type MirrorHeaders } from "./mirror-headers.ts";
import { reject, rejectScan, type Rejected } from "./rejection.ts";
import { scanJson } from "./scan.ts";
import { isToolName } from "./tool-name.ts";

export type { Rejected, Rejection } from "./rejection.ts";
export { classifyServerMessage } from "./server-message.ts";
export type { ServerNotification, ServerRequest, ServerResponse } from "./server-message.ts";

/** How a message came in. */
export interface ClassifyContext {
  readonly transport: "http" | "stdio";
  /** Over HTTP: the headers that mirror the body. Absent counts as none sent. */
  readonly headers?: MirrorHeaders | undefined;
}

/** What a `tools/call` asks for. */
export interface ToolCall {
  /** Exactly as written, after unescaping; 1 to 128 characters. */
  readonly name: string;
  /** The arguments; `{}` when the call carries none or null. */
  readonly args: JsonObject;
}

/** A request of a client's. `params` and `meta` (`params._meta`, the client's own claims) are `{}` when absent. */
export interface ClientRequest {
  readonly kind: "request";
  readonly era: Era;
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: JsonObject;
  /** The message exactly as sent. */
  readonly text: string;
  /** Set exactly when the method is `tools/call`. */
  readonly call?: ToolCall;
}

/** A notification of a client's; members as in {@link ClientRequest}. */
export interface ClientNotification {
  readonly kind: "notification";
  readonly era: Era;
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: JsonObject;
  readonly text: string;
}

/** A client's answer to a request of the server's (legacy era only). */
export interface ClientResponse {
  readonly kind: "response";
  readonly id: RequestId;
  readonly outcome: "result" | "error";
  /** The result or the error. */
  readonly body: JsonObject;
  readonly text: string;
}

/** A well-formed message from a client. */
export type ClientMessage = ClientRequest | ClientNotification | ClientResponse;

const methodCharactersMax = 128;
const openingBracket = 91;

/**
 * Pure. Reads one message from a client: what it is, and in which era it speaks, or why it is malformed. What two
 * parsers could read differently, and what its own headers contradict, is never a {@link ClientMessage}.
 *
 * A legacy message is never answered with a code of the modern era, which clients would take for a modern server.
 */
export function classifyClientMessage(bytes: Uint8Array, context: ClassifyContext): ClientMessage | Rejected {
  if (firstByte(bytes) === openingBracket) return reject("batch", "batches are not accepted; send one message", null);
  const scan = scanJson(bytes);
  if (!scan.ok) return rejectScan(scan.fault);
  const { value: message, text } = scan;
  if (!isObject(message)) return reject("not_an_object", "the message is not a JSON object", null);
  const sentId = ownMember(message, "id");
  const id = isRequestId(sentId) ? sentId : null;
  const fault = envelopeFault(message, id);
  if (fault !== undefined) return fault;
  const method = ownMember(message, "method");
  if (method === undefined) return readResponse(message, id, text);
  return readMessage(message, method, id, text, context);
}

/** The first byte that is no JSON white space. */
function firstByte(bytes: Uint8Array): number | undefined {
  let at = 0;
  while (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9) at += 1;
  return bytes[at];
}

function readResponse(message: JsonObject, id: RequestId | null, text: string): ClientMessage | Rejected {
  const outcome = Object.hasOwn(message, "result") ? "result" : "error";
  const body = ownMember(message, outcome);
  const extra = outcome === "result" && Object.hasOwn(message, "error");
  if (id === null || extra || Object.hasOwn(message, "params") || !isObject(body)) {
    return reject("response_invalid", "the message is neither a request nor a notification nor an answer", id);
  }
  return { kind: "response", id, outcome, body, text };
}

function readMessage(
  message: JsonObject,
  method: JsonValue,
  id: RequestId | null,
  text: string,
  context: ClassifyContext,
): ClientMessage | Rejected {
  if (Object.hasOwn(message, "result") || Object.hasOwn(message, "error")) {
    return reject("method_and_result", "the message has both `method` and `result` or `error`", id);
  }
  if (typeof method !== "string" || method === "" || method.length > methodCharactersMax) {
    return reject("method_invalid", "`method` is not a string of 1 to 128 characters", id);
  }
  if (isMethodVariant(method)) {
    return reject("method_variant", "unknown method; names are exact", id, jsonRpcErrorCodes.methodNotFound);
  }
  if (id !== null && method.startsWith("notifications/")) {
    return reject("notification_with_id", "a notification has no `id`", id, jsonRpcErrorCodes.methodNotFound);
  }
  const read = readParams(message, id);
  if ("kind" in read) return read;
  const { params, meta } = read;
  const headers = context.transport === "http" ? (context.headers ?? noHeaders) : undefined;
  const era = eraOf({ method, params, meta, id, headers });
  if (typeof era !== "string") return era;
  if (method !== "tools/call") {
    return id === null
      ? { kind: "notification", era, method, params, meta, text }
      : { kind: "request", era, id, method, params, meta, text };
  }
  if (id === null) return reject("call_without_id", "a tools/call needs an `id`", null);
  const call = readCall(params, id);
  return "kind" in call ? call : { kind: "request", era, id, method, params, meta, text, call };
}

function readCall(params: JsonObject, id: RequestId): ToolCall | Rejected {
  const name = ownMember(params, "name");
  if (!isToolName(name)) {
    const message = "the tool's name is not a string of 1 to 128 characters";
    return reject("tool_name_invalid", message, id, jsonRpcErrorCodes.invalidParams);
  }
  const args = ownMember(params, "arguments") ?? {};
  if (isObject(args)) return { name, args };
  return reject("arguments_not_object", "`arguments` is not an object", id, jsonRpcErrorCodes.invalidParams);
}
