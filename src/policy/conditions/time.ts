import { compareInstants, parseRfc3339 } from "../../values/rfc3339.ts";
import type { Instant } from "../../values/rfc3339.ts";
import type { JsonValue } from "../../values/json.ts";
import { truthOf } from "./kleene.ts";
import { absentPositive, refuseType } from "./operator.ts";
import type { Operator } from "./operator.ts";

/** `before` and `after`: instants in RFC 3339, compared exactly, whatever their offsets. */
export const timeOperators: readonly Operator[] = [
  timeOperator("before", (order) => order < 0),
  timeOperator("after", (order) => order > 0),
];

function timeOperator(name: string, isOrdered: (order: number) => boolean): Operator {
  const judge = (left: JsonValue, right: Instant): "holds" | "fails" | "cannotJudge" => {
    const instant = instantOf(left);
    return instant === undefined ? "cannotJudge" : truthOf(isOrdered(compareInstants(instant, right)));
  };
  return {
    name,
    isNegative: false,
    takesList: false,
    defaultValue: undefined,
    whenAbsent: absentPositive,
    compile: (right, scope) => {
      if (typeof right !== "string") return refuseType(name, "a string", scope);
      const instant = instantOf(right);
      if (instant !== undefined) return (left) => judge(left, instant);
      scope.report({
        severity: "error",
        code: "TIME_NOT_RFC3339",
        message: `\`${right}\` is not a time`,
        path: scope.valuePointer,
        hint: "write RFC 3339, as in `2026-11-30T18:00:00Z`",
      });
      return undefined;
    },
    compare: () => (left, right) => {
      const instant = instantOf(right);
      return instant === undefined ? "cannotJudge" : judge(left, instant);
    },
  };
}

function instantOf(value: JsonValue): Instant | undefined {
  return typeof value === "string" ? parseRfc3339(value) : undefined;
}
