import { jsonEqual, jsonTypeOf } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import { negate, truthOf } from "./kleene.ts";
import { isJudgeable, kindOfText, normalText } from "./normal-text.ts";
import { absentNegative, absentPositive } from "./operator.ts";
import type { Comparison, Operator, OperatorScope, Test } from "./operator.ts";

/** `eq` and `neq`: deep equality of JSON values, on text in normal form too where it counts against the call. */
export const equalityOperators: readonly Operator[] = [
  {
    name: "eq",
    isNegative: false,
    takesList: false,
    defaultValue: undefined,
    whenAbsent: absentPositive,
    compile: equalTo,
    compare: equalFacts,
  },
  {
    name: "neq",
    isNegative: true,
    takesList: false,
    defaultValue: undefined,
    whenAbsent: absentNegative,
    compile: (right, scope) => {
      const test = equalTo(right, scope);
      return (left, subject) => negate(test(left, subject));
    },
    compare: (scope) => {
      const compare = equalFacts(scope);
      return (left, right, subject) => negate(compare(left, right, subject));
    },
  },
];

function equalTo(right: JsonValue, { matchCountsAgainst }: OperatorScope): Test {
  if (typeof right === "string") {
    if (!matchCountsAgainst) return (left) => equalText(left, right);
    const normalRight = normalText(right);
    return (left) => equalNormalText(left, right, normalRight);
  }
  const type = jsonTypeOf(right);
  if (typeof right === "object")
    return (left) => (jsonTypeOf(left) === type ? truthOf(jsonEqual(left, right)) : "cannotJudge");
  const jsType = typeof right;
  return (left) => (typeof left === jsType ? truthOf(left === right) : "cannotJudge");
}

function equalFacts({ matchCountsAgainst }: OperatorScope): Comparison {
  return (left, right) => {
    if (typeof right !== "string") {
      return jsonTypeOf(left) === jsonTypeOf(right) ? truthOf(jsonEqual(left, right)) : "cannotJudge";
    }
    if (!isJudgeable(right)) return "cannotJudge";
    return matchCountsAgainst ? equalNormalText(left, right, normalText(right)) : equalText(left, right);
  };
}

function equalText(left: JsonValue, right: string): "holds" | "fails" | "cannotJudge" {
  if (typeof left !== "string" || !isJudgeable(left)) return "cannotJudge";
  return left === right ? "holds" : "fails";
}

function equalNormalText(left: JsonValue, right: string, normalRight: string): "holds" | "fails" | "cannotJudge" {
  if (typeof left !== "string") return "cannotJudge";
  const kind = kindOfText(left);
  if (kind === "unjudgeable") return "cannotJudge";
  if (left === right) return "holds";
  return truthOf((kind === "ascii" ? left : normalText(left)) === normalRight);
}
