import type { JsonObject } from "../values/json.ts";
import { lineDiff } from "../values/line-diff.ts";
import { readableJson } from "../values/readable-json.ts";

/**
 * Pure. What differs between two definitions of a tool, as a unified diff of their JSON texts; without one before, the
 * whole of the other as added. Hidden characters are escapes.
 */
export function definitionDiff(before: JsonObject | undefined, after: JsonObject): string {
  if (before !== undefined) return lineDiff(linesOf(before), linesOf(after));
  return linesOf(after)
    .split("\n")
    .map((line) => `+${line}\n`)
    .join("");
}

/** Also cut at the line breaks of long texts, so that a changed sentence is not the whole text twice. */
function linesOf(definition: JsonObject): string {
  return readableJson(definition).replaceAll(/(?<!\\)((?:\\\\)*\\n)(?!")/gu, "$1\n      ");
}
