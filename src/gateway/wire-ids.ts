import type { ServerResponse } from "../protocol/classify.ts";
import { metaKeys } from "../protocol/eras/modern.ts";
import type { RequestId } from "../protocol/jsonrpc.ts";
import { memberSpan, replaceSpan } from "../protocol/spans.ts";
import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";

/** Pure. A map key for a request id; `1` and `"1"` are different ids. */
export function keyOf(id: RequestId): string {
  return typeof id === "string" ? `s${id}` : `n${id}`;
}

/** Pure. The `progressToken` that a request asks progress under. */
export function progressTokenOf(params: JsonObject): JsonValue | undefined {
  const meta = params["_meta"];
  return isObject(meta) ? meta["progressToken"] : undefined;
}

/** Pure. The subscription that a notification or a closing result belongs to (MCP 2026-07-28, Subscriptions). */
export function subscriptionIdOf(body: JsonObject): RequestId | undefined {
  const meta = body["_meta"];
  const id = isObject(meta) ? meta[metaKeys.subscriptionId] : undefined;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

/** Pure. The text with the JSON of one member replaced; unchanged when there is no such member. */
export function replaceMember(text: string, path: readonly string[], json: string): string {
  const span = memberSpan(text, path);
  return span === undefined ? text : replaceSpan(text, span, json);
}

/** Pure. An answer's `text` under the id its client asked by, and a closing result's subscription likewise. */
export function answerUnder(clientId: RequestId, response: ServerResponse, text: string): string {
  if (clientId === response.id) return text;
  const answer = replaceMember(text, ["id"], JSON.stringify(clientId));
  return subscriptionIdOf(response.body) === response.id ? subscriptionUnder(clientId, "result", answer) : answer;
}

/** Pure. A message's `text` under the id by which its client subscribed. */
export function subscriptionUnder(clientId: RequestId, body: "params" | "result", text: string): string {
  return replaceMember(text, [body, "_meta", metaKeys.subscriptionId], JSON.stringify(clientId));
}

/** Pure. The notification that gives a request up. */
export function cancelledNotification(requestId: RequestId): string {
  return JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });
}
