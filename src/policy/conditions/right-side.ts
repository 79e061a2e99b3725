import { isList, isObject } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import { nearestWord } from "../../values/suggest.ts";
import type { ConditionContext } from "./condition.ts";
import type { Operator } from "./operator.ts";
import { quote } from "./quote.ts";

/**
 * The right side that a condition's `value` stands for: `{ "$list": name }` resolved, no null in it that could be
 * compared, a list not empty, every number exact. Its type is the operator's to check. Undefined after a problem was
 * reported.
 */
export function resolveValue(
  value: JsonValue,
  operator: Operator,
  pointer: string,
  context: ConditionContext,
): JsonValue | undefined {
  const fault = (code: string, message: string, hint: string): undefined => {
    context.report({ severity: "error", code, message, hint, path: pointer });
    return undefined;
  };
  const refuseNull = (): undefined =>
    fault("CONDITION_NULL", "`null` cannot be compared with", "use `exists` with `false`");
  if (value === null) return refuseNull();
  const right = isReference(value) ? resolveReference(value, operator, context, fault) : value;
  if (right === undefined) return undefined;
  if (!operator.takesList || !isList(right)) return checkParts(right, fault) ? right : undefined;
  if (right.length === 0) return fault("LIST_EMPTY", "the list is empty", "list a value, or drop the condition");
  if (right.includes(null)) return refuseNull();
  return checkParts(right, fault) ? right : undefined;
}

type Fault = (code: string, message: string, hint: string) => undefined;

function isReference(value: JsonValue): boolean {
  return isObject(value) && Object.hasOwn(value, "$list");
}

function resolveReference(
  value: JsonValue,
  operator: Operator,
  context: ConditionContext,
  fault: Fault,
): JsonValue | undefined {
  const name = isObject(value) && Object.keys(value).length === 1 ? value["$list"] : undefined;
  if (typeof name !== "string") {
    return fault("LIST_REFERENCE", "`$list` is not the name of a list, alone", 'write `{ "$list": "name" }`');
  }
  if (!operator.takesList) {
    return fault(
      "LIST_MISPLACED",
      `\`${operator.name}\` takes no list`,
      "use `in` to compare with each member of a list",
    );
  }
  if (!Object.hasOwn(context.lists, name)) {
    const near = nearestWord(name, Object.keys(context.lists));
    return fault(
      "LIST_UNKNOWN",
      `there is no list ${quote(name)}`,
      near === undefined ? "add it to the document's `lists`" : `did you mean ${quote(near)}?`,
    );
  }
  return context.lists[name];
}

/** Whether all below is fit to compare with: no `$list` deeper down, no number that two parsers would read differently. */
function checkParts(value: JsonValue, fault: Fault): boolean {
  if (typeof value === "number") {
    if (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))) return true;
    fault("CONDITION_NUMBER", `the number \`${value}\` is not exact`, "stay within 9007199254740991 either way");
    return false;
  }
  if (typeof value !== "object" || value === null) return true;
  if (isReference(value)) {
    fault("LIST_NESTED", "`$list` stands inside another value", "put it where the whole list stands");
    return false;
  }
  return Object.values(value).every((part) => checkParts(part, fault));
}
