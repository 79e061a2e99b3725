import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { literalMatcher } from "./regex-literal.ts";

const literal = fc
  .array(fc.constantFrom("a", "b", "B", "_", "7", " ", "-", "/", "\\.", "\\|", "\\$", "\\(", "\\_", "\\-", "\\\\"), {
    minLength: 1,
    maxLength: 3,
  })
  .map((pieces) => pieces.join(""));
const group = fc.tuple(fc.constantFrom("(", "(?:"), fc.array(literal, { minLength: 1, maxLength: 3 }));
const pattern = fc
  .tuple(
    fc.constantFrom("", "^"),
    fc.oneof(
      literal,
      group.map(([open, literals]) => `${open}${literals.join("|")})`),
    ),
    fc.constantFrom("", "\\b"),
    fc.constantFrom("", "$"),
  )
  .map((pieces) => pieces.join(""));
const text = fc
  .array(
    fc.constantFrom("a", "b", "B", "_", "7", " ", "-", "/", ".", "|", "$", "(", "\\", "\n", "\u00e9", "\u{1f600}"),
    {
      maxLength: 6,
    },
  )
  .map((characters) => characters.join(""));

test("a pattern of literals matches what the engine matches, anywhere and as a whole", () => {
  let compared = 0;
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 20, maxLength: 20 }), (source, texts) => {
      const engine = RE2JS.compile(source);
      const found = literalMatcher(source, false);
      const whole = literalMatcher(source, true);
      for (const one of texts) {
        if (found !== undefined) expect([source, one, found(one)]).toEqual([source, one, engine.test(one)]);
        if (whole !== undefined) expect([source, one, whole(one)]).toEqual([source, one, engine.testExact(one)]);
        compared += 1;
      }
    }),
    { numRuns: 2_000 },
  );
  expect(compared).toBe(40_000);
});

test.each([
  ["^SELECT\\b", "SELECT 1", true],
  ["^SELECT\\b", "SELECT", true],
  ["^SELECT\\b", "SELECTED", false],
  ["^SELECT\\b", "SELECT\u00e9", true],
  ["^(?:usd|eur)$", "eur", true],
  ["^(usd|eur)$", "eurs", false],
  ["drop", "please drop it", true],
  ["\\.md$", "a.md", true],
  ["\\.md$", "a.md\n", false],
  ["a\\|b", "a|b", true],
])("`%s` on `%s` is %s", (source, one, expected) => {
  expect(literalMatcher(source, false)?.(one)).toBe(expected);
});

test.each([
  "(?i)a",
  "a+",
  "a.b",
  "[a]",
  "a$b",
  "^a\\b$",
  "a\\b",
  "(?m)^a",
  "\\d",
  "a|b",
  "(a|)",
  "a{2}",
  "\\Qa",
  "\u00e9",
  "",
])("`%s` is left to the engine", (source) => {
  expect(literalMatcher(source, false)).toBe(undefined);
});

test("a boundary is left to the engine where the whole text must match", () => {
  expect(literalMatcher("^a\\b", true)).toBe(undefined);
});
