import { isList } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import { truthOf } from "./kleene.ts";
import { countCharacters, isJudgeable } from "./normal-text.ts";
import { plainOperator, refuseType } from "./operator.ts";
import type { Operator, Test } from "./operator.ts";

/** `length_lte` and `length_gte`: code points of a text, members of a list or object. */
export const lengthOperators: readonly Operator[] = [
  lengthOperator("length_lte", (length, right) => length <= right),
  lengthOperator("length_gte", (length, right) => length >= right),
];

function lengthOperator(name: string, isWithin: (length: number, right: number) => boolean): Operator {
  const bind = (right: JsonValue): Test | undefined => {
    if (typeof right !== "number") return undefined;
    return (left) => {
      const length = lengthOf(left);
      return length === undefined ? "cannotJudge" : truthOf(isWithin(length, right));
    };
  };
  return {
    ...plainOperator,
    name,
    compile: (right, scope) => bind(right) ?? refuseType(name, "a number", scope),
    bind,
  };
}

/** Undefined for a value that has no length, and for text that no string operator judges. */
function lengthOf(value: JsonValue): number | undefined {
  if (typeof value === "string") return isJudgeable(value) ? countCharacters(value) : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  return isList(value) ? value.length : Object.keys(value).length;
}
