/**
 * What string operators see of a text (policy.md §2): whether it can be judged at all, and its normal form, which is
 * compared as well where a match counts against the call.
 */

const bytesMax = 65_536;
const marksMax = 30;
const firstMark = 0x300;

/** Pure. Whether string operators can judge a text: at most 64 KiB in UTF-8, no run of over 30 combining marks. */
export function isJudgeable(text: string): boolean {
  const { length } = text;
  if (length <= marksMax) return true;
  if (length > bytesMax) return false;
  if (mayHaveLongRun(text) && hasLongRunOfMarks(text)) return false;
  return length * 3 <= bytesMax || utf8Length(text) <= bytesMax;
}

/** Pure. Whether a text is its own normal form for having ASCII alone. */
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Pure. The text without default-ignorable code points, then in NFKC. */
export function normalText(text: string): string {
  return isAscii(text) ? text : text.replaceAll(ignorable, "").normalize("NFKC");
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

/** A run of over 30 marks covers one of any 31 places in a row: looking at every 31st shows whether there may be one. */
function mayHaveLongRun(text: string): boolean {
  for (let i = marksMax; i < text.length; i += marksMax + 1) if (text.charCodeAt(i) >= firstMark) return true;
  return false;
}

function hasLongRunOfMarks(text: string): boolean {
  let run = 0;
  for (const character of text) {
    run = isMark(character) ? run + 1 : 0;
    if (run > marksMax) return true;
  }
  return false;
}

/** Answers for the basic plane, filled as they are asked: 0 not asked, 1 no, 2 yes. */
const knownMarks = new Uint8Array(0x10000);

function isMark(character: string): boolean {
  const unit = character.charCodeAt(0);
  if (unit < firstMark) return false;
  if (character.length > 1) return mark.test(character);
  if (knownMarks[unit] === 0) knownMarks[unit] = mark.test(character) ? 2 : 1;
  return knownMarks[unit] === 2;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    // Each half of a surrogate pair is two bytes of the four.
    else bytes += unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
  }
  return bytes;
}
