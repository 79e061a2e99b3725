import { compareInstants, parseRfc3339 } from "../../values/rfc3339.ts";
import type { Instant } from "../../values/rfc3339.ts";
import type { JsonValue } from "../../values/json.ts";
import { truthOf } from "./kleene.ts";
import { plainOperator, refuseType } from "./operator.ts";
import type { Operator, OperatorScope, Test } from "./operator.ts";
import { quote } from "./quote.ts";

/** `before` and `after`: instants in RFC 3339, compared exactly, whatever their offsets. */
export const timeOperators: readonly Operator[] = [
  timeOperator("before", (order) => order < 0),
  timeOperator("after", (order) => order > 0),
];

function timeOperator(name: string, isOrdered: (order: number) => boolean): Operator {
  const bind = (right: JsonValue): Test | undefined => {
    const bound = instantOf(right);
    if (bound === undefined) return undefined;
    return (left) => {
      const instant = instantOf(left);
      return instant === undefined ? "cannotJudge" : truthOf(isOrdered(compareInstants(instant, bound)));
    };
  };
  return {
    ...plainOperator,
    name,
    compile: (right, scope) => {
      if (typeof right !== "string") return refuseType(name, "a string", scope);
      return bind(right) ?? refuseTime(right, scope);
    },
    bind,
  };
}

function instantOf(value: JsonValue): Instant | undefined {
  return typeof value === "string" ? parseRfc3339(value) : undefined;
}

function refuseTime(text: string, scope: OperatorScope): undefined {
  scope.report({
    severity: "error",
    code: "TIME_NOT_RFC3339",
    message: `${quote(text)} is not a time`,
    path: scope.valuePointer,
    hint: "write RFC 3339, as in `2026-11-30T18:00:00Z`",
  });
  return undefined;
}
