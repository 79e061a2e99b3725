import { describe, expect, it } from "vitest";
import { mergedToolList, renameEntry } from "./merged-tool-list.ts";

describe("an entry under another name", () => {
  it.each([
    ['{"name":"a","x":1.0}', '{"name":"s__a","x":1.0}'],
    ['{ "x" : {"name":"a"},\t"name" : "\\u0061" }', '{ "x" : {"name":"a"},\t"name" : "s__a" }'],
    ['{"n\\u0061me":"a"}', '{"n\\u0061me":"s__a"}'],
    ['{"title":"a"}', '{"title":"a"}'],
  ])("%s keeps every other character", (entry, renamed) => expect(renameEntry(entry, "s__a")).toBe(renamed));

  it("can be any text", () => expect(JSON.parse(renameEntry('{"name":"a"}', 's__"$&'))).toEqual({ name: 's__"$&' }));
});

describe("a list of several servers", () => {
  const entries = ['{"name":"a__x", "n":1e2}', '{"name":"b__y"}'];

  it("is one page, its entries as they are", () => {
    expect(mergedToolList(1, entries, "legacy", {})).toBe(
      `{"jsonrpc":"2.0","id":1,"result":{"tools":[${entries.join(",")}]}}`,
    );
    expect(mergedToolList(1, [], "legacy", {})).toBe('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}');
  });

  it("is private and never fresh in the modern era", () => {
    const answer = JSON.parse(mergedToolList("a", entries, "modern", { k: 1 }));
    expect(answer.result).toMatchObject({
      resultType: "complete",
      ttlMs: 0,
      cacheScope: "private",
      _meta: { k: 1 },
      tools: [{ name: "a__x", n: 100 }, { name: "b__y" }],
    });
  });
});
