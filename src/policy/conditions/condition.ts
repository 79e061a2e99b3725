import type { JsonValue } from "../../values/json.ts";
import type { Call, Facts } from "../call.ts";

/** Kleene's three results. `cannotJudge` never lets a call pass: `require` needs `holds`, the deny side fires on both others. */
export type Truth = "holds" | "fails" | "cannotJudge";

/** `pass` is `require`; `deny` is `deny_if`, `approve_if` and flows. */
export type Side = "pass" | "deny";

/** A condition as it stands in a document, its shape already checked: exactly one of the four forms, `op` known. */
export type ConditionSource =
  | { readonly path: string; readonly op: string; readonly value?: JsonValue; readonly value_from?: string }
  | { readonly any: readonly ConditionSource[] }
  | { readonly all: readonly ConditionSource[] }
  | { readonly not: ConditionSource };

/** What a condition is evaluated on. One per call; `regexBudget` is used up by every pattern of the call. */
export interface Subject {
  readonly call: Call;
  readonly facts: Facts;
  /** The policy's `time_zone`, for `time.*`. */
  readonly timeZone: string;
  /** Instructions times characters left (starts at 5 million); a pattern that would need more cannot be judged. */
  regexBudget: number;
}

/** A condition ready to evaluate. */
export interface CompiledCondition {
  /** RFC 6901 pointer to the condition in its document. */
  readonly pointer: string;
  /** Pure but for the subject's budget. */
  readonly evaluate: (subject: Subject) => Truth;
  /** The paths it reads, as written, its `value_from` included; for warnings. */
  readonly paths: readonly string[];
}

/** A problem found while compiling, still without line and column (the caller adds them from the pointer). */
export interface ConditionProblem {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly message: string;
  /** RFC 6901 pointer to the place. */
  readonly path: string;
  readonly hint: string;
}

/** What compiling a condition may look at and report to. */
export interface ConditionContext {
  /** The document's `lists`, already checked to be lists of scalars. */
  readonly lists: Readonly<Record<string, readonly JsonValue[]>>;
  readonly report: (problem: ConditionProblem) => void;
}
