import { isList, isObject, type JsonValue } from "./json.ts";

/** Pure. The canonical JSON text of RFC 8785: equal values give equal text, whatever their key order or spelling. */
export function canonicalJson(value: JsonValue): string {
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isObject(value)) {
    // The default sort compares UTF-16 code units, as RFC 8785 §3.2.3 wants.
    const members = Object.keys(value)
      .toSorted()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value);
}
