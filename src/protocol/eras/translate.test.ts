import { describe, expect, it } from "vitest";
import { classifyClientMessage, classifyServerMessage, type ClientRequest, type ServerResponse } from "../classify.ts";
import { agreedVersion, announcesToolChanges, answerInEra, requestInEra } from "./translate.ts";

const versionKey = "io.modelcontextprotocol/protocolVersion";
const capabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
const meta = { [versionKey]: "2026-07-28", [capabilitiesKey]: {} };
const encoder = new TextEncoder();

function requestOf(text: string): ClientRequest {
  const message = classifyClientMessage(encoder.encode(text), { transport: "stdio" });
  if (message.kind !== "request") throw new Error(JSON.stringify(message));
  return message;
}

function responseOf(text: string): ServerResponse {
  const message = classifyServerMessage(encoder.encode(text));
  if (message.kind !== "response") throw new Error(JSON.stringify(message));
  return message;
}

const call = (params: string): string =>
  `{"jsonrpc":"2.0", "id":1,"method":"tools/call","params":{"name":"a"${params}}}`;

describe("a request in the other era", () => {
  it("loses the modern keys and nothing else", () => {
    const text = call(
      `,"arguments":{"n":1.50},"_meta":{"${versionKey}":"2026-07-28", "progressToken":7,"${capabilitiesKey}":{}}`,
    );
    const legacy = requestInEra(requestOf(text), "legacy", meta);
    expect(legacy.text).toBe(call(',"arguments":{"n":1.50},"_meta":{"progressToken":7}'));
    expect(legacy).toMatchObject({
      era: "legacy",
      meta: { progressToken: 7 },
      params: { _meta: { progressToken: 7 } },
    });
    expect(JSON.parse(legacy.text).params).toEqual(legacy.params);
  });

  it.each([
    ["without `_meta`", call(',"arguments":{"n":1.50}')],
    ["with `_meta`", call(',"_meta":{"progressToken":7}')],
    ["with a modern key of its own", call(`,"_meta":{"${capabilitiesKey}":{"sampling":{}}}`)],
    ["without `params`", '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'],
  ])("gets the gateway's modern keys: %s", (_, text) => {
    const modern = requestInEra(requestOf(text), "modern", meta);
    const again = requestOf(modern.text);
    expect(again).toMatchObject({ era: "modern", meta: modern.meta, params: modern.params });
    expect(again.call).toEqual(modern.call);
    expect(modern.meta).toMatchObject(meta);
  });

  it("stays as it is in its own era", () => {
    const request = requestOf(call(""));
    expect(requestInEra(request, "legacy", meta)).toBe(request);
  });
});

describe("an answer in the other era", () => {
  const legacy = responseOf('{"jsonrpc":"2.0","id":1,"result":{"content":[] ,"n":1.0}}');
  const modern = responseOf('{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[] ,"n":1.0}}');
  const error = (code: number): ServerResponse =>
    responseOf(`{"jsonrpc":"2.0","id":1,"error":{"code":${code},"message":"m"}}`);

  it("says that it is complete, or does not", () => {
    expect(answerInEra(legacy, legacy.text, "modern")).toMatchObject({ ok: true, text: modern.text });
    expect(answerInEra(modern, modern.text, "legacy")).toMatchObject({ ok: true, text: legacy.text });
    expect(answerInEra(legacy, legacy.text, "legacy")).toMatchObject({ ok: true, text: legacy.text });
  });

  it("is complete whatever a legacy server calls it", () => {
    const asking = responseOf('{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required"}}');
    expect(answerInEra(asking, asking.text, "modern")).toMatchObject({ text: expect.stringContaining('"complete"') });
  });

  it.each(["input_required", "task"])("is none when the result is of the kind %s", (kind) => {
    const asking = responseOf(`{"jsonrpc":"2.0","id":1,"result":{"resultType":"${kind}"}}`);
    expect(answerInEra(asking, asking.text, "legacy").ok).toBe(false);
  });

  it("has no code that a legacy client would take for a modern server", () => {
    const signs = error(-32_021);
    expect(answerInEra(signs, signs.text, "legacy")).toMatchObject({ errorCode: -32_603, text: error(-32_603).text });
    expect(answerInEra(signs, signs.text, "modern")).toMatchObject({ errorCode: -32_021, text: signs.text });
    const plain = error(-32_602);
    expect(answerInEra(plain, plain.text, "legacy")).toMatchObject({ errorCode: -32_602, text: plain.text });
  });
});

it.each([
  [{ protocolVersion: "2025-06-18" }, "2025-06-18"],
  [{ protocolVersion: "2026-07-28" }, undefined],
  [{ protocolVersion: 1 }, undefined],
  [{}, undefined],
])("agreedVersion: %j agrees on %j", (result, version) => expect(agreedVersion(result)).toBe(version));

it.each([
  [{ capabilities: { tools: { listChanged: true } } }, true],
  [{ capabilities: { tools: { listChanged: false } } }, false],
  [{ capabilities: { tools: {} } }, false],
  [{ capabilities: {} }, false],
  [{ capabilities: [] }, false],
  [{}, false],
])("announcesToolChanges: %j is %j", (result, isTrue) => expect(announcesToolChanges(result)).toBe(isTrue));
