import type { Problem } from "../../errors.ts";
import type { JsonObject } from "../../values/json.ts";

/** What became of one thing in the source: `same` decides as before, `changed` decides otherwise, `dropped` is not carried over. */
export type ImportSeverity = "same" | "changed" | "dropped";

/** Every code an {@link ImportNote} can carry, with one line on what it says. Codes are never reused. */
export const importCodes = {
  // the document
  already_current: "The text is a whole document of this language and is returned unchanged.",
  wrapper: "A fragment was given the `version` that it lacked.",
  version: "The version was written as a number.",
  default_allow: "A missing `default` meant allow; it is now written.",
  default_deny: "A fragment says nothing of other tools; they are denied.",
  doors_closed: "`deny` also closes resources, prompts and what the server asks of the client.",
  kept: "A member of this language is carried over as it is.",
  hide: "The hidden tools.",
  hide_entry: "An entry of `hide` was blank, repeated or a pattern.",
  wildcard: '`"*"` becomes `all_tools`, which never opens a tool.',
  pattern_name: "A tool name with a `*` in it was an exact name.",
  empty_rules: "A tool without rules.",
  key_moved: "An unknown key, kept for people under a name that starts with `x-`.",
  annotation: "Words for people that have no place in this language.",
  // rules
  require: "A rule that must hold becomes a `require` entry.",
  deny: "An unconditional denial becomes a `deny_if` entry that always holds.",
  deny_ignores: "A field that an unconditional denial makes idle.",
  approval: "A request for approval becomes an `approve_if` entry.",
  approval_conditions: "Which way the conditions of an approval point is not known, so every call asks.",
  approval_timeout: "A time for answering an approval.",
  allow: "A rule that allows adds nothing.",
  allow_conditions: "The conditions of an allowing rule must hold.",
  no_effect: "A rule or field that never had an effect.",
  reason: "A `reason` is what the agent is told, `on_deny`.",
  text_unused: "A text for which there is no room.",
  rule_unreadable: "A rule, or a part of it, has a shape that no dialect knows. The tool is closed.",
  key_unknown: "A key that no dialect knows. The tool is closed.",
  action_unknown: "An action that no dialect knows. The tool is closed.",
  conflict: "Two settings of one field differ. The tool is closed.",
  // conditions
  types: "Values were compared by their printed text; now their types must agree too.",
  regex_unanchored: "A pattern is found anywhere in the text, as before.",
  path_literal: "A name in a path with special characters, read as one name, as before.",
  path_unknown: "A path that leads nowhere in this language. The tool is closed.",
  operator_unknown: "An operator that no dialect knows. The tool is closed.",
  value_unusable: "A right side that has no equivalent. The tool is closed.",
  never_holds: "A condition that never held, so that every call was denied. The tool is closed.",
  // limits
  limit: "A count per window becomes a limit.",
  limit_bounds: "Several bounds on one counter; the smallest counts.",
  spend_limit: "A sum per window becomes a limit on an assumed argument.",
  rate_unreadable: "A rate that cannot be read. The tool is closed.",
  state_unreadable: "A `state` block that cannot be read. The tool is closed.",
  state_never_counted: "A counter without a bound of its own never counted.",
  state_elsewhere: "A condition on a counter that its own rule does not keep. The tool is closed.",
  state_operator: "A counter compared in a way that is no limit. The tool is closed.",
  counter_shared: "Two rules count in one counter. The tool is closed.",
  counter_renamed: "A limit whose name is taken by a limit from another place of the source.",
  increment_unusable: "An increment that has no equivalent. The tool is closed.",
} as const;

/** A code of {@link importCodes}. */
export type ImportCode = keyof typeof importCodes;

/** The codes of problems that only an import reports, with one line on what they say; the others are those of policies. */
export const importProblemCodes = {
  IMPORT_TOOL_MISSING: "The source is the rules of one tool, and nothing says of which.",
  IMPORT_TOOL_UNUSED: "A tool was named beside a source that names its tools itself.",
} as const;

/** One line of the report: what became of one place in the source. */
export interface ImportNote {
  readonly severity: ImportSeverity;
  /** RFC 6901 JSON pointer of the place in the source, `""` for the whole text. */
  readonly path: string;
  /** RFC 6901 JSON pointer of what it became in the result. */
  readonly target?: string;
  readonly code: ImportCode;
  /** Lower case, no full stop, user input in backticks. */
  readonly message: string;
}

/** What an import gives. */
export interface ImportResult {
  /** A whole version "1" document; undefined when a problem of severity `error` stopped the import. */
  readonly document: JsonObject | undefined;
  /** The members of the document first, then the tools, each in the order of the source. */
  readonly report: readonly ImportNote[];
  /** Sorted by place. */
  readonly problems: readonly Problem[];
}

/** Pure. User input as it stands in a message: in backticks, at most 100 characters. */
export function quoted(text: string): string {
  return `\`${text.length > 100 ? `${text.slice(0, 100)}…` : text}\``;
}
