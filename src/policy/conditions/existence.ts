import { truthOf } from "./kleene.ts";
import { refuseType } from "./operator.ts";
import type { Operator } from "./operator.ts";

/** `exists`: present and not null; with `false`, absent or null. Both sides answer alike. */
export const existenceOperators: readonly Operator[] = [
  {
    name: "exists",
    isNegative: false,
    takesList: false,
    defaultValue: true,
    whenAbsent: (_side, right) => (typeof right === "boolean" ? truthOf(!right) : "cannotJudge"),
    compile: (right, scope) => {
      if (typeof right !== "boolean") return refuseType("exists", "a boolean", scope);
      const whenPresent = truthOf(right);
      return () => whenPresent;
    },
    compare: () => (_left, right) => (typeof right === "boolean" ? truthOf(right) : "cannotJudge"),
  },
];
