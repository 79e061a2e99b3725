import type { JsonObject } from "../values/json.ts";
import type { Era } from "./eras/era.ts";
import {
  type Entry,
  type EntryListFault,
  type FilteredEntryList,
  filterEntryList,
  readEntryPage,
} from "./entry-list.ts";
import { isToolName } from "./tool-name.ts";

/** A tool of a server's list. */
export interface ToolEntry extends Entry {
  /** The entry's JSON text, as listed. */
  readonly text: string;
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
  | { readonly ok: false; readonly reason: EntryListFault };

const tools = { list: "tools", key: "name" } as const;

/** Pure. Reads the answer to a `tools/list` (the whole JSON-RPC message). */
export function readToolList(text: string): ToolListPage {
  const page = readEntryPage(text, tools);
  if (!page.ok) return page;
  const { entries, spans, repeated, nextCursor } = page;
  const callable = spans
    .flatMap(({ start, end }, index) =>
      entries.slice(index, index + 1).map((entry) => ({ ...entry, text: text.slice(start, end) })),
    )
    .filter(({ name }) => isToolName(name) && !repeated.has(name));
  return { ok: true, tools: callable, repeated: [...repeated], ...(nextCursor === undefined ? {} : { nextCursor }) };
}

/**
 * Pure. The answer to a `tools/list` (the whole JSON-RPC message) without the tools that `isKept` turns down, those
 * listed twice and those whose names cannot be called.
 */
export function filterToolList(
  text: string,
  isKept: (name: string, definition: JsonObject) => boolean,
  era: Era,
): FilteredEntryList {
  const isShown = (name: string, repeated: ReadonlySet<string>, definition: JsonObject): boolean =>
    isToolName(name) && !repeated.has(name) && isKept(name, definition);
  return filterEntryList(text, tools, isShown, era);
}
