import { isAtLeast, type Severity, type Sighting } from "./finding.ts";
import { excerpt } from "./visible-text.ts";

/** The three flags of regions (England, Scotland, Wales), which are the one proper use of tag characters. */
const regionFlag =
  /\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}/gu;

const joinedScripts =
  "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}";

/** Joiners where writing needs them: between parts of an emoji, and in scripts whose letters join. */
const properJoiner = new RegExp(
  `(?<=\\p{Extended_Pictographic}[\\uFE0F\\p{Emoji_Modifier}]?)\\u200D(?=\\p{Extended_Pictographic})|(?<=[${joinedScripts}])[\\u200C\\u200D](?=[${joinedScripts}])`,
  "gu",
);

const selectors = "\\uFE00-\\uFE0F\\u180B-\\u180D\\u180F\\u{E0100}-\\u{E01EF}";

/** One selector behind what has two shapes: an emoji, the digit of a key, a Mongolian letter. */
const properSelector = new RegExp(
  `(?:(?<=\\p{Extended_Pictographic})[\\uFE0E\\uFE0F]|(?<=[0-9#*])\\uFE0F(?=\\u20E3)|(?<=[\\u1820-\\u18AA])[\\u180B-\\u180D\\u180F])(?![${selectors}])|(?<=[\\u1820-\\u18AA])\\u180E(?=[\\u1820-\\u18AA])`,
  "gu",
);

/** One selector behind a Han letter chooses how it is drawn, as names need it. A text needs few of them. */
const hanSelector = new RegExp(`(?<=\\p{Script=Han})[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}](?![${selectors}])`, "gu");
const hanSelectorsMax = 3;

interface Kind {
  readonly pattern: RegExp;
  readonly severity: Severity;
  /** From this many characters on it is one severity worse: what is hidden is then a text of its own. */
  readonly worseFrom: number;
  readonly what: string;
}

const tags = "\\u{E0000}-\\u{E007F}";
const turning = "\\u202A-\\u202E\\u2066-\\u2069";
const widthless =
  "\\u200B-\\u200D\\u2060-\\u2065\\u206A-\\u206F\\uFEFF\\u180E\\u17B4\\u17B5\\u{1D173}-\\u{1D17A}\\u{1BCA0}-\\u{1BCA3}";
const fillers = "\\u115F\\u1160\\u3164\\uFFA0\\u2800\\u{1D159}\\uFFF9-\\uFFFB";
const unshown = "\\u034F\\u00AD\\u061C\\u200E\\u200F";

/** Formats that are drawn, around numbers or verses. */
const drawnFormats = "\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}";

/** Whatever else is drawn as nothing, or as a box. Codes that are kept for emoji to come are none of it. */
const noText = `[[\\p{Default_Ignorable_Code_Point}\\p{Cf}\\p{Cn}\\p{Co}\\p{Cs}]--[${tags}${turning}${widthless}${selectors}${fillers}${unshown}${drawnFormats}\\p{Extended_Pictographic}]]`;

const kinds: readonly Kind[] = [
  {
    pattern: new RegExp(`[${tags}]`, "gu"),
    severity: "high",
    worseFrom: 4,
    what: "characters of the tag block, which spell text that people do not see and models read",
  },
  {
    pattern: new RegExp(`[${turning}]`, "gu"),
    severity: "high",
    worseFrom: 20,
    what: "marks that turn the direction of writing, so that it is read in another order than it is shown",
  },
  { pattern: new RegExp(`[${widthless}]`, "gu"), severity: "medium", worseFrom: 8, what: "characters without width" },
  {
    pattern: new RegExp(`[${selectors}]`, "gu"),
    severity: "medium",
    worseFrom: 4,
    what: "variation selectors with nothing to select, which can carry bytes",
  },
  {
    pattern: new RegExp(`[${fillers}]`, "gu"),
    severity: "medium",
    worseFrom: 8,
    what: "fillers that look like nothing",
  },
  {
    pattern: new RegExp(noText, "gv"),
    severity: "medium",
    worseFrom: 8,
    what: "codes of private use, or such as stand for no character",
  },
  {
    pattern: /[[\p{Mn}\p{Me}]--[\p{Default_Ignorable_Code_Point}\p{Script=Tibetan}]]{5,}/gv,
    severity: "medium",
    worseFrom: 20,
    what: "marks that are heaped on one letter",
  },
  { pattern: new RegExp(`[${unshown}]`, "gu"), severity: "low", worseFrom: 8, what: "marks that are not shown" },
];

/** So many in a row say something, whatever they are. */
const hiddenRun = new RegExp(`(?:[${tags}${turning}${widthless}${selectors}${fillers}${unshown}]|${noText}){8}`, "v");

const worse: Readonly<Record<Severity, Severity>> = {
  low: "medium",
  medium: "high",
  high: "critical",
  critical: "critical",
};

