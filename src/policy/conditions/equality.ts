import { jsonEqual, jsonTypeOf } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import type { Truth } from "./condition.ts";
import { negated, truthOf } from "./kleene.ts";
import { isJudgeable, normalText } from "./normal-text.ts";
import { absentNegative, plainOperator } from "./operator.ts";
import type { Operator, Test } from "./operator.ts";

/**
 * `eq` and `neq`: deep equality of JSON values. Where being equal counts against the call (`eq` that denies, `neq` that
 * lets pass), text is compared in normal form too.
 */
export const equalityOperators: readonly Operator[] = [
  {
    ...plainOperator,
    name: "eq",
    compile: (right, { matchCountsAgainst }) => equalTo(right, matchCountsAgainst),
    bind: (right, matchCountsAgainst) => (isComparable(right) ? equalTo(right, matchCountsAgainst) : undefined),
  },
  {
    name: "neq",
    isNegative: true,
    takesList: false,
    defaultValue: undefined,
    whenAbsent: absentNegative,
    compile: (right, { matchCountsAgainst }) => negated(equalTo(right, !matchCountsAgainst)),
    bind: (right, matchCountsAgainst) =>
      isComparable(right) ? negated(equalTo(right, !matchCountsAgainst)) : undefined,
  },
];

function isComparable(right: JsonValue): boolean {
  return typeof right !== "string" || isJudgeable(right);
}

function equalTo(right: JsonValue, inNormalForm: boolean): Test {
  if (typeof right === "string") {
    if (!inNormalForm) return (left) => equalText(left, right);
    const normalRight = normalText(right);
    return (left) => equalNormalText(left, right, normalRight);
  }
  const type = jsonTypeOf(right);
  if (typeof right === "object")
    return (left) => (jsonTypeOf(left) === type ? truthOf(jsonEqual(left, right)) : "cannotJudge");
  const jsType = typeof right;
  return (left) => (typeof left === jsType ? truthOf(left === right) : "cannotJudge");
}

function equalText(left: JsonValue, right: string): Truth {
  if (typeof left !== "string" || !isJudgeable(left)) return "cannotJudge";
  return left === right ? "holds" : "fails";
}

function equalNormalText(left: JsonValue, right: string, normalRight: string): Truth {
  if (typeof left !== "string" || !isJudgeable(left)) return "cannotJudge";
  return truthOf(left === right || normalText(left) === normalRight);
}
