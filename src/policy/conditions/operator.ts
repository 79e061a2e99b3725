import type { JsonValue } from "../../values/json.ts";
import type { ConditionProblem, Side, Subject, Truth } from "./condition.ts";
import type { Path } from "./paths.ts";

/** Judges a left side that is present and not null. Pure but for the subject's budget. */
export type Test = (left: JsonValue, subject: Subject) => Truth;

/** Where an operator stands, known when it is compiled. */
export interface OperatorScope {
  readonly side: Side;
  /**
   * Whether a match works against the call (deny side, or pass side under an odd number of `not`): then text is
   * compared in its normal form too, and a host on any port.
   */
  readonly matchCountsAgainst: boolean;
  /** The left side. */
  readonly path: Path;
  /** RFC 6901 pointer to the right side, for problems. */
  readonly valuePointer: string;
  readonly report: (problem: ConditionProblem) => void;
}

/** One operator of policy.md §2 "Operators". */
export interface Operator {
  readonly name: string;
  /** `neq` and `not_in`: what they hold on is that their positive form fails. */
  readonly isNegative: boolean;
  /** Whether the right side is a list, so that `{ "$list": name }` may stand there. */
  readonly takesList: boolean;
  /** The right side when none is written; undefined when one must be. */
  readonly defaultValue: JsonValue | undefined;
  /** Pure. The answer for a left side that is absent or null. */
  readonly whenAbsent: (side: Side, right: JsonValue) => Truth;
  /**
   * The test for a right side written in the policy: not null, `$list` resolved, not an empty list if one is taken,
   * its numbers exact, its type not yet checked. Undefined after a problem of severity error was reported.
   */
  readonly compile: (right: JsonValue, scope: OperatorScope) => Test | undefined;
  /**
   * Pure. The test for a right side that is a fact of the call (`value_from`), present, not null, not empty; undefined
   * when nothing can be compared with it. The member itself is undefined for operators without `value_from`.
   */
  readonly bind: ((right: JsonValue, matchCountsAgainst: boolean) => Test | undefined) | undefined;
}

/** Pure. The rule for every operator but `exists`: pass side cannot be judged; deny side, only the negative forms hold. */
function absentPositive(side: Side): Truth {
  return side === "pass" ? "cannotJudge" : "fails";
}

/** What most operators have in common: the left side has to be there, the right side is written and is no list. */
export const plainOperator: Pick<Operator, "isNegative" | "takesList" | "defaultValue" | "whenAbsent"> = {
  isNegative: false,
  takesList: false,
  defaultValue: undefined,
  whenAbsent: absentPositive,
};

/** {@link plainOperator} with a list on the right. */
export const listOperator: typeof plainOperator = { ...plainOperator, takesList: true };

/** Pure. For `neq` and `not_in`: on the deny side, what is absent is not equal to anything. */
export function absentNegative(side: Side): Truth {
  return side === "pass" ? "cannotJudge" : "holds";
}

/** Reports that the right side has the wrong type. `wanted` in words: `a number`. Returns undefined, for `compile`. */
export function refuseType(operator: string, wanted: string, scope: OperatorScope): undefined {
  scope.report({
    severity: "error",
    code: "CONDITION_RIGHT_SIDE_TYPE",
    message: `the right side of \`${operator}\` is not ${wanted}`,
    path: scope.valuePointer,
    hint: `write ${wanted} as \`value\``,
  });
  return undefined;
}
