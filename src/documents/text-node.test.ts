import { describe, expect, it } from "vitest";
import { readJsonText } from "./json-text.ts";
import { offsetOf, toValue } from "./text-node.ts";
import type { TextNode } from "./text-node.ts";

const text = '{ "a": [1, { "b": "x" }], "constructor": null }';

function read(): TextNode {
  const { root } = readJsonText(text);
  if (root === undefined) throw new Error("the text is not read");
  return root;
}

describe("offsetOf", () => {
  it.each<readonly [readonly string[], "key" | "value", string]>([
    [[], "value", "{ "],
    [[], "key", "{ "],
    [["a"], "value", "[1"],
    [["a"], "key", '"a"'],
    [["a", "1"], "key", '{ "b"'],
    [["a", "1", "b"], "value", '"x"'],
    [["a", "9"], "value", "[1"],
    [["a", "0", "deep"], "value", "1,"],
    [["none", "deep"], "value", "{ "],
    [["constructor"], "value", "null"],
  ])("of %j at the %s begins with %s", (steps, at, start) => {
    expect(text.slice(offsetOf(read(), steps, at)).startsWith(start)).toBe(true);
  });
});

describe("toValue", () => {
  it("gives objects that have own members only", () => {
    const value = toValue(read());
    expect(value).toEqual(JSON.parse(text));
    expect(Object.getPrototypeOf(value)).toBeNull();
  });
});
