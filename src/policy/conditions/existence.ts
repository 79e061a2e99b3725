import type { JsonValue } from "../../values/json.ts";
import { truthOf } from "./kleene.ts";
import { refuseType } from "./operator.ts";
import type { Operator, Test } from "./operator.ts";

/** `exists`: present and not null; with `false`, absent or null. Both sides answer alike. */
export const existenceOperators: readonly Operator[] = [
  {
    name: "exists",
    isNegative: false,
    takesList: false,
    defaultValue: true,
    whenAbsent: (_side, right) => truthOf(right === false),
    compile: (right, scope) => bind(right) ?? refuseType("exists", "a boolean", scope),
    bind,
  },
];

function bind(right: JsonValue): Test | undefined {
  if (typeof right !== "boolean") return undefined;
  const whenPresent = truthOf(right);
  return () => whenPresent;
}
