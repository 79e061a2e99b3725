/**
 * What string operators see of a text (policy.md §2): whether it can be judged at all, and its normal form, which is
 * compared as well where a match counts against the call.
 */

/** `unjudgeable`: over 64 KiB in UTF-8, or a run of over 30 combining marks. `ascii` text is its own normal form. */
export type TextKind = "ascii" | "other" | "unjudgeable";

const bytesMax = 65_536;
const marksMax = 30;

/** Pure. One pass over the text; its kind as for {@link TextKind}. */
export function kindOfText(text: string): TextKind {
  const { length } = text;
  if (length > bytesMax) return "unjudgeable";
  let i = 0;
  while (i < length && text.charCodeAt(i) < 0x80) i += 1;
  if (i === length) return "ascii";
  return isOverBytes(text) || hasLongRunOfMarks(text, i) ? "unjudgeable" : "other";
}

/** Pure. Whether string operators can judge the text; at most 30 code units always can be. */
export function isJudgeable(text: string): boolean {
  return text.length <= marksMax || kindOfText(text) !== "unjudgeable";
}

/** Pure. The text without default-ignorable code points, then in NFKC. */
export function normalText(text: string): string {
  return text.replaceAll(ignorable, "").normalize("NFKC");
}

/** Pure. How many characters (code points) a text has. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** One code point of a fixed set, so that no text can make it slow. */
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
const mark = /^\p{M}$/u;

function isOverBytes(text: string): boolean {
  if (text.length * 3 <= bytesMax) return false;
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    // Each half of a surrogate pair is two bytes of the four.
    else bytes += unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
  }
  return bytes > bytesMax;
}

const firstMark = 0x300;

function hasLongRunOfMarks(text: string, start: number): boolean {
  let run = 0;
  for (let i = start; i < text.length; i += 1) {
    const codePoint = text.codePointAt(i) ?? 0;
    run = codePoint >= firstMark && isMark(codePoint) ? run + 1 : 0;
    if (run > marksMax) return true;
    if (codePoint > 0xffff) i += 1;
  }
  return false;
}

/** Answers for the basic plane, filled as they are asked: 0 not asked, 1 no, 2 yes. */
const knownMarks = new Uint8Array(0x10000);

function isMark(codePoint: number): boolean {
  const known = knownMarks[codePoint];
  if (known === 1 || known === 2) return known === 2;
  const answer = mark.test(String.fromCodePoint(codePoint));
  if (known === 0) knownMarks[codePoint] = answer ? 2 : 1;
  return answer;
}
