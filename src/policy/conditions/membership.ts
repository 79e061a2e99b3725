import { isList, jsonEqual, jsonTypeOf } from "../../values/json.ts";
import type { JsonType, JsonValue } from "../../values/json.ts";
import { negate, truthOf } from "./kleene.ts";
import { kindOfText, normalText } from "./normal-text.ts";
import { absentNegative, absentPositive } from "./operator.ts";
import type { Comparison, Operator, OperatorScope, Test } from "./operator.ts";

/** `in` and `not_in`: equal to a member of a list. */
export const membershipOperators: readonly Operator[] = [
  {
    name: "in",
    isNegative: false,
    takesList: true,
    defaultValue: undefined,
    whenAbsent: absentPositive,
    compile: memberOf,
    compare: memberOfFact,
  },
  {
    name: "not_in",
    isNegative: true,
    takesList: true,
    defaultValue: undefined,
    whenAbsent: absentNegative,
    compile: (right, scope) => {
      const test = memberOf(right, scope);
      return (left, subject) => negate(test(left, subject));
    },
    compare: (scope) => {
      const compare = memberOfFact(scope);
      return (left, right, subject) => negate(compare(left, right, subject));
    },
  },
];

function memberOf(right: JsonValue, { matchCountsAgainst }: OperatorScope): Test {
  const members = isList(right) ? right : [];
  const types: ReadonlySet<JsonType> = new Set(members.map(jsonTypeOf));
  const scalars: ReadonlySet<JsonValue> = new Set(members.filter((member) => typeof member !== "object"));
  const branches = members.filter((member) => typeof member === "object");
  const texts = members.filter((member) => typeof member === "string");
  const normalTexts: ReadonlySet<string> = new Set(matchCountsAgainst ? texts.map(normalText) : []);
  return (left) => {
    if (typeof left === "string") {
      if (texts.length === 0) return "cannotJudge";
      const kind = kindOfText(left);
      if (kind === "unjudgeable") return "cannotJudge";
      if (scalars.has(left)) return "holds";
      return truthOf(matchCountsAgainst && normalTexts.has(kind === "ascii" ? left : normalText(left)));
    }
    if (!types.has(jsonTypeOf(left))) return "cannotJudge";
    return truthOf(scalars.has(left) || branches.some((member) => jsonEqual(left, member)));
  };
}

/** A list that is itself a fact: its members count as written ones would, nulls apart, which nothing equals. */
function memberOfFact(scope: OperatorScope): Comparison {
  return (left, right, subject) => (isList(right) ? memberOf(right, scope)(left, subject) : "cannotJudge");
}
