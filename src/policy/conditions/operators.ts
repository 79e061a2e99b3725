import { equalityOperators } from "./equality.ts";
import { existenceOperators } from "./existence.ts";
import { filePathOperators } from "./file-path.ts";
import { lengthOperators } from "./length.ts";
import { membershipOperators } from "./membership.ts";
import { networkOperators } from "./network.ts";
import type { Operator } from "./operator.ts";
import { orderingOperators } from "./ordering.ts";
import { regexOperators } from "./regex.ts";
import { textOperators } from "./text.ts";
import { timeOperators } from "./time.ts";
import { urlOperators } from "./url.ts";

/** Every operator of the language, family by family, in the order of policy.md §2 "Operators". */
const families: readonly (readonly Operator[])[] = [
  equalityOperators,
  membershipOperators,
  orderingOperators,
  regexOperators,
  textOperators,
  existenceOperators,
  lengthOperators,
  timeOperators,
  networkOperators,
  urlOperators,
  filePathOperators,
];

const byName: ReadonlyMap<string, Operator> = new Map(families.flat().map((operator) => [operator.name, operator]));

/** The names of all operators, in the order of policy.md. */
export const operators: readonly string[] = [...byName.keys()];

/** Pure. The operator of that name, or undefined. */
export function findOperator(name: string): Operator | undefined {
  return byName.get(name);
}
