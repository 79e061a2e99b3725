import { writeOut } from "../../values/unseen-characters.ts";

const seenCharactersMax = 160;

/** Pure. Text with every character that cannot be seen written as `\u{...}`, cut to 160 characters of what was there. */
export function visibleText(text: string): string {
  const characters = Array.from(text.slice(0, 2 * seenCharactersMax));
  const cut = characters.slice(0, seenCharactersMax).join("");
  const shown = writeOut(cut);
  return cut.length < text.length ? `${shown}…` : shown;
}

/** Pure. A whole text with its line ends (as `\n`) and tabs, and every other character that cannot be seen as `\u{...}`. */
export function visibleLines(text: string): string {
  const lines = text.replaceAll(/\r\n?|[\u2028\u2029]/gu, "\n");
  return lines.replaceAll(/[^\n\t]+/gu, writeOut);
}

/** Pure. The text around a place in it, made visible. */
export function excerpt(text: string, start: number, length: number): string {
  const from = Math.max(0, start - 30);
  const part = text.slice(from, Math.min(text.length, start + Math.min(length, 120) + 30));
  return `${from > 0 ? "…" : ""}${visibleText(part)}`;
}
