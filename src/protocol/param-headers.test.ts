import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../values/json.ts";
import type { ClientRequest } from "./classify.ts";
import { checkParamHeaders, paramHeaders } from "./param-headers.ts";

const region = { type: "string", "x-mcp-header": "Region" };

function schemaOf(properties: JsonObject, rest: JsonObject = {}): JsonObject {
  return { type: "object", properties, ...rest };
}

describe("the arguments that headers mirror", () => {
  test("are found through properties, however deep", () => {
    const schema = schemaOf({
      region,
      place: schemaOf({ level: { type: "integer", "x-mcp-header": "Level" }, other: { type: "string" } }),
      "x-mcp-header": { type: "boolean", "x-mcp-header": "Dry-Run" },
    });
    expect(paramHeaders(schema)).toEqual([
      { path: ["region"], name: "Region", type: "string" },
      { path: ["place", "level"], name: "Level", type: "integer" },
      { path: ["x-mcp-header"], name: "Dry-Run", type: "boolean" },
    ]);
    expect(paramHeaders(true)).toEqual([]);
    expect(paramHeaders({ properties: [] })).toEqual([]);
  });

  test.each<[why: string, schema: JsonValue]>([
    ["no text", schemaOf({ a: { type: "string", "x-mcp-header": 1 } })],
    ["no token", schemaOf({ a: { type: "string", "x-mcp-header": "a b" } })],
    ["empty", schemaOf({ a: { type: "string", "x-mcp-header": "" } })],
    ["a number", schemaOf({ a: { type: "number", "x-mcp-header": "A" } })],
    ["a list of types", schemaOf({ a: { type: ["string"], "x-mcp-header": "A" } })],
    ["the same name in another case", schemaOf({ a: region, b: { ...region, "x-mcp-header": "REGION" } })],
    ["at the root", { ...region, type: "string" }],
    ["in items", schemaOf({ a: { type: "array", items: region } })],
    ["in a composition", schemaOf({}, { allOf: [schemaOf({ a: region })] })],
    ["in definitions", schemaOf({}, { $defs: { a: region } })],
    ["in additionalProperties", schemaOf({}, { additionalProperties: region })],
  ])("%s breaks the rules", (_, schema) => {
    expect(paramHeaders(schema)).toBeUndefined();
  });
});

function check(
  args: JsonObject | undefined,
  params: Record<string, string>,
  era: "legacy" | "modern" = "modern",
): object {
  const request: ClientRequest = {
    kind: "request",
    era,
    id: 7,
    method: "tools/call",
    params: {},
    meta: {},
    text: "",
    ...(args === undefined ? {} : { call: { name: "t", args } }),
  };
  const schema = schemaOf({
    region,
    place: schemaOf({ level: { type: "integer", "x-mcp-header": "Level" } }),
    dry: { type: "boolean", "x-mcp-header": "Dry" },
  });
  const rejected = checkParamHeaders(request, schema, { params, repeated: [] });
  return rejected === undefined ? { ok: true } : rejected.rejection;
}

describe("a call's headers and its arguments", () => {
  test.each<[why: string, args: JsonObject | undefined, params: Record<string, string>]>([
    ["equal text", { region: "eu" }, { region: "eu" }],
    ["equal text in base64", { region: "é" }, { region: "=?base64?w6k=?=" }],
    ["equal numbers", { place: { level: 42 } }, { level: "42" }],
    ["equal numbers in another spelling", { place: { level: 42 } }, { level: "42.0" }],
    ["equal booleans", { dry: false }, { dry: "false" }],
    ["neither", { region: null, place: "x" }, {}],
    ["no arguments", undefined, {}],
    ["headers that the schema does not name", {}, { other: "x", constructor: "y" }],
  ])("agree: %s", (_, args, params) => {
    expect(check(args, params)).toEqual({ ok: true });
  });

  test.each<[why: string, args: JsonObject, params: Record<string, string>]>([
    ["[B129] another number", { place: { level: 1000 } }, { level: "1" }],
    ["another text", { region: "us" }, { region: "eu" }],
    ["another case", { region: "EU" }, { region: "eu" }],
    ["text for a number", { region: 1 }, { region: "1e0" }],
    ["another boolean", { dry: true }, { dry: "TRUE" }],
    ["a header that cannot be decoded", { region: "Hello" }, { region: "=?base64?SGVsbG8?=" }],
    ["a header without an argument", {}, { region: "eu" }],
    ["a header for null", { region: null }, { region: "null" }],
    ["a header for a list", { region: ["eu"] }, { region: "eu" }],
    ["an argument without its header", { region: "eu" }, {}],
    ["an argument of another type without its header", { dry: 0 }, {}],
  ])("disagree: %s", (_, args, params) => {
    expect(check(args, params)).toMatchObject({ reason: "header_mismatch", code: -32020, status: 400, id: 7 });
  });

  test("a legacy call need not mirror, but may not contradict, and is not answered with a modern code", () => {
    expect(check({ region: "eu" }, {}, "legacy")).toEqual({ ok: true });
    expect(check({ region: "eu" }, { region: "us" }, "legacy")).toMatchObject({
      reason: "header_mismatch",
      code: -32600,
    });
  });

  test("a schema that breaks the rules asks for nothing", () => {
    const request: ClientRequest = {
      kind: "request",
      era: "modern",
      id: 1,
      method: "tools/call",
      params: {},
      meta: {},
      text: "",
    };
    const schema = schemaOf({ a: { type: "number", "x-mcp-header": "A" } });
    expect(checkParamHeaders(request, schema, { params: { a: "1" }, repeated: [] })).toBeUndefined();
  });
});
