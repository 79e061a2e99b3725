import { isList, isObject, ownMember, type JsonObject } from "../values/json.ts";
import type { Era } from "./eras/era.ts";
import { foldCase } from "./fold.ts";
import { scanText, serverScanLimits, type ScanReason } from "./scan.ts";
import { cutSpans, elementSpans, setMember, type Span } from "./spans.ts";
import { isToolName } from "./tool-name.ts";

/** Why the answer to a `tools/list` cannot be read. It is then withheld: what cannot be read cannot be filtered. */
export type ToolListFault =
  | ScanReason
  | "no_tools"
  | "case_variant_key"
  | "entry_not_an_object"
  | "entry_without_name"
  | "cursor_invalid";

/** One entry of a list. */
export interface ToolEntry {
  readonly name: string;
  /** The whole entry as listed. */
  readonly definition: JsonObject;
}

/** One page of a server's tools. */
export type ToolListPage =
  | {
      readonly ok: true;
      /** The entries whose tools can be called, in order; none of {@link repeated}. */
      readonly tools: readonly ToolEntry[];
      /** Names that the page lists more than once: neither definition can be trusted to be the one that runs. */
      readonly repeated: readonly string[];
      /** Present when there is a next page; may be empty. */
      readonly nextCursor?: string;
    }
  | { readonly ok: false; readonly reason: ToolListFault };

/** A page without what a client is not to see. */
export type FilteredToolList =
  | {
      readonly ok: true;
      readonly text: string;
      /** Entries cut out. */
      readonly removed: number;
      /** Names left in, in order. */
      readonly names: readonly string[];
      /** Names listed more than once, all of whose entries were cut. */
      readonly repeated: readonly string[];
    }
  | { readonly ok: false; readonly reason: ToolListFault };

/** Pure. Reads the answer to a `tools/list` (the whole JSON-RPC message). */
export function readToolList(text: string): ToolListPage {
  const page = readPage(text);
  if (!page.ok) return page;
  const { entries, repeated, nextCursor } = page;
  const tools = entries.filter(({ name }) => isToolName(name) && !repeated.has(name));
  return { ok: true, tools, repeated: [...repeated], ...(nextCursor === undefined ? {} : { nextCursor }) };
}

/**
 * Pure. The answer to a `tools/list` (the whole JSON-RPC message) without the tools that `isKept` turns down, those
 * listed twice and those whose names cannot be called. Entries are cut out of the text; every other character stays.
 *
 * In the modern era the answer leaves with `cacheScope: "private"`, cut or not: what one grant sees another may not,
 * and all pages of a list must share one scope (MCP 2026-07-28, Caching).
 */
export function filterToolList(text: string, isKept: (name: string) => boolean, era: Era): FilteredToolList {
  const page = readPage(text);
  if (!page.ok) return page;
  const { entries, spans, repeated } = page;
  const kept = entries.map(({ name }) => isToolName(name) && !repeated.has(name) && isKept(name));
  const names = entries.filter((_, index) => kept[index]).map(({ name }) => name);
  const removed = entries.length - names.length;
  const cut = removed === 0 ? text : cutSpans(text, spans, (index) => kept[index] === true);
  const shown = era === "modern" ? setMember(cut, ["result"], "cacheScope", '"private"') : cut;
  return { ok: true, text: shown, removed, names, repeated: [...repeated] };
}

type Page =
  | {
      readonly ok: true;
      readonly entries: readonly ToolEntry[];
      /** Where the entries stand, one each. */
      readonly spans: readonly Span[];
      readonly repeated: ReadonlySet<string>;
      readonly nextCursor: string | undefined;
    }
  | { readonly ok: false; readonly reason: ToolListFault };

function readPage(text: string): Page {
  const scan = scanText(text, serverScanLimits);
  if (!scan.ok) return { ok: false, reason: scan.fault.reason };
  const result = isObject(scan.value) ? ownMember(scan.value, "result") : undefined;
  const tools = isObject(result) ? ownMember(result, "tools") : undefined;
  const spans = elementSpans(text, ["result", "tools"]);
  if (spans === undefined || !isObject(result) || !isList(tools)) return { ok: false, reason: "no_tools" };
  if (hasVariant(result, ["tools", "nextCursor", "cacheScope"])) return { ok: false, reason: "case_variant_key" };
  const nextCursor = ownMember(result, "nextCursor") ?? undefined;
  if (nextCursor !== undefined && typeof nextCursor !== "string") return { ok: false, reason: "cursor_invalid" };
  const entries: ToolEntry[] = [];
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const definition of tools) {
    if (!isObject(definition)) return { ok: false, reason: "entry_not_an_object" };
    const name = ownMember(definition, "name");
    if (typeof name !== "string") return { ok: false, reason: "entry_without_name" };
    if (hasVariant(definition, ["name"])) return { ok: false, reason: "case_variant_key" };
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
    entries.push({ name, definition });
  }
  return { ok: true, entries, spans, repeated, nextCursor };
}

/** Whether a key would be taken for one of these by a reader that ignores case. */
function hasVariant(object: JsonObject, names: readonly string[]): boolean {
  return Object.keys(object).some(
    (key) => !names.includes(key) && names.some((name) => foldCase(name) === foldCase(key)),
  );
}
