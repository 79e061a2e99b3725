import { isList, jsonEqual, jsonTypeOf } from "../../values/json.ts";
import type { JsonType, JsonValue } from "../../values/json.ts";
import { negated, truthOf } from "./kleene.ts";
import { isJudgeable, normalText } from "./normal-text.ts";
import { absentNegative, listOperator, refuseType } from "./operator.ts";
import type { Operator, Test } from "./operator.ts";

/**
 * `in` and `not_in`: equal to a member of a list. Where being one counts against the call (`in` that denies, `not_in`
 * that lets pass), text is compared in normal form too.
 */
export const membershipOperators: readonly Operator[] = [
  {
    ...listOperator,
    name: "in",
    compile: (right, scope) => memberOf(right, scope.matchCountsAgainst) ?? refuseType("in", "a list", scope),
    bind: memberOf,
  },
  {
    name: "not_in",
    isNegative: true,
    takesList: true,
    defaultValue: undefined,
    whenAbsent: absentNegative,
    compile: (right, scope) =>
      negated(memberOf(right, !scope.matchCountsAgainst)) ?? refuseType("not_in", "a list", scope),
    bind: (right, matchCountsAgainst) => negated(memberOf(right, !matchCountsAgainst)),
  },
];

/** Undefined when the right side is no list. */
function memberOf(members: JsonValue, inNormalForm: boolean): Test | undefined {
  if (!isList(members)) return undefined;
  const types: ReadonlySet<JsonType> = new Set(members.map(jsonTypeOf));
  const scalars: ReadonlySet<JsonValue> = new Set(members.filter((member) => typeof member !== "object"));
  const branches = members.filter((member) => typeof member === "object");
  const texts = members.filter((member) => typeof member === "string");
  const normalTexts: ReadonlySet<string> = new Set(inNormalForm ? texts.map(normalText) : []);
  return (left) => {
    if (typeof left === "string") {
      if (texts.length === 0) return "cannotJudge";
      if (!isJudgeable(left)) return "cannotJudge";
      return truthOf(scalars.has(left) || (inNormalForm && normalTexts.has(normalText(left))));
    }
    if (!types.has(jsonTypeOf(left))) return "cannotJudge";
    return truthOf(scalars.has(left) || branches.some((member) => jsonEqual(left, member)));
  };
}
