/** Any JSON value. Objects made by Callgate's parsers have own members only and may have a null prototype. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** The name of a JSON value's type. */
export type JsonType = "null" | "boolean" | "number" | "string" | "list" | "object";

/** Pure. The JSON type of a value. */
export function jsonTypeOf(value: JsonValue): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  switch (typeof value) {
    case "boolean":
      return "boolean";
    case "number":
      return "number";
    case "string":
      return "string";
    default:
      return "object";
  }
}

/** Pure. Whether the value is a JSON list. (`Array.isArray` does not narrow readonly lists.) */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Pure. Whether the value is a JSON object (not a list, not null). */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Pure. The object's own member of that name, or undefined. Never reaches the prototype. */
export function ownMember(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Pure. Deep equality of JSON values: key order is free, types are not converted (`"5"` is not 5), `-0` equals `0`. */
export function jsonEqual(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, i) => jsonEqual(item, b[i] ?? null));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    const left = ownMember(a, key);
    const right = ownMember(b, key);
    if (left === undefined || right === undefined || !jsonEqual(left, right)) return false;
  }
  return true;
}
