import { describe, expect, test } from "vitest";
import { classifyClientMessage } from "./classify.ts";
import type { MirrorHeaders } from "./mirror-headers.ts";

const encoder = new TextEncoder();
const version = "2026-07-28";

interface Body {
  readonly method?: string;
  readonly params?: object;
  readonly meta?: object;
  readonly isNotification?: boolean;
}

function outcome(body: Body, headers: Partial<MirrorHeaders> | undefined): object {
  const { method = "tools/call", params = { name: "safe" }, meta } = body;
  const text = JSON.stringify({
    jsonrpc: "2.0",
    ...(body.isNotification === true ? {} : { id: 7 }),
    method,
    params: { ...params, ...(meta === undefined ? {} : { _meta: meta }) },
  });
  const sent = headers === undefined ? undefined : { params: {}, repeated: [], ...headers };
  const message = classifyClientMessage(encoder.encode(text), { transport: "http", headers: sent });
  if (message.kind === "rejected") {
    const { reason, code, status, id } = message.rejection;
    return { reason, code, status, id };
  }
  return { era: message.kind === "response" ? undefined : message.era };
}

const modern = {
  "io.modelcontextprotocol/protocolVersion": version,
  "io.modelcontextprotocol/clientCapabilities": {},
};
const good = { protocolVersion: version, method: "tools/call", name: "safe" };

function modernFault(reason: string, code = -32020): object {
  return { reason, code, status: 400, id: 7 };
}

describe("a modern request over HTTP", () => {
  test.each<[why: string, body: Body, headers: Partial<MirrorHeaders> | undefined, outcome: object]>([
    ["its headers mirror it", { meta: modern }, good, { era: "modern" }],
    [
      "outer blanks do not count",
      { meta: modern },
      { ...good, name: " \tsafe ", method: " tools/call" },
      { era: "modern" },
    ],
    [
      "client info",
      { meta: { ...modern, "io.modelcontextprotocol/clientInfo": { name: "x" } } },
      good,
      { era: "modern" },
    ],
    ["[B124] another name", { meta: modern, params: { name: "evil" } }, good, modernFault("header_mismatch")],
    ["[B125] another method", { meta: modern }, { ...good, method: "ping" }, modernFault("header_mismatch")],
    [
      "methods are compared with case",
      { meta: modern },
      { ...good, method: "Tools/Call" },
      modernFault("header_mismatch"),
    ],
    ["names are compared with case", { meta: modern }, { ...good, name: "Safe" }, modernFault("header_mismatch")],
    ["[B126] no name", { meta: modern }, { ...good, name: undefined }, modernFault("header_mismatch")],
    ["no method", { meta: modern }, { ...good, method: undefined }, modernFault("header_mismatch")],
    ["no version", { meta: modern }, { ...good, protocolVersion: undefined }, modernFault("header_mismatch")],
    ["no headers at all", { meta: modern }, undefined, modernFault("header_mismatch")],
    ["another version", { meta: modern }, { ...good, protocolVersion: "2025-11-25" }, modernFault("header_mismatch")],
    ["[B128] two names", { meta: modern }, { ...good, repeated: ["Mcp-Name"] }, modernFault("header_repeated")],
    ["[B128] two methods", { meta: modern }, { ...good, repeated: ["mcp-method"] }, modernFault("header_repeated")],
    ["two of one parameter", { meta: modern }, { ...good, repeated: ["mcp-param-x"] }, modernFault("header_repeated")],
    ["other headers may repeat", { meta: modern }, { ...good, repeated: ["accept"] }, { era: "modern" }],
    [
      "a name in base64",
      { meta: modern, params: { name: "é" } },
      { ...good, name: "=?base64?w6k=?=" },
      { era: "modern" },
    ],
    [
      "a name in raw Latin-1",
      { meta: modern, params: { name: "é" } },
      { ...good, name: "é" },
      modernFault("header_mismatch"),
    ],
    [
      "a resource",
      { meta: modern, method: "resources/read", params: { uri: "a:b" } },
      { ...good, method: "resources/read", name: "a:b" },
      { era: "modern" },
    ],
    [
      "a task",
      { meta: modern, method: "tasks/get", params: { taskId: "t" } },
      { ...good, method: "tasks/get", name: "u" },
      modernFault("header_mismatch"),
    ],
    [
      "a method without a name needs none",
      { meta: modern, method: "tools/list", params: {} },
      { ...good, method: "tools/list", name: undefined },
      { era: "modern" },
    ],
    [
      "a malformed name is the call's fault, not the header's",
      { meta: modern, params: {} },
      { ...good, name: undefined },
      modernFault("tool_name_invalid", -32602),
    ],
    [
      "a version of the future",
      { meta: { ...modern, "io.modelcontextprotocol/protocolVersion": "2027-01-01" } },
      { ...good, protocolVersion: "2027-01-01" },
      modernFault("unsupported_version", -32022),
    ],
    [
      "a version with a handshake",
      { meta: { ...modern, "io.modelcontextprotocol/protocolVersion": "2025-11-25" } },
      { ...good, protocolVersion: "2025-11-25" },
      modernFault("unsupported_version", -32022),
    ],
    [
      "no version in words",
      { meta: { ...modern, "io.modelcontextprotocol/protocolVersion": 1 } },
      good,
      modernFault("modern_meta_invalid", -32602),
    ],
    [
      "no capabilities",
      { meta: { "io.modelcontextprotocol/protocolVersion": version } },
      good,
      modernFault("modern_meta_invalid", -32602),
    ],
    [
      "malformed capabilities",
      { meta: { ...modern, "io.modelcontextprotocol/clientCapabilities": [] } },
      good,
      modernFault("modern_meta_invalid", -32602),
    ],
    [
      "malformed client info",
      { meta: { ...modern, "io.modelcontextprotocol/clientInfo": "x" } },
      good,
      modernFault("modern_meta_invalid", -32602),
    ],
  ])("%s", (_, body, headers, expected) => {
    expect(outcome(body, headers)).toEqual(expected);
  });

  test("a version that is not supported is answered with those that are", () => {
    const meta = { ...modern, "io.modelcontextprotocol/protocolVersion": "2099-01-01" };
    const text = JSON.stringify({ jsonrpc: "2.0", id: 7, method: "server/discover", params: { _meta: meta } });
    expect(classifyClientMessage(encoder.encode(text), { transport: "stdio" })).toMatchObject({
      rejection: { code: -32022, data: { supported: ["2026-07-28"], requested: "2099-01-01" } },
    });
  });
});

