import { describe, expect, it } from "vitest";
import type { JsonValue } from "../values/json.ts";
import { parsePath } from "./conditions/paths.ts";
import { defaultOf, judgePath } from "./schema-paths.ts";
import type { PathVerdict } from "./schema-paths.ts";

const order: JsonValue = {
  type: "object",
  properties: {
    id: { type: "string" },
    lines: { type: "array", items: { $ref: "#/$defs/line" } },
    tags: { type: ["array", "null"] },
    pair: { type: "array", items: [{ type: "string" }] },
    open: { type: "object", properties: { a: { type: "number" } } },
    closed: { type: "object", properties: { a: {} }, additionalProperties: false },
    byPattern: { type: "object", patternProperties: { "^x": {} }, additionalProperties: false },
    mixed: { allOf: [{ properties: { a: { type: "string" } } }, { additionalProperties: false }] },
    odd: { type: 5, properties: [] },
    loop: { $ref: "#/properties/loop" },
    any: true,
  },
  patternProperties: { "^x-": {} },
  additionalProperties: false,
  $defs: { line: { type: "object", properties: { amount: { type: "number" } }, additionalProperties: false } },
};

describe("judgePath", () => {
  it.each<readonly [string, PathVerdict]>([
    ["args", "possible"],
    ["args.**", "possible"],
    ["args[0]", "possible"],
    ["grant.id", "possible"],
    ["args.id", "possible"],
    ["args.x-note.deep", "possible"],
    ["args.other", "impossible"],
    ["args.id.a", "impossible"],
    ["args.id[0]", "impossible"],
    ["args.id.**", "possible"],
    ["args.lines[*].amount", "possible"],
    ["args.lines[0].price", "impossible"],
    ["args.lines.amount", "impossible"],
    ["args.tags[0].x", "possible"],
    ["args.tags.x", "impossible"],
    ["args.pair[0].x", "possible"],
    ["args.open.b", "possible"],
    ["args.open.a.b", "impossible"],
    ["args.closed.b", "impossible"],
    ["args.byPattern.xy", "possible"],
    ["args.mixed.a", "possible"],
    ["args.mixed.b", "impossible"],
    ["args.odd.a", "possible"],
    ["args.loop.a", "possible"],
    ["args.any.a", "possible"],
  ])("%s is %s", (source, verdict) => {
    const path = parsePath(source);
    if ("code" in path) throw new Error(path.message);
    expect(judgePath(order, path)).toBe(verdict);
  });

  it.each<readonly [JsonValue, PathVerdict]>([
    [{ properties: { b: {} } }, "unnamed"],
    [{ properties: { b: {} }, anyOf: [{ properties: { a: {} } }] }, "possible"],
    [{ type: "object" }, "possible"],
    [true, "possible"],
    [{ properties: [] }, "possible"],
    [{ additionalProperties: false }, "impossible"],
  ])("under %j args.a is %s", (schema, verdict) => {
    const path = parsePath("args.a");
    if ("code" in path) throw new Error(path.message);
    expect(judgePath(schema, path)).toBe(verdict);
  });
});

describe("defaultOf", () => {
  it.each<readonly [JsonValue, JsonValue | undefined]>([
    [{ properties: { a: { default: 5 } } }, 5],
    [{ properties: { a: { default: 5 } }, required: ["a"] }, undefined],
    [{ properties: { a: { default: 5 } }, required: "a" }, 5],
    [{ properties: { a: {} } }, undefined],
    [{ properties: { a: true } }, undefined],
    [{}, undefined],
  ])("of args.a under %j is %j", (schema, value) => {
    expect(defaultOf(schema, "a")).toBe(value);
  });
});
