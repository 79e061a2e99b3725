import { describe, expect, it } from "vitest";
import { formatJson } from "./json.ts";

describe("JSON for a terminal", () => {
  it.each([
    ["a tag character", "a\u{E0050}b", String.raw`"a\udb40\udc50b"`],
    ["a direction mark", "a\u202Eb", String.raw`"a\u202eb"`],
    ["a C1 control", "a\u009Bb", String.raw`"a\u009bb"`],
    ["a variation selector", "a\uFE01b", String.raw`"a\ufe01b"`],
    ["plain text of any script", "Grüße 東京", '"Grüße 東京"'],
  ])("shows %s so that it does nothing, and reads back the same", (_, text, written) => {
    expect(formatJson(text)).toBe(written);
    expect(JSON.parse(formatJson({ text }))).toEqual({ text });
  });

  it("is indented", () => {
    expect(formatJson({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}');
  });
});
