import { isObject, ownMember } from "../values/json.ts";
import { foldCase } from "./fold.ts";
import { gatewayMetaPrefix } from "./replies.ts";
import type { ServerResponse } from "./server-message.ts";
import { cutMembers } from "./spans.ts";

/** Pure. Whether a `_meta` key is one of the gateway's own, in any case. */
export function isGatewayMetaKey(key: string): boolean {
  return foldCase(key).startsWith(gatewayMetaPrefix);
}

/**
 * Pure. The text of a server's answer without the gateway's own keys in `result._meta`: a server must not be able to
 * sign in the gateway's name. Every other character stays.
 */
export function withoutGatewayMeta(response: ServerResponse): string {
  const meta = ownMember(response.body, "_meta");
  if (response.isError || !isObject(meta) || !Object.keys(meta).some(isGatewayMetaKey)) return response.text;
  return cutMembers(response.text, ["result", "_meta"], (name) => !isGatewayMetaKey(name));
}
