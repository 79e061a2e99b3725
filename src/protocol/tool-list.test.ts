import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filterToolList, readToolList } from "./tool-list.ts";

function answer(result: string): string {
  return `{"jsonrpc":"2.0","id":1,"result":${result}}`;
}

const page = answer(
  '{ "tools" : [ {"name":"a","inputSchema":{"type":"object"},"x-new":[1]} , {"name":"b"},\n{"name":"c","n\\u0061mes":"]}"} ],"nextCursor":"","_meta":{"k":9007199254740993} }',
);

describe("a filtered list", () => {
  test.each<[kept: string[], result: string, removed: number]>([
    [["a", "b", "c"], page, 0],
    [
      ["a", "c"],
      answer(
        '{ "tools" : [ {"name":"a","inputSchema":{"type":"object"},"x-new":[1]} , {"name":"c","n\\u0061mes":"]}"} ],"nextCursor":"","_meta":{"k":9007199254740993} }',
      ),
      1,
    ],
    [["b"], answer('{ "tools" : [ {"name":"b"} ],"nextCursor":"","_meta":{"k":9007199254740993} }'), 2],
    [[], answer('{ "tools" : [  ],"nextCursor":"","_meta":{"k":9007199254740993} }'), 3],
  ])("[R53] [R102] keeps %j, and every other character", (kept, text, removed) => {
    const filtered = filterToolList(page, (name) => kept.includes(name), "legacy");
    expect(filtered).toEqual({ ok: true, text, removed, names: kept, repeated: [] });
  });

  test.each([
    [
      "set when it is public",
      '{"tools":[{"name":"a"},{"name":"b"}],"cacheScope":"public","ttlMs":5}',
      '{"tools":[{"name":"a"}],"cacheScope":"private","ttlMs":5}',
    ],
    [
      "added when it is missing",
      '{"tools":[{"name":"a"},{"name":"b"}]}',
      '{"cacheScope":"private","tools":[{"name":"a"}]}',
    ],
    [
      "set though nothing was cut: all pages share one scope",
      '{"tools":[{"name":"a"}],"cacheScope":"public"}',
      '{"tools":[{"name":"a"}],"cacheScope":"private"}',
    ],
  ])("[B266] cacheScope of a modern list is %s", (_, result, filtered) => {
    expect(filterToolList(answer(result), (name) => name === "a", "modern")).toMatchObject({ text: answer(filtered) });
  });

  test("[B113] a tool listed twice is cut out both times, whatever the policy says, and reported", () => {
    const text = answer('{"tools":[{"name":"a","x":1},{"name":"b"},{"name":"\\u0061","x":2}]}');
    const filtered = filterToolList(text, () => true, "legacy");
    expect(filtered).toEqual({
      ok: true,
      text: answer('{"tools":[{"name":"b"}]}'),
      removed: 2,
      names: ["b"],
      repeated: ["a"],
    });
    expect(readToolList(text)).toEqual({
      ok: true,
      tools: [{ name: "b", definition: { name: "b" }, text: '{"name":"b"}' }],
      repeated: ["a"],
    });
  });

  test("[B104] a tool whose name cannot be called is cut out without asking the policy", () => {
    const names = ["", "x".repeat(129), "\\ud83d"].map((name) => `{"name":"${name}"}`);
    const text = answer(`{"tools":[${names.join(",")},{"name":"ok"}]}`);
    const asked: string[] = [];
    const filtered = filterToolList(text, (name) => asked.push(name) > 0, "legacy");
    expect(filtered).toMatchObject({ text: answer('{"tools":[{"name":"ok"}]}'), removed: 3, names: ["ok"] });
    expect(asked).toEqual(["ok"]);
    expect(readToolList(text)).toMatchObject({ tools: [{ name: "ok" }] });
  });

  test("cutting by span equals filtering the parsed list [R53]", () => {
    const name = fc.constantFrom<string>("a", "b", "c", "é", 'f"\\');
    const tools = fc.uniqueArray(fc.record({ name, x: fc.jsonValue({ maxDepth: 2 }) }), {
      selector: (tool) => tool.name,
    });
    fc.assert(
      fc.property(tools, fc.array(name), fc.constantFrom(undefined, 1), (listed, kept, indent) => {
        const messageOf = (entries: readonly unknown[]): object => ({
          id: 1,
          result: { tools: entries, _meta: { n: "]" } },
        });
        const text = JSON.stringify(messageOf(listed), null, indent);
        // Refused, as the scan's tests prove.
        fc.pre(!text.includes("__proto__"));
        const filtered = filterToolList(text, (tool) => kept.includes(tool), "legacy");
        const expected = messageOf(listed.filter((tool) => kept.includes(tool.name)));
        expect(JSON.parse(filtered.ok ? filtered.text : "null")).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
    );
  });
});

describe("[R54] a list that cannot be read is withheld", () => {
  test.each([
    ["invalid_json", "{"],
    ["duplicate_key", answer('{"tools":[],"tools":[{"name":"a"}]}')],
    ["duplicate_key", answer('{"tools":[{"name":"a","n\\u0061me":"b"}]}')],
    ["forbidden_key", answer('{"tools":[{"name":"a","__proto__":{}}]}')],
    ["no_list", "[]"],
    ["no_list", '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}'],
    ["no_list", answer("[]")],
    ["no_list", answer("{}")],
    ["no_list", answer('{"tools":{"a":{}}}')],
    ["case_variant_key", answer('{"tools":[],"Tools":[{"name":"a"}]}')],
    ["case_variant_key", answer('{"tools":[],"tool\\u017f":[{"name":"a"}]}')],
    ["case_variant_key", answer('{"tools":[{"name":"a","Name":"b"}]}')],
    ["entry_not_an_object", answer('{"tools":["a"]}')],
    ["entry_not_an_object", answer('{"tools":[null]}')],
    ["entry_without_name", answer('{"tools":[{}]}')],
    ["entry_without_name", answer('{"tools":[{"name":1}]}')],
    ["entry_without_name", answer('{"tools":[{"title":"a"}]}')],
    ["cursor_invalid", answer('{"tools":[],"nextCursor":1}')],
  ])("%s: %s", (reason, text) => {
    expect(filterToolList(text, () => true, "modern")).toEqual({ ok: false, reason });
    expect(readToolList(text)).toEqual({ ok: false, reason });
  });
});

describe("a page that is read", () => {
  test("has whole definitions in order, and a cursor even when it is empty", () => {
    expect(readToolList(answer('{"tools":[{"name":"b" ,"x":1} , {"name":"a"}],"nextCursor":""}'))).toEqual({
      ok: true,
      tools: [
        { name: "b", definition: { name: "b", x: 1 }, text: '{"name":"b" ,"x":1}' },
        { name: "a", definition: { name: "a" }, text: '{"name":"a"}' },
      ],
      repeated: [],
      nextCursor: "",
    });
  });

  test.each(['{"tools":[]}', '{"tools":[],"nextCursor":null}'])("without a cursor is the last: %s", (result) => {
    expect(readToolList(answer(result))).toEqual({ ok: true, tools: [], repeated: [] });
  });
});
