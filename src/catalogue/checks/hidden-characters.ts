import type { Severity, Sighting } from "./finding.ts";
import { excerpt } from "./visible-text.ts";

/** A flag of a region (a black flag, its letters as tags, an end), which is the one proper use of tag characters. */
const regionFlag = /\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{1,6}\u{E007F}/gu;

const joinedScripts =
  "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}";

/** Joiners where writing needs them: between parts of an emoji, and in scripts whose letters join. */
const properJoiner = new RegExp(
  `(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})|(?<=[${joinedScripts}])[\\u200C\\u200D](?=[${joinedScripts}])`,
  "gu",
);

/** One selector behind what it selects a shape of. */
const properSelector =
  /(?<=[\p{Emoji}\p{Extended_Pictographic}\p{Script=Mongolian}\p{S}])[\uFE00-\uFE0F](?![\uFE00-\uFE0F\u{E0100}-\u{E01EF}])|(?<=\p{Script=Han})[\uFE00-\uFE0F\u{E0100}-\u{E01EF}](?![\uFE00-\uFE0F\u{E0100}-\u{E01EF}])/gu;

interface Kind {
  readonly pattern: RegExp;
  readonly severity: Severity;
  /** From this many on it is one severity worse: what is hidden is then a text of its own. */
  readonly worseFrom: number;
  readonly what: string;
}

const kinds: readonly Kind[] = [
  {
    pattern: /[\u{E0000}-\u{E007F}]/gu,
    severity: "high",
    worseFrom: 4,
    what: "characters of the tag block, which spell text that people do not see and models read",
  },
  {
    pattern: /[\u202A-\u202E\u2066-\u2069]/gu,
    severity: "high",
    worseFrom: 20,
    what: "marks that turn the direction of writing, so that it is read in another order than it is shown",
  },
  {
    pattern: /[\u200B-\u200D\u2060-\u2064\u206A-\u206F\uFEFF\u180E\u{1D173}-\u{1D17A}]/gu,
    severity: "medium",
    worseFrom: 8,
    what: "characters without width",
  },
  {
    pattern: /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu,
    severity: "medium",
    worseFrom: 4,
    what: "variation selectors with nothing to select, which can carry bytes",
  },
  {
    pattern: /[\u115F\u1160\u3164\uFFA0\u2800\uFFF9-\uFFFB]/gu,
    severity: "medium",
    worseFrom: 8,
    what: "fillers that look like nothing",
  },
  { pattern: /\u034F|[\u00AD\u061C\u200E\u200F]/gu, severity: "low", worseFrom: 8, what: "marks that are not shown" },
];

const worse: Readonly<Record<Severity, Severity>> = {
  low: "medium",
  medium: "high",
  high: "critical",
  critical: "critical",
};

/** Pure. Characters in a text that people do not see, by kind. Emoji and scripts that need such characters keep them. */
export function findHiddenCharacters(text: string): readonly Sighting[] {
  if (!/[^\x00-\x7f]/u.test(text)) return [];
  const blank = (proper: string): string => " ".repeat(proper.length);
  const plain = text.replaceAll(regionFlag, blank).replaceAll(properJoiner, blank).replaceAll(properSelector, blank);
  return kinds.flatMap(({ pattern, severity, worseFrom, what }): readonly Sighting[] => {
    const found = [...plain.matchAll(pattern)];
    const [first] = found;
    if (first === undefined) return [];
    const count = found.length;
    return [
      {
        code: "hidden_characters",
        severity: count >= worseFrom ? worse[severity] : severity,
        seen: seenOf(text, first.index, found.map(([character]) => character).join("")),
        message: `has ${count} hidden ${count === 1 ? "character" : "characters"}: ${what}`,
      },
    ];
  });
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

/** Most characters of a text that are searched for gaps. */
const charactersMax = 50_000;

/** Pure. Text that is there but not in view: behind a great gap, or in a comment that rendered text leaves out. */
export function findTextOutOfSight(text: string): readonly Sighting[] {
  const looked = text.slice(0, charactersMax);
  const gap = [...looked.matchAll(/(?<!\s)\s{16,}(?=\S)/gu)].find(
    ([blank]) => /[^\S\n]{60}/u.test(blank) || blank.split("\n").length > 16,
  );
  const comment = /<!--[\s\S]{8,2000}?-->/u.exec(looked);
  const found: Sighting[] = [];
  if (gap !== undefined) {
    found.push({
      code: "text_out_of_sight",
      severity: "medium",
      seen: excerpt(text.slice(gap.index + gap[0].length), 0, 120),
      message: `goes on behind a gap of ${gap[0].length} characters, where people may not look`,
    });
  }
  if (comment !== null) {
    found.push({
      code: "text_out_of_sight",
      severity: "medium",
      seen: excerpt(text, comment.index, comment[0].length),
      message: "has a comment that rendered text does not show",
    });
  }
  return found;
}
