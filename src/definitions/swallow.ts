import { unseenCharacters } from "../values/unseen-characters.ts";

/** Characters of one match: no path, date or version is longer. */
const charactersMax = 200;

/** Words of one match that its pattern does not spell out: a weekday and a month. Three are an order. */
const wordsMax = 2;

/** From a slash that no letter or digit stands before, with the drive, `~` or dots before it, to the next space. */
const paths = /(?<![\p{L}\p{N}])(?:[a-z]:|~|\.{1,2})?[/\\]\S*/giu;

/** Runs of three letters; in scripts that set no spaces between words two letters are one. */
const words =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]{2}|\p{L}{3,}/gu;

/** The first word of a sentence behind another. */
const nextSentence = /(?:[.!?]["')\]]*\s+|[\u3002\uFF01\uFF1F]\s*)(\p{L}+)/gu;

/**
 * Pure. Whether a match of volatile text is more than a value can be: over 200 characters, a character that cannot be
 * seen, another sentence, or over two words beside paths, hexadecimal digits and what the pattern spells out itself. It
 * counts as it is then, for an instruction could hide there.
 */
export function swallowsTooMuch(match: string, spelled: ReadonlySet<string>): boolean {
  if (match.length > charactersMax || match.replaceAll(/[\t\n\r]/g, " ").search(unseenCharacters) >= 0) return true;
  const isForeign = (word: string): boolean => !spelled.has(word.toLowerCase());
  const plain = match.normalize("NFKD").replaceAll(/\p{M}/gu, "");
  if ([...plain.matchAll(nextSentence)].some(([, word = ""]) => isForeign(word))) return true;
  const found = plain.replaceAll(paths, " ").match(words) ?? [];
  return found.filter((word) => isForeign(word) && !/^[a-f]+$/i.test(word)).length > wordsMax;
}

/** Pure. The words that a pattern in RE2 syntax spells out, in lower case. */
export function wordsSpelledIn(pattern: string): ReadonlySet<string> {
  const plain = pattern
    .replaceAll(/\\[pP]\{[^}]*\}|\\[^]/gu, " ")
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "");
  return new Set(plain.match(/\p{L}+/gu)?.map((word) => word.toLowerCase()));
}