/** Pure. Characters in a text that people do not see, by kind. Emoji and scripts that need such characters keep them. */
export function findHiddenCharacters(text: string): readonly Sighting[] {
  if (!/[^\x00-\x7f]/u.test(text)) return [];
  const plain = withoutProper(text);
  const isRun = hiddenRun.test(plain);
  return kinds.flatMap(({ pattern, severity, worseFrom, what }): readonly Sighting[] => {
    const hidden = plain.match(pattern)?.join("");
    if (hidden === undefined) return [];
    const count = Array.from(hidden).length;
    const byCount = count >= worseFrom ? worse[severity] : severity;
    return [
      {
        code: "hidden_characters",
        severity: isRun && !isAtLeast(byCount, "high") ? "high" : byCount,
        seen: seenOf(text, plain.search(pattern), hidden),
        message: `has ${count} hidden ${count === 1 ? "character" : "characters"}: ${what}`,
      },
    ];
  });
}

/** The text with a blank for each hidden character that belongs where it stands. */
function withoutProper(text: string): string {
  const blank = (proper: string): string => " ".repeat(proper.length);
  const plain = text.replaceAll(regionFlag, blank).replaceAll(properJoiner, blank).replaceAll(properSelector, blank);
  const ofHan = [...plain.matchAll(hanSelector)].length;
  return ofHan > hanSelectorsMax ? plain : plain.replaceAll(hanSelector, blank);
}

/** Tags are ASCII with an offset: what they spell is shown. */
function seenOf(text: string, start: number, characters: string): string {
  const spelt = Array.from(characters, (character) => (character.codePointAt(0) ?? 0) - 0xe0000)
    .filter((code) => code >= 0x20 && code < 0x7f)
    .map((code) => String.fromCodePoint(code))
    .join("");
  return spelt === "" ? excerpt(text, start, 1) : `tags that spell: ${spelt.slice(0, 160)}`;
}

/** Pure. Controls in a text that move a terminal's cursor, recolour or overwrite what it shows, or do not belong in text. */
export function findTerminalEscapes(text: string): readonly Sighting[] {
  const escape = /[\u001B\u009B\u009D\u0090]/u.exec(text);
  const control =
    /[\u0000-\u0008\u000B\u000C\u000E-\u001A\u001C-\u001F\u007F-\u008F\u0091-\u009A\u009C\u009E\u009F]/u.exec(text);
  const overwriting = /\r(?!\n|$)/u.exec(text);
  const found: Sighting[] = [];
  if (escape !== null) {
    found.push({
      code: "terminal_escapes",
      severity: "high",
      seen: excerpt(text, escape.index, 12),
      message: "has escape sequences, which can hide or rewrite what a terminal shows",
    });
  }
  if (control !== null) {
    found.push({
      code: "terminal_escapes",
      severity: "medium",
      seen: excerpt(text, control.index, 1),
      message: "has control characters, which do not belong in a definition",
    });
  }
  if (overwriting !== null) {
    found.push({
      code: "terminal_escapes",
      severity: "low",
      seen: excerpt(text, overwriting.index, 1),
      message: "returns to the start of the line, so that a terminal overwrites what stood there",
    });
  }
  return found;
}

/** Pure. Text that is there but not in view: behind a great gap, or in a comment that rendered text leaves out. */
export function findTextOutOfSight(text: string): readonly Sighting[] {
  const gap = [...text.matchAll(/(?<!\s)\s{16,}(?=\S)/gu)].find(
    ([blank]) => /[^\S\n]{60}/u.test(blank) || blank.split("\n").length > 16,
  );
  const comment = firstComment(text);
  const found: Sighting[] = [];
  if (gap !== undefined) {
    found.push({
      code: "text_out_of_sight",
      severity: "medium",
      seen: excerpt(text.slice(gap.index + gap[0].length), 0, 120),
      message: `goes on behind a gap of ${gap[0].length} characters, where people may not look`,
    });
  }
  if (comment !== undefined) {
    found.push({
      code: "text_out_of_sight",
      severity: "medium",
      seen: excerpt(text, comment.start, comment.end - comment.start),
      message: "has a comment that rendered text does not show",
    });
  }
  return found;
}

/** The first comment of HTML that says something. One that is not closed goes on to the end of the text. */
function firstComment(text: string): { readonly start: number; readonly end: number } | undefined {
  let start = text.indexOf("<!--");
  while (start !== -1) {
    const close = text.indexOf("-->", start + 4);
    const end = close === -1 ? text.length : close;
    // Behind a quotation mark the sign is what the text speaks of.
    const isQuoted = close === -1 && /["'`]/u.test(text.charAt(start - 1));
    if (!isQuoted && text.slice(start + 4, end).trim().length >= 8) return { start, end };
    start = close === -1 ? -1 : text.indexOf("<!--", close);
  }
  return undefined;
}
