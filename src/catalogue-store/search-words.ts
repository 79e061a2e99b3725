import type { Risk } from "../catalogue/record.ts";
import { categories, type Category } from "../policy/index.ts";

/** Risks as the file counts them, mildest first. */
export const riskOrder: readonly Risk[] = ["Low", "Medium", "High", "Critical"];

const wordsMax = 8;
const lettersMax = 80;

/** After every text with the same beginning. */
export const lastLetter = "\u{10FFFF}";

/** Pure. The words of a search: lower case, at most eight, each cut at 80 letters. */
export function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[\s\p{C}]+/u)
    .filter((word) => word !== "")
    .slice(0, wordsMax)
    .map((word) => word.slice(0, lettersMax));
}

/** Pure. Words that the index of three-letter pieces can find anywhere in a name. */
export function longWords(words: readonly string[]): readonly string[] {
  return words.filter((word) => Array.from(word).length >= 3);
}

/** Pure. An FTS5 string: everything in it is looked for as it stands. */
export function quoted(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}

/** Pure. A tool's category and risk as pieces of the index. */
export function facetOf(category: number, risk: number): string {
  return `c${category}c r${risk}r`;
}

/** Pure. The bits of the categories that a filter lets through; all without one, none where category and risk differ. */
export function categoryMask(
  filter: { readonly category?: Category; readonly risk?: Risk },
  risks: Readonly<Record<Category, Risk>>,
): number {
  return categories.reduce((mask, category, index) => {
    const isKept =
      (filter.category === undefined || filter.category === category) &&
      (filter.risk === undefined || filter.risk === risks[category]);
    return isKept ? mask | (1 << index) : mask;
  }, 0);
}