describe("a modern notification over HTTP", () => {
  const cancelled = { method: "notifications/cancelled", params: {}, isNotification: true };

  test.each<[why: string, body: Body, headers: Partial<MirrorHeaders>, outcome: object]>([
    ["may leave its version to the header", cancelled, { protocolVersion: version }, { era: "modern" }],
    ["may leave its version to its body", { ...cancelled, meta: modern }, {}, { era: "modern" }],
    [
      "needs no capabilities",
      { ...cancelled, meta: { "io.modelcontextprotocol/protocolVersion": version } },
      {},
      { era: "modern" },
    ],
    [
      "may not contradict itself",
      { ...cancelled, meta: modern },
      { protocolVersion: "2025-11-25" },
      { reason: "header_mismatch", code: -32020, status: 400, id: null },
    ],
    [
      "may not name another method",
      { ...cancelled, meta: modern },
      { method: "ping" },
      { reason: "header_mismatch", code: -32020, status: 400, id: null },
    ],
  ])("%s", (_, body, headers, expected) => {
    expect(outcome(body, headers)).toEqual(expected);
  });
});

describe("a legacy message over HTTP is never answered with a code of the modern era", () => {
  const initialize: Body = { method: "initialize", params: { protocolVersion: "2025-11-25" } };

  test.each<[why: string, body: Body, headers: Partial<MirrorHeaders> | undefined, outcome: object]>([
    ["without headers", {}, undefined, { era: "legacy" }],
    ["with its version", {}, { protocolVersion: "2025-11-25" }, { era: "legacy" }],
    ["with the first version", {}, { protocolVersion: " 2024-11-05 " }, { era: "legacy" }],
    ["with headers that mirror it", {}, { ...good, protocolVersion: "2025-11-25" }, { era: "legacy" }],
    ["[B124] another name", { params: { name: "evil" } }, { name: "safe" }, modernFault("header_mismatch", -32600)],
    ["[B125] another method", {}, { method: "ping" }, modernFault("header_mismatch", -32600)],
    ["a name that cannot be decoded", {}, { name: "=?base64?!?=" }, modernFault("header_mismatch", -32600)],
    ["[B128] two names", {}, { repeated: ["MCP-NAME"] }, modernFault("header_repeated", -32600)],
    ["[B128] two sessions", {}, { repeated: ["mcp-session-id"] }, modernFault("header_repeated", -32600)],
    ["an unknown version", {}, { protocolVersion: "2020-01-01" }, modernFault("unsupported_version", -32600)],
    ["a version that is none", {}, { protocolVersion: "é" }, modernFault("unsupported_version", -32600)],
    [
      "a modern header without its metadata",
      {},
      { protocolVersion: version },
      modernFault("modern_meta_invalid", -32602),
    ],
    ["a handshake with any old version", initialize, { protocolVersion: "latest" }, { era: "legacy" }],
    [
      "a handshake with a modern version",
      initialize,
      { protocolVersion: version },
      modernFault("header_mismatch", -32600),
    ],
    [
      "a notification",
      { method: "notifications/initialized", params: {}, isNotification: true },
      { protocolVersion: "2025-06-18" },
      { era: "legacy" },
    ],
  ])("%s", (_, body, headers, expected) => {
    expect(outcome(body, headers)).toEqual(expected);
  });
});
