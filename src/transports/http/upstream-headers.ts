import { ownVia } from "./via.ts";

/** Names and values by turns, as undici takes them. */
export type HeaderList = readonly string[];

/**
 * The headers of one request: the server's own, then what is set for this kind of request, then for this one; last this
 * process as the latest of those the message came through.
 */
export function headerList(
  fixed: HeaderList,
  base: HeaderList,
  more: Readonly<Record<string, string>>,
  authorization: HeaderList = [],
): string[] {
  const list = [...fixed, ...base, ...authorization];
  for (const name in more) list.push(name, more[name] ?? "");
  list.push("via", ownVia);
  return list;
}

const sessionIdCharacters = /^[\x21-\x7e]{1,1024}$/;

/** Pure. The session that an answer's headers open. `invalid` for one that the protocol does not allow (visible ASCII). */
export function readSessionId(value: unknown): { readonly id: string } | "none" | "invalid" {
  if (value === undefined) return "none";
  return typeof value === "string" && sessionIdCharacters.test(value) ? { id: value } : "invalid";
}

/**
 * Pure. An event id as a header's value. As a client sent it, each character stands for a byte already; any other is
 * sent as its UTF-8 bytes.
 */
export function eventIdValue(eventId: string): string {
  return /^[\x00-\xff]*$/.test(eventId) ? eventId : Buffer.from(eventId, "utf8").toString("latin1");
}
