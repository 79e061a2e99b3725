import { isList, jsonEqual, jsonTypeOf } from "../../values/json.ts";
import type { JsonType, JsonValue } from "../../values/json.ts";
import { negate, truthOf } from "./kleene.ts";
import { kindOfText, normalText } from "./normal-text.ts";
import { absentNegative, absentPositive } from "./operator.ts";
import type { Comparison, Operator, Test } from "./operator.ts";

/**
 * `in` and `not_in`: equal to a member of a list. `in` compares text in normal form too where a match counts against the
 * call; `not_in` always takes it as given.
 */
export const membershipOperators: readonly Operator[] = [
  {
    name: "in",
    isNegative: false,
    takesList: true,
    defaultValue: undefined,
    whenAbsent: absentPositive,
    compile: (right, { matchCountsAgainst }) => memberOf(right, matchCountsAgainst),
    compare: ({ matchCountsAgainst }) => memberOfFact(matchCountsAgainst),
  },
  {
    name: "not_in",
    isNegative: true,
    takesList: true,
    defaultValue: undefined,
    whenAbsent: absentNegative,
    compile: (right) => {
      const test = memberOf(right, false);
      return (left, subject) => negate(test(left, subject));
    },
    compare: () => {
      const compare = memberOfFact(false);
      return (left, right, subject) => negate(compare(left, right, subject));
    },
  },
];

function memberOf(right: JsonValue, inNormalForm: boolean): Test {
  const members = isList(right) ? right : [];
  const types: ReadonlySet<JsonType> = new Set(members.map(jsonTypeOf));
  const scalars: ReadonlySet<JsonValue> = new Set(members.filter((member) => typeof member !== "object"));
  const branches = members.filter((member) => typeof member === "object");
  const texts = members.filter((member) => typeof member === "string");
  const normalTexts: ReadonlySet<string> = new Set(inNormalForm ? texts.map(normalText) : []);
  return (left) => {
    if (typeof left === "string") {
      if (texts.length === 0) return "cannotJudge";
      const kind = kindOfText(left);
      if (kind === "unjudgeable") return "cannotJudge";
      if (scalars.has(left)) return "holds";
      return truthOf(inNormalForm && normalTexts.has(kind === "ascii" ? left : normalText(left)));
    }
    if (!types.has(jsonTypeOf(left))) return "cannotJudge";
    return truthOf(scalars.has(left) || branches.some((member) => jsonEqual(left, member)));
  };
}

/** A list that is itself a fact: its members count as written ones would, nulls apart, which nothing equals. */
function memberOfFact(inNormalForm: boolean): Comparison {
  return (left, right, subject) => (isList(right) ? memberOf(right, inNormalForm)(left, subject) : "cannotJudge");
}
