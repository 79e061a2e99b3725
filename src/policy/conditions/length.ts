import { isList } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import { truthOf } from "./kleene.ts";
import { countCharacters, isJudgeable } from "./normal-text.ts";
import { absentPositive, refuseType } from "./operator.ts";
import type { Operator } from "./operator.ts";

/** `length_lte` and `length_gte`: code points of a text, members of a list or object. */
export const lengthOperators: readonly Operator[] = [
  lengthOperator("length_lte", (length, right) => length <= right),
  lengthOperator("length_gte", (length, right) => length >= right),
];

function lengthOperator(name: string, isWithin: (length: number, right: number) => boolean): Operator {
  const judge = (left: JsonValue, right: number): "holds" | "fails" | "cannotJudge" => {
    const length = lengthOf(left);
    return length === undefined ? "cannotJudge" : truthOf(isWithin(length, right));
  };
  return {
    name,
    isNegative: false,
    takesList: false,
    defaultValue: undefined,
    whenAbsent: absentPositive,
    compile: (right, scope) =>
      typeof right === "number" ? (left) => judge(left, right) : refuseType(name, "a number", scope),
    compare: () => (left, right) => (typeof right === "number" ? judge(left, right) : "cannotJudge"),
  };
}

/** Undefined for a value that has no length, and for text that no string operator judges. */
function lengthOf(value: JsonValue): number | undefined {
  if (typeof value === "string") return isJudgeable(value) ? countCharacters(value) : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  return isList(value) ? value.length : Object.keys(value).length;
}
