import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "./canonical.ts";

it.each([
  {
    name: "members by UTF-16 code units",
    value: { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6 },
    text: '{"\\r":2,"1":4,"\u0080":6,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  },
  {
    name: "numbers as ECMAScript",
    value: [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0],
    text: "[333333333.3333333,1e+30,4.5,0.002,1e-27,0]",
  },
  {
    name: "escapes only where JSON asks for them",
    value: '\u20ac$\u000f\nA\'B"\\"/',
    text: '"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/"',
  },
  { name: "no undefined members", value: { a: undefined, b: null }, text: '{"b":null}' },
  { name: "literals", value: [true, false, null, [], {}], text: "[true,false,null,[],{}]" },
])("writes $name", ({ value, text }) => {
  expect(canonicalJson(value)).toBe(text);
});

it("reads back as what was written, whatever the order of members", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});
