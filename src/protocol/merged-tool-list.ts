import type { JsonObject } from "../values/json.ts";
import type { Era } from "./eras/era.ts";
import type { RequestId } from "./jsonrpc.ts";
import { resultReply } from "./replies.ts";
import { memberSpan, replaceSpan, setMember } from "./spans.ts";

/** Pure. A tool's entry (its JSON text, as listed) under another name; every other character stays. */
export function renameEntry(entry: string, name: string): string {
  const span = memberSpan(entry, ["name"]);
  return span === undefined ? entry : replaceSpan(entry, span, JSON.stringify(name));
}

/**
 * Pure. The answer to a `tools/list` from entries of several servers, in their order, as one page. In the modern era it
 * is private, since what one grant sees another may not, and never fresh, since servers that were left out come back.
 */
export function mergedToolList(id: RequestId, entries: readonly string[], era: Era, meta: JsonObject): string {
  const modern = era === "modern" ? { resultType: "complete", ttlMs: 0, cacheScope: "private", _meta: meta } : {};
  return setMember(resultReply(id, modern), ["result"], "tools", `[${entries.join(",")}]`);
}
