import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../values/json.ts";
import { classifyClientMessage, type ClientNotification, type ClientRequest } from "./classify.ts";
import { decodeHeaderValue } from "./mirror-headers.ts";
import { encodeHeaderValue, outgoingHeaders, type OutgoingMessage } from "./outgoing-headers.ts";

const versionKey = "io.modelcontextprotocol/protocolVersion";
const meta = { [versionKey]: "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };

/** A message as the gateway has it: classified. */
function read(message: JsonObject): ClientRequest | ClientNotification {
  const bytes = new TextEncoder().encode(JSON.stringify({ jsonrpc: "2.0", ...message }));
  const classified = classifyClientMessage(bytes, { transport: "stdio" });
  if (classified.kind === "request" || classified.kind === "notification") return classified;
  throw new Error(`not a message: ${JSON.stringify(classified)}`);
}

function modern(method: string, params: JsonObject = {}): ClientRequest | ClientNotification {
  return read({ id: 1, method, params: { ...params, _meta: meta } });
}

function headersOf(message: ClientRequest | ClientNotification, more: Partial<OutgoingMessage> = {}): object {
  return outgoingHeaders({ message, protocolVersion: undefined, ...more });
}

const modernVersion = { "mcp-protocol-version": "2026-07-28" };

describe("the headers of a legacy message", () => {
  it("name the revision once there is one, and nothing else", () => {
    const call = read({ id: 1, method: "tools/call", params: { name: "echo", arguments: { region: "eu" } } });
    expect(headersOf(call)).toEqual({});
    expect(headersOf(call, { protocolVersion: "2025-06-18" })).toEqual({ "mcp-protocol-version": "2025-06-18" });
    const schema = { properties: { region: { type: "string", "x-mcp-header": "Region" } } };
    expect(headersOf(call, { protocolVersion: "2025-06-18", schema, received: { x: "y" } })).toEqual({
      "mcp-protocol-version": "2025-06-18",
    });
  });
});

describe("the headers of a modern message", () => {
  it.each<[method: string, params: JsonObject, name: string | undefined]>([
    ["tools/call", { name: "echo" }, "echo"],
    ["prompts/get", { name: "greet" }, "greet"],
    ["resources/read", { uri: "file:///a b" }, "file:///a b"],
    ["tasks/get", { taskId: "t-1" }, "t-1"],
    ["tools/call", { name: "caf\u{e9}" }, "=?base64?Y2Fmw6k=?="],
    ["tools/list", { name: "not mirrored" }, undefined],
    ["resources/read", { uri: 1 }, undefined],
    ["prompts/get", {}, undefined],
  ])("mirror method and name: %s %j", (method, params, name) => {
    expect(headersOf(modern(method, params), { protocolVersion: "2025-11-25" })).toEqual({
      ...modernVersion,
      "mcp-method": method,
      ...(name === undefined ? {} : { "mcp-name": name }),
    });
  });

  it("mirror a notification's method too", () => {
    const message = read({ method: "notifications/cancelled", params: { requestId: 1, _meta: meta } });
    expect(headersOf(message)).toEqual({ ...modernVersion, "mcp-method": "notifications/cancelled" });
  });
});

const schema = {
  type: "object",
  properties: {
    region: { type: "string", "x-mcp-header": "Region" },
    level: { type: "integer", "x-mcp-header": "Level" },
    dry: { type: "boolean", "x-mcp-header": "Dry-Run" },
    place: { type: "object", properties: { city: { type: "string", "x-mcp-header": "City" } } },
  },
};

/** `Mcp-Param-*` of a call, names without the prefix. */
function paramsOf(args: JsonObject, more: Partial<OutgoingMessage> = { schema }): object {
  const headers = headersOf(modern("tools/call", { name: "t", arguments: args }), more);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith("mcp-param-") ? [[name.slice("mcp-param-".length), value]] : [],
    ),
  );
}

describe("the headers of a tool's arguments", () => {
  it.each<[args: JsonObject, params: object]>([
    [{}, {}],
    [{ region: "eu-1" }, { region: "eu-1" }],
    [{ region: "" }, { region: "=?base64??=" }],
    [{ region: " eu" }, { region: "=?base64?IGV1?=" }],
    [{ region: "a\nb" }, { region: "=?base64?YQpi?=" }],
    [{ region: "=?base64?eA==?=" }, { region: "=?base64?PT9iYXNlNjQ/ZUE9PT89?=" }],
    [{ region: null }, {}],
    [{ region: ["eu"] }, {}],
    [{ level: 42 }, { level: "42" }],
    [{ level: -0 }, { level: "0" }],
    [{ level: 1.5 }, { level: "1.5" }],
    [{ dry: false }, { "dry-run": "false" }],
    [{ place: { city: "Graz" } }, { city: "Graz" }],
    [{ place: "Graz" }, {}],
    [{ other: "x" }, {}],
  ])("%j", (args, params) => {
    expect(paramsOf(args)).toEqual(params);
  });

  it("are none without a schema, or with one that breaks the rules", () => {
    expect(paramsOf({ region: "eu" }, {})).toEqual({});
    const broken = { properties: { ...schema.properties, x: { type: "number", "x-mcp-header": "X" } } };
    expect(paramsOf({ region: "eu" }, { schema: broken })).toEqual({});
  });

  it("come from the arguments, whatever the client sent, and those nobody knows go on", () => {
    const received = { Region: "us", level: "7", unknown: "as it was" };
    expect(paramsOf({ region: "eu" }, { schema, received })).toEqual({ region: "eu", unknown: "as it was" });
    expect(paramsOf({ region: "eu" }, { received })).toEqual({ region: "us", level: "7", unknown: "as it was" });
  });

  it("of a megabyte are written too", () => {
    expect(paramsOf({ region: "\u{e9}".repeat(500_000) })).toMatchObject({
      region: expect.stringMatching(/^=\?base64\?/),
    });
  });
});

describe("a header's value", () => {
  it("is safe in a header and reads back as what it stands for, whatever that is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })), (value) => {
        const encoded = encodeHeaderValue(value);
        expect(encoded).toMatch(/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/);
        expect(decodeHeaderValue(encoded)).toBe(value);
      }),
    );
  });
});
