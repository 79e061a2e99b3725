import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cutMembers,
  cutSpans,
  elementSpans,
  memberSpan,
  memberSpans,
  replaceSpan,
  setMember,
  type Span,
} from "./spans.ts";

function at(text: string, span: Span | undefined): string | undefined {
  return span === undefined ? undefined : text.slice(span.start, span.end);
}

const text = ' { "a" : [ 1.5e3 , "x]\\"" ,{"b":null}, [] ] , "\\u0063" :true, "d":{"e\\\\":"\\\\"},"f":-0 } ';

describe("where a value stands", () => {
  test.each<[path: (string | number)[], value: string | undefined]>([
    [[], text.trim()],
    [["a"], '[ 1.5e3 , "x]\\"" ,{"b":null}, [] ]'],
    [["a", 0], "1.5e3"],
    [["a", 1], '"x]\\""'],
    [["a", 2], '{"b":null}'],
    [["a", 2, "b"], "null"],
    [["a", 3], "[]"],
    [["a", 3, 0], undefined],
    [["a", 4], undefined],
    [["c"], "true"],
    [["d", "e\\"], '"\\\\"'],
    [["f"], "-0"],
    [["f", "x"], undefined],
    [["f", 0], undefined],
    [["missing"], undefined],
    [["a", "b"], undefined],
    [["d", 0], undefined],
  ])("%j", (path, value) => {
    expect(at(text, memberSpan(text, path))).toBe(value);
  });

  test("elements and members come in order, keys with their quotes", () => {
    expect(elementSpans("[1, 2 ,[3]]", [])?.map((span) => at("[1, 2 ,[3]]", span))).toEqual(["1", "2", "[3]"]);
    expect(elementSpans("{}", [])).toBeUndefined();
    expect(elementSpans("{}", ["a"])).toBeUndefined();
    const object = '{ "a" : 1,"b":"}" }';
    expect(memberSpans(object, [])?.map(({ key, value }) => [at(object, key), at(object, value)])).toEqual([
      ['"a"', "1"],
      ['"b"', '"}"'],
    ]);
    expect(memberSpans("[]", [])).toBeUndefined();
    expect(memberSpans("{}", ["a"])).toBeUndefined();
  });
});

describe("edits leave every other character", () => {
  test.each<[list: string, kept: number[], cut: string]>([
    ["[ a , b,c ]", [0, 1, 2], "[ a , b,c ]"],
    ["[ a , b,c ]", [0, 2], "[ a , c ]"],
    ["[ a , b,c ]", [1, 2], "[ b,c ]"],
    ["[ a , b,c ]", [0, 1], "[ a , b ]"],
    ["[ a , b,c ]", [2], "[ c ]"],
    ["[ a , b,c ]", [], "[  ]"],
  ])("%s with %j kept", (list, kept, result) => {
    const spans = [...list.matchAll(/[abc]/g)].map(({ index }) => ({ start: index, end: index + 1 }));
    expect(cutSpans(list, spans, (index) => kept.includes(index))).toBe(result);
  });

  test("there is nothing to cut in an empty list", () => {
    expect(cutSpans("[ ]", [], () => false)).toBe("[ ]");
  });

  test.each([
    ["replaces a value in its place", '{ "a" : 1 , "b":2}', "b", '{ "a" : 1 , "b":"x"}'],
    ["adds a member in front", '{ "a" : 1}', "b", '{"b":"x", "a" : 1}'],
    ["adds a member to an empty object", "{ }", "b", '{"b":"x" }'],
    ["finds a key by what it unescapes to", '{"\\u0062":1}', "b", '{"\\u0062":"x"}'],
    ["leaves what is no object", "[1]", "b", "[1]"],
  ])("setMember %s", (_, object, name, result) => {
    expect(setMember(object, [], name, '"x"')).toBe(result);
  });

  test("setMember leaves a text without the object", () => {
    expect(setMember('{"a":1}', ["b"], "c", "1")).toBe('{"a":1}');
  });

  test("cutMembers takes out members by name", () => {
    const object = '{"m":{ "a":1 , "\\u0062":[2],"c":3 }}';
    expect(cutMembers(object, ["m"], (name) => name !== "b")).toBe('{"m":{ "a":1 , "c":3 }}');
    expect(cutMembers(object, ["m"], () => false)).toBe('{"m":{  }}');
    expect(cutMembers(object, ["x"], () => false)).toBe(object);
  });

  test("replaceSpan", () => {
    expect(replaceSpan("[1,2]", { start: 1, end: 2 }, '"x"')).toBe('["x",2]');
  });
});

const spaced = fc
  .tuple(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(undefined, 1, "\t", "\r\n "))
  .map(([value, indent]) => ({ value, spelled: JSON.stringify(value, null, indent) }));

describe("spans agree with the parsed value", () => {
  test("every element and every member is where JSON.parse finds it", () => {
    fc.assert(
      fc.property(spaced, ({ spelled }) => {
        const value: unknown = JSON.parse(spelled);
        expect(JSON.parse(at(spelled, memberSpan(spelled, [])) ?? "")).toEqual(value);
        const elements = elementSpans(spelled, []);
        expect(elements?.map((span) => JSON.parse(at(spelled, span) ?? ""))).toEqual(
          Array.isArray(value) ? value : undefined,
        );
        const members = memberSpans(spelled, [])?.map(({ key, value: span }) => [
          JSON.parse(at(spelled, key) ?? ""),
          JSON.parse(at(spelled, span) ?? ""),
        ]);
        const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
        expect(members === undefined ? undefined : Object.fromEntries(members)).toEqual(isObject ? value : undefined);
      }),
    );
  });

  test("cutting spans equals filtering the parsed list [R53]", () => {
    const list = fc.array(fc.tuple(spaced, fc.boolean()));
    fc.assert(
      fc.property(list, fc.constantFrom("", " ", "\n"), (items, gap) => {
        const spelled = `{"l":[${gap}${items.map(([{ spelled: item }]) => item).join(`${gap},${gap}`)}${gap}],"z":"]"}`;
        const cut = cutSpans(spelled, elementSpans(spelled, ["l"]) ?? [], (index) => items[index]?.[1] === true);
        const kept = items.filter(([, isKept]) => isKept).map(([{ spelled: item }]) => JSON.parse(item));
        expect(JSON.parse(cut)).toEqual({ l: kept, z: "]" });
      }),
    );
  });

  test("setting a member equals setting it in the parsed object", () => {
    const object = fc.dictionary(fc.constantFrom("a", "b", "é", "c\\d", '"'), fc.jsonValue({ maxDepth: 1 }));
    fc.assert(
      fc.property(object, fc.constantFrom("a", "b", "é", '"'), fc.constantFrom(undefined, 2), (value, name, indent) => {
        const spelled = JSON.stringify(value, null, indent);
        expect(JSON.parse(setMember(spelled, [], name, "[1]"))).toEqual({ ...JSON.parse(spelled), [name]: [1] });
      }),
    );
  });
});
