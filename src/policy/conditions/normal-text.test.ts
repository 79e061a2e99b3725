import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isJudgeable, normalText } from "./normal-text.ts";

/** The rule as policy.md says it, without any short cut. */
function isJudgeablePlainly(text: string): boolean {
  return new TextEncoder().encode(text).length <= 64 * 1024 && !/\p{M}{31}/u.test(text);
}

const piece = fc.oneof(
  fc.tuple(fc.constantFrom("a", "\u00e9", "\u4e00", "\u{1f600}"), fc.integer({ min: 0, max: 40 })),
  fc.tuple(fc.constantFrom("\u0301", "\u{11180}", "\ufe0f", "\u200d"), fc.integer({ min: 28, max: 33 })),
);
const texts = fc
  .array(piece, { maxLength: 6 })
  .map((pieces) => pieces.map(([unit, times]) => unit.repeat(times)).join(""));

test("a text can be judged exactly when it is short enough and has no long run of marks", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(isJudgeable(text)).toBe(isJudgeablePlainly(text));
    }),
    { numRuns: 3_000 },
  );
});

test.each(["a", "\u00e9", "\u4e00", "\u{1f600}"])("the bound of 64 KiB counts the bytes of %s in UTF-8", (unit) => {
  const atBound = unit.repeat(Math.floor(65_536 / new TextEncoder().encode(unit).length));
  expect(isJudgeable(atBound)).toBe(true);
  expect(isJudgeable(atBound + unit)).toBe(false);
});

test.each([
  ["drop", "drop"],
  ["d\u200brop", "drop"],
  ["d\u00adr\u2060o\ufe0fp\u{e0001}", "drop"],
  ["\uff24\uff32\uff2f\uff30", "DROP"],
  ["cafe\u0301", "caf\u00e9"],
  ["e\u034f\u0301", "\u00e9"],
  ["\ufb01le", "file"],
  ["\u00a0", " "],
  ["\u200b", ""],
])("the normal form of %j is %j", (text, expected) => {
  expect(normalText(text)).toBe(expected);
});

test("the normal form is stable", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(normalText(normalText(text))).toBe(normalText(text));
    }),
    { numRuns: 3_000 },
  );
});
