import { isList, isObject, ownMember, type JsonObject } from "../values/json.ts";
import type { Era } from "./eras/era.ts";
import { foldCase } from "./fold.ts";
import { scanText, serverScanLimits, type ScanReason } from "./scan.ts";
import { cutSpans, elementSpans, setMember, type Span } from "./spans.ts";

/** Which member of a result is the list, and which member of its entries names them. */
export interface EntryListKind {
  readonly list: string;
  readonly key: string;
}

/** The lists of the protocol besides tools, by method. */
export const entryLists: Readonly<Record<string, EntryListKind>> = {
  "resources/list": { list: "resources", key: "uri" },
  "resources/templates/list": { list: "resourceTemplates", key: "uriTemplate" },
  "prompts/list": { list: "prompts", key: "name" },
  "tasks/list": { list: "tasks", key: "taskId" },
};

/** Why the answer to a list request cannot be read. It is then withheld: what cannot be read cannot be filtered. */
export type EntryListFault =
  | ScanReason
  | "no_list"
  | "case_variant_key"
  | "entry_not_an_object"
  | "entry_without_name"
  | "cursor_invalid";

/** One entry of a list. */
export interface Entry {
  readonly name: string;
  /** The whole entry as listed. */
  readonly definition: JsonObject;
}

/** One page of a list, with where its entries stand. */
export type EntryPage =
  | {
      readonly ok: true;
      readonly entries: readonly Entry[];
      /** One for each entry. */
      readonly spans: readonly Span[];
      /** Names listed more than once. */
      readonly repeated: ReadonlySet<string>;
      readonly nextCursor: string | undefined;
    }
  | { readonly ok: false; readonly reason: EntryListFault };

/** A page without what a client is not to see. */
export type FilteredEntryList =
  | {
      readonly ok: true;
      readonly text: string;
      /** Entries cut out. */
      readonly removed: number;
      /** Names left in, in order. */
      readonly names: readonly string[];
      /** Names listed more than once. */
      readonly repeated: readonly string[];
    }
  | { readonly ok: false; readonly reason: EntryListFault };

/** Pure. Reads one page of a list (the whole JSON-RPC answer). */
export function readEntryPage(text: string, { list, key }: EntryListKind): EntryPage {
  const scan = scanText(text, serverScanLimits);
  if (!scan.ok) return { ok: false, reason: scan.fault.reason };
  const result = isObject(scan.value) ? ownMember(scan.value, "result") : undefined;
  const items = isObject(result) ? ownMember(result, list) : undefined;
  const spans = elementSpans(text, ["result", list]);
  if (spans === undefined || !isObject(result) || !isList(items)) return { ok: false, reason: "no_list" };
  if (hasVariant(result, [list, "nextCursor", "cacheScope"])) return { ok: false, reason: "case_variant_key" };
  const nextCursor = ownMember(result, "nextCursor") ?? undefined;
  if (nextCursor !== undefined && typeof nextCursor !== "string") return { ok: false, reason: "cursor_invalid" };
  const entries: Entry[] = [];
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const definition of items) {
    if (!isObject(definition)) return { ok: false, reason: "entry_not_an_object" };
    const name = ownMember(definition, key);
    if (typeof name !== "string") return { ok: false, reason: "entry_without_name" };
    if (hasVariant(definition, [key])) return { ok: false, reason: "case_variant_key" };
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
    entries.push({ name, definition });
  }
  return { ok: true, entries, spans, repeated, nextCursor };
}

/**
 * Pure. A page without the entries that `isKept` turns down, cut out of the text; every other character stays. In the
 * modern era the answer leaves with `cacheScope: "private"`, cut or not: what one grant sees another may not, and all
 * pages of a list must share one scope (MCP 2026-07-28, Caching).
 */
export function filterEntryList(
  text: string,
  kind: EntryListKind,
  isKept: (name: string, repeated: ReadonlySet<string>, definition: JsonObject) => boolean,
  era: Era,
): FilteredEntryList {
  const page = readEntryPage(text, kind);
  if (!page.ok) return page;
  const { entries, spans, repeated } = page;
  const kept = entries.map(({ name, definition }) => isKept(name, repeated, definition));
  const names = entries.filter((_, index) => kept[index]).map(({ name }) => name);
  const removed = entries.length - names.length;
  const cut = removed === 0 ? text : cutSpans(text, spans, (index) => kept[index] === true);
  const shown = era === "modern" ? setMember(cut, ["result"], "cacheScope", '"private"') : cut;
  return { ok: true, text: shown, removed, names, repeated: [...repeated] };
}

/** Whether a key would be taken for one of these by a reader that ignores case. */
function hasVariant(object: JsonObject, names: readonly string[]): boolean {
  return Object.keys(object).some(
    (key) => !names.includes(key) && names.some((name) => foldCase(name) === foldCase(key)),
  );
}
