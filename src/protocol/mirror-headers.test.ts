import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeHeaderValue } from "./mirror-headers.ts";

describe("a mirror header's value", () => {
  test.each<[why: string, raw: string, value: string | undefined]>([
    ["plain", "get_weather", "get_weather"],
    ["outer blanks", "\t a b \t", "a b"],
    ["only blanks", " \t ", ""],
    ["base64", "=?base64?SGVsbG8=?=", "Hello"],
    ["base64 of nothing", "=?base64??=", ""],
    ["base64 of other scripts", "=?base64?8J+YgMOp?=", "😀é"],
    ["without the end of the sentinel it is literal", "=?base64?SGVsbG8=", "=?base64?SGVsbG8="],
    ["without the start of the sentinel it is literal", "SGVsbG8=?=", "SGVsbG8=?="],
    ["the sentinel is exact", "=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="],
    ["padding is required", "=?base64?SGVsbG8?=", undefined],
    ["other letters", "=?base64?SGVs!!!bG8=?=", undefined],
    ["the other alphabet", "=?base64?8J-YgMOp?=", undefined],
    ["bits left over", "=?base64?SGVsbG9=?=", undefined],
    ["not UTF-8", "=?base64?/w==?=", undefined],
    ["a sentinel that overlaps itself", "=?base64?=", undefined],
    ["not ASCII", "é", undefined],
    ["a control character", "a\u0001", undefined],
    ["a line end", "a\nb", undefined],
  ])("%s", (_, raw, value) => {
    expect(decodeHeaderValue(raw)).toBe(value);
  });

  test("any text survives base64", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const encoded = Buffer.from(text, "utf8").toString("base64");
        expect(decodeHeaderValue(`=?base64?${encoded}?=`)).toBe(text);
      }),
    );
  });
});
