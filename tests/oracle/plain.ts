import type { JsonObject, JsonValue } from "../../src/values/json.ts";

/** Pure. The name of a JSON value's type. */
export function typeName(value: JsonValue): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

/** Pure. Whether it is a JSON list. */
export function isListValue(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Pure. Whether it is a JSON object, not a list and not null. */
export function isObjectValue(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Pure. Deep equality in which key order is free: both sides are written with sorted keys and compared as text. */
export function equal(a: JsonValue, b: JsonValue): boolean {
  return sortedText(a) === sortedText(b);
}

function sortedText(value: JsonValue): string {
  if (isListValue(value)) return `[${value.map(sortedText).join(",")}]`;
  if (isObjectValue(value)) {
    const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${sortedText(member)}`);
    return `{${members.toSorted().join(",")}}`;
  }
  return JSON.stringify(value === 0 ? 0 : value);
}
