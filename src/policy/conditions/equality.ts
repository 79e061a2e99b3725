import { jsonEqual, jsonTypeOf } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import { negate, truthOf } from "./kleene.ts";
import { isJudgeable, kindOfText, normalText } from "./normal-text.ts";
import { absentNegative, absentPositive } from "./operator.ts";
import type { Comparison, Operator, Test } from "./operator.ts";

/**
 * `eq` and `neq`: deep equality of JSON values. `eq` compares text in normal form too where a match counts against the
 * call; `neq` always takes it as given.
 */
export const equalityOperators: readonly Operator[] = [
  {
    name: "eq",
    isNegative: false,
    takesList: false,
    defaultValue: undefined,
    whenAbsent: absentPositive,
    compile: (right, { matchCountsAgainst }) => equalTo(right, matchCountsAgainst),
    compare: ({ matchCountsAgainst }) => equalFacts(matchCountsAgainst),
  },
  {
    name: "neq",
    isNegative: true,
    takesList: false,
    defaultValue: undefined,
    whenAbsent: absentNegative,
    compile: (right) => {
      const test = equalTo(right, false);
      return (left, subject) => negate(test(left, subject));
    },
    compare: () => {
      const compare = equalFacts(false);
      return (left, right, subject) => negate(compare(left, right, subject));
    },
  },
];

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

function equalFacts(inNormalForm: boolean): Comparison {
  return (left, right) => {
    if (typeof right !== "string") {
      return jsonTypeOf(left) === jsonTypeOf(right) ? truthOf(jsonEqual(left, right)) : "cannotJudge";
    }
    if (!isJudgeable(right)) return "cannotJudge";
    return inNormalForm ? equalNormalText(left, right, normalText(right)) : equalText(left, right);
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
