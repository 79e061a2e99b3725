import { describe, expect, it } from "vitest";
import { readableJson } from "./readable-json.ts";

describe("readableJson", () => {
  it("sorts members, keeps lists, leaves out what is undefined, and writes out what cannot be seen", () => {
    const value = { b: [2, { d: 1, c: null }], a: "x\u200Dy\u{1D173}\uFFFD", e: undefined };
    expect(readableJson(value)).toBe(
      '{\n  "a": "x\\u200dy\\ud834\\udd73\\ufffd",\n  "b": [\n    2,\n    {\n      "c": null,\n      "d": 1\n    }\n  ]\n}',
    );
    expect(JSON.parse(readableJson(value))).toEqual({ a: value.a, b: value.b });
  });
});
