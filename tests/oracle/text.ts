import { RE2JS } from "re2js";

/**
 * Pure. Whether a left string is one that no string operator may read: over 64 KiB in UTF-8, or with a run of over 30
 * combining marks.
 */
export function isUnreadableText(text: string): boolean {
  return new TextEncoder().encode(text).length > 64 * 1024 || /\p{M}{31}/u.test(text);
}

/** Pure. Default-ignorable code points removed, then NFKC. */
export function folded(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, "").normalize("NFKC");
}

/**
 * Pure. Whether the test holds for the text as given or, where a match counts against the call, for both sides folded.
 */
export function eitherForm(
  text: string,
  right: string,
  isAgainst: boolean,
  test: (text: string, right: string) => boolean,
): boolean {
  return test(text, right) || (isAgainst && test(folded(text), folded(right)));
}

const compiled = new Map<string, RE2JS>();

function patternOf(source: string): RE2JS {
  const known = compiled.get(source) ?? RE2JS.compile(source);
  compiled.set(source, known);
  return known;
}

/** Pure. Whether a pattern is found anywhere; re2js is the only engine the oracle shares with the gateway. */
export function isFound(source: string, text: string): boolean {
  return patternOf(source).matcher(text).find();
}

/** Pure. Whether a pattern matches the whole text. */
export function isWhole(source: string, text: string): boolean {
  return patternOf(source).matcher(text).matches();
}
