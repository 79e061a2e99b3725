import { toPointer } from "../../values/pointer.ts";
import { isObject, jsonEqual, ownMember } from "../../values/json.ts";
import type { JsonObject, JsonValue } from "../../values/json.ts";
import type { ImportCode, ImportNote } from "./note.ts";
import { ruleLists } from "./vocabulary.ts";
import type { RuleList } from "./vocabulary.ts";

/** Takes one line of the report. */
export type Report = (note: ImportNote) => void;

/** The rules of one tool, or of all tools, while they are put together. */
export interface RulesDraft {
  /** Where they will stand in the result: `/tools/refund`, `/all_tools`. */
  readonly pointer: string;
  /** The scope of the tool's counters in the older language: the tool's name, `_global` for `"*"`. */
  readonly stateScope: string;
  readonly report: Report;
  readonly members: Map<string, JsonValue>;
  readonly lists: Map<RuleList, JsonValue[]>;
  /** Names of counters that `state` blocks of the source have used. */
  readonly stateCounters: Set<string>;
  /** The pointer of the entry that denies every call because something could not be carried over. */
  closedBy: string | undefined;
}

/** Pure. An empty draft for one tool, or for all tools when the name is undefined. */
export function draftRules(tool: string | undefined, report: Report): RulesDraft {
  return {
    pointer: tool === undefined ? "/all_tools" : toPointer(["tools", tool]),
    stateScope: tool ?? "_global",
    report,
    members: new Map(),
    lists: new Map(),
    stateCounters: new Set(),
    closedBy: undefined,
  };
}

/** Appends entries to a list of the draft, which is there from then on, and gives the pointer of the first in the result. */
export function addEntries(draft: RulesDraft, list: RuleList, entries: readonly JsonValue[]): string {
  const present = draft.lists.get(list) ?? [];
  draft.lists.set(list, [...present, ...entries]);
  return `${draft.pointer}/${list}/${present.length}`;
}

/** Appends one entry to a list of the draft and gives its pointer in the result. */
export function addEntry(draft: RulesDraft, list: RuleList, entry: JsonObject): string {
  return addEntries(draft, list, [entry]);
}

/** Pure. The counter names that the draft's limits have so far. */
export function counterNames(draft: RulesDraft): ReadonlySet<JsonValue | undefined> {
  return new Set(
    (draft.lists.get("limits") ?? []).map((limit) => (isObject(limit) ? ownMember(limit, "counter") : undefined)),
  );
}

/** Pure. The name, or with a number behind it the first that is free. */
export function freeCounterName(name: string, taken: ReadonlySet<JsonValue | undefined>): string {
  let free = name;
  for (let copy = 2; taken.has(free); copy += 1) free = `${name} ${copy}`;
  return free;
}

/** Sets a member of the draft; false when it is already set to something else. */
export function setMember(draft: RulesDraft, name: string, value: JsonValue): boolean {
  const present = draft.members.get(name);
  if (present !== undefined) return jsonEqual(present, value);
  draft.members.set(name, value);
  return true;
}

/**
 * Denies every call of the tool because the thing at `path` has no equivalent. Several such things share one entry.
 * INVARIANT: nothing that could have denied a call is left out of a result without this.
 */
export function closeTool(draft: RulesDraft, path: string, code: ImportCode, why: string): void {
  draft.closedBy ??= addEntry(draft, "deny_if", {
    name: "not imported",
    conditions: [],
    on_deny: "This tool is closed: one of its rules could not be imported and must be rewritten.",
  });
  const whose = draft.pointer === "/all_tools" ? "every tool is" : "the tool is";
  draft.report({
    severity: "dropped",
    path,
    target: draft.closedBy,
    code,
    message: `${why}; ${whose} denied until it is rewritten`,
  });
}

/** Pure. The rules as they stand in a document: members in the order they came, then the lists. */
export function finishRules(draft: RulesDraft): JsonObject {
  const lists = ruleLists.flatMap((name): [string, JsonValue][] => {
    const entries = draft.lists.get(name);
    return entries === undefined ? [] : [[name, entries]];
  });
  return Object.fromEntries<JsonValue>([...draft.members, ...lists]);
}
