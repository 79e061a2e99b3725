import { unseenCharacters } from "./unseen-characters.ts";

/**
 * Pure. Plain data as JSON text for people and for comparisons line by line: indented, members sorted by name, and every
 * character that cannot be seen, or that stands for bytes that were none, as an escape. Members that are undefined are left out.
 */
export function readableJson(value: unknown): string {
  return JSON.stringify(value, inOrder, 2)
    .replaceAll(unseenCharacters, (character) => (character === "\n" ? character : escaped(character)))
    .replaceAll("\uFFFD", escaped);
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** As JSON writes it, half by half where a character has two. */
function escaped(character: string): string {
  return character
    .split("")
    .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
