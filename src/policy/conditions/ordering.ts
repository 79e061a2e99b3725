import type { JsonValue } from "../../values/json.ts";
import { truthOf } from "./kleene.ts";
import { plainOperator, refuseType } from "./operator.ts";
import type { Operator, Test } from "./operator.ts";

/**
 * `lt`, `lte`, `gt`, `gte`. Numbers reach a rule only when their exact decimal value is that of their double's shortest
 * form (policy.md §2 "Numbers"), and shortest forms are ordered as the doubles are: comparing doubles is exact.
 */
export const orderingOperators: readonly Operator[] = [
  ordering("lt", (left, right) => left < right),
  ordering("lte", (left, right) => left <= right),
  ordering("gt", (left, right) => left > right),
  ordering("gte", (left, right) => left >= right),
];

function ordering(name: string, isOrdered: (left: number, right: number) => boolean): Operator {
  const bind = (right: JsonValue): Test | undefined => {
    if (!isNumber(right)) return undefined;
    return (left) => (isNumber(left) ? truthOf(isOrdered(left, right)) : "cannotJudge");
  };
  return {
    ...plainOperator,
    name,
    compile: (right, scope) => bind(right) ?? refuseType(name, "a number", scope),
    bind,
  };
}

/** Infinity cannot come from JSON text, but a program that embeds the policy engine may pass it. */
function isNumber(value: JsonValue): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
