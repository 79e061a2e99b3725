import { metaKeys } from "../protocol/eras/modern.ts";
import type { RequestId } from "../protocol/jsonrpc.ts";
import { resultReply } from "../protocol/replies.ts";

/** Pure. The answer with which the gateway ends a stream of changes (MCP 2026-07-28, Subscriptions). */
export function subscriptionEnd(id: RequestId): string {
  return resultReply(id, { resultType: "complete", _meta: { [metaKeys.subscriptionId]: id } });
}
