import type { JsonValue } from "../values/json.ts";
import type { ToolReview } from "./call.ts";
import type { ApprovalTerms } from "./compiled.ts";
import type { ConditionContext } from "./conditions/condition.ts";
import type { ListSource, PolicyDocument } from "./document.ts";
import { nearestWord } from "../values/suggest.ts";
import type { FoundProblem } from "../documents/problem-list.ts";
import type { PolicyProblemCode } from "./problem-codes.ts";

/** A tool the server lists now, for the warnings at save. */
export interface KnownTool {
  readonly name: string;
  readonly inputSchema?: JsonValue;
  readonly review?: ToolReview;
}

/** `run`: one person, so the grant's owner may approve unless the document says otherwise. */
export type Profile = "run" | "serve";

/** A problem as a compiling step finds it. */
export type FoundPolicyProblem = FoundProblem<PolicyProblemCode>;

/** What every compiling step shares. */
export interface CompileContext {
  readonly document: PolicyDocument;
  readonly timeZone: string;
  readonly profile: Profile;
  /** Undefined when the server's list is not known. */
  readonly tools: readonly KnownTool[] | undefined;
  readonly conditions: ConditionContext;
  readonly report: (problem: FoundPolicyProblem) => void;
  /** Filled while compiling. */
  readonly approvals: Map<string, ApprovalTerms>;
}

/** Reports an error of the document. */
export function reportError(context: CompileContext, problem: Omit<FoundPolicyProblem, "severity">): void {
  context.report({ severity: "error", ...problem });
}

/** Reports a warning of the document. */
export function reportWarning(context: CompileContext, problem: Omit<FoundPolicyProblem, "severity">): void {
  context.report({ severity: "warning", ...problem });
}

/**
 * A list, or the members of the named list it refers to. A name without a list is reported, and so is a member that
 * `isMember` refuses; those are left out.
 */
export function resolveList<T extends string>(
  source: ListSource<T>,
  pointer: string,
  context: CompileContext,
  isMember: (value: JsonValue) => value is T,
): readonly T[] {
  if (!("$list" in source)) return source;
  const name = source.$list;
  const list = Object.hasOwn(context.conditions.lists, name) ? context.conditions.lists[name] : undefined;
  if (list === undefined) {
    const near = nearestWord(name, Object.keys(context.conditions.lists));
    reportError(context, {
      code: "LIST_UNKNOWN",
      message: `there is no list \`${name.slice(0, 100)}\` in \`lists\``,
      path: `${pointer}/$list`,
      hint: near === undefined ? "add it to `lists`, or write the list here" : `did you mean \`${near}\`?`,
    });
    return [];
  }
  const members = list.filter(isMember);
  if (members.length < list.length) {
    reportError(context, {
      code: "VALUE_UNKNOWN",
      message: `the list \`${name.slice(0, 100)}\` has a member that cannot stand here`,
      path: `${pointer}/$list`,
      hint: "use a list of names of the right kind",
    });
  }
  return members;
}
