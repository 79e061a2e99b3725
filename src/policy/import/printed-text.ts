import { jsonTypeOf } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";

// The older engine compared two numbers as doubles and everything else by the text that Go prints for it (`%v`).

/** Pure. Whether a text could be what the older engine printed for something that is no text. */
export function mayBePrintedForm(text: string): boolean {
  return /^(?:true$|false$|<nil>$|NaN$|[-+]Inf$|[-+]?\d|\[|map\[)/.test(text);
}

/**
 * Pure. The members of a `not_in` list that exclude at least what the older engine excluded. In a list of one type a
 * value of another type cannot be judged and is denied; in a mixed list it is judged, so the printed counterparts of
 * each member are listed too.
 */
export function excludedMembers(members: readonly JsonValue[]): JsonValue[] {
  const present = members.map((member) => member ?? "<nil>");
  if (new Set(present.map(jsonTypeOf)).size === 1) return present;
  return [...new Set([...present, ...present.flatMap(counterparts)])];
}

/** Values of other types that the older engine held equal to this one, which is a number, boolean or text. */
function counterparts(value: JsonValue): JsonValue[] {
  if (typeof value === "number") return [String(value), printedNumber(value)];
  if (value === "true" || value === "false") return [value === "true"];
  if (typeof value !== "string") return [value === true ? "true" : "false"];
  const number = /^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(value) ? Number(value) : Number.NaN;
  const isUsable = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return isUsable ? [number] : [];
}

/** A double as Go prints it when it is large or small: `1e+06`, with at least two digits in the exponent. */
function printedNumber(value: number): string {
  return value.toExponential().replace(/e([-+])(\d)$/, "e$10$2");
}
