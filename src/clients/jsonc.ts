import stripJsonComments from "strip-json-comments";
import type { JsonValue } from "../values/json.ts";

/**
 * Pure. JSON as editors write it, with comments and commas before a closing bracket, in linear time. Undefined for anything
 * else.
 */
export function readJsonc(text: string): JsonValue | undefined {
  const plain = text.replace(/^\uFEFF/u, "");
  return parse(plain) ?? parse(stripJsonComments(plain, { whitespace: false, trailingCommas: true }));
}

function parse(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
