import type { JsonValue } from "../values/json.ts";

const charactersMax = 128;

/** Pure. Whether a tool of that name can be called: a string of 1 to 128 characters (code points), well formed. */
export function isToolName(name: JsonValue | undefined): name is string {
  if (typeof name !== "string" || name === "" || name.length > 2 * charactersMax) return false;
  return name.isWellFormed() && (name.length <= charactersMax || Array.from(name).length <= charactersMax);
}
