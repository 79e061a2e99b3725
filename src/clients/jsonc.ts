import type { JsonValue } from "../values/json.ts";

/** Pure. JSON as editors write it, with comments and commas before a closing bracket. Undefined for anything else. */
export function readJsonc(text: string): JsonValue | undefined {
  const plain = text.replace(/^\uFEFF/u, "");
  return parse(plain) ?? parse(withoutExtras(plain));
}

function parse(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** A string, a comment of either kind, or a comma behind which only blanks and comments stand before a bracket. */
const parts =
  /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*[\]}])/gu;

function withoutExtras(text: string): string {
  return text.replaceAll(parts, (part) => (part.startsWith('"') ? part : " "));
}
