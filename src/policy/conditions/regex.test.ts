import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { outlinePattern } from "./regex-pattern.ts";

const atom = fc.constantFrom(
  "a",
  "b",
  "ab",
  ".",
  "[ab]",
  "\\w",
  "(?:a|ab)",
  "(b|ba|)",
  "$",
  "^",
  "\\b",
  "(?i:B)",
  "\\n",
);
const times = fc.constantFrom("", "", "?", "*", "+", "*?", "{2}", "{1,3}");
const alternative = fc
  .array(fc.tuple(atom, times), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map(([one, many]) => (/^(?:[$^]|\\b)$/.test(one) ? one : `(?:${one})${many}`)).join(""));
const pattern = fc.array(alternative, { minLength: 1, maxLength: 3 }).map((alternatives) => alternatives.join("|"));
const text = fc.array(fc.constantFrom("a", "b", "A", "B", "\n", " "), { maxLength: 5 }).map((units) => units.join(""));

test("`matches` needs the whole text, whichever alternative the engine would take first", () => {
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 10, maxLength: 10 }), (source, texts) => {
      const engine = RE2JS.compile(source);
      const wrapped = RE2JS.compile(`\\A(?:${source})\\z`);
      for (const one of texts) {
        expect([source, one, engine.testExact(one)]).toEqual([source, one, wrapped.test(one)]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a pattern that is called anchored is found only where it is the whole text", () => {
  let anchored = 0;
  fc.assert(
    fc.property(pattern, fc.boolean(), fc.array(text, { minLength: 10, maxLength: 10 }), (body, isWrapped, texts) => {
      const source = isWrapped ? `^(?:${body})$` : body;
      if (!outlinePattern(source).isAnchored) return;
      anchored += 1;
      const engine = RE2JS.compile(source);
      for (const one of texts) {
        expect([source, one, engine.test(one)]).toEqual([source, one, engine.testExact(one)]);
      }
    }),
    { numRuns: 2_000 },
  );
  expect(anchored).toBeGreaterThan(500);
});

test.each([
  ["a", 0],
  ["a{7}b{3,9}c{2,}", 9],
  ["\\x{1F600}\\p{Greek}[{50}]\\Q{60}\\E\\{70}", 0],
  ["(a{3}){4}", 4],
  ["a{,5}", 0],
  ["[]{8}]", 0],
  ["[^]{8}]", 0],
  ["[[:alpha:]{8}]", 0],
  ["[\\]{8}]{3}", 3],
])("the highest repeat count of `%s` is %d", (source, expected) => {
  expect(outlinePattern(source).repeatMax).toBe(expected);
});
