import type { JsonValue } from "../../src/values/json.ts";
import { isListValue, isObjectValue } from "./plain.ts";

/**
 * Pure but for `isKept`. A smaller value that is still kept: members, elements and levels are taken away one by one for
 * as long as that works. `isKept` must hold for the value given and not throw.
 */
export function minimise(value: JsonValue, isKept: (candidate: JsonValue) => boolean): JsonValue {
  let smallest = value;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of smallerThan(smallest)) {
      if (!isKept(candidate)) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

/** Every value that is one step smaller: the biggest cuts first. */
function* smallerThan(value: JsonValue): Generator<JsonValue> {
  if (isListValue(value)) {
    for (const i of value.keys()) yield value.toSpliced(i, 1);
    for (const [i, element] of value.entries()) {
      for (const smaller of smallerThan(element)) yield value.with(i, smaller);
    }
  } else if (isObjectValue(value)) {
    for (const key of Object.keys(value)) yield without(value, key);
    for (const [key, member] of Object.entries(value)) {
      if (isObjectValue(member) && ("not" in value || "any" in value)) yield member;
      for (const smaller of smallerThan(member)) yield { ...value, [key]: smaller };
    }
  } else if (typeof value === "string" && value.length > 40) {
    yield value.slice(0, value.length / 2);
  }
}

function without(object: Readonly<Record<string, JsonValue>>, key: string): JsonValue {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}
