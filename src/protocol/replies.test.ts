import { describe, expect, test } from "vitest";
import {
  denialReply,
  emptyListReply,
  errorReply,
  gatewayErrorCodes,
  jsonRpcCodes,
  resultReply,
  unknownToolReply,
} from "./replies.ts";

describe("the gateway's own answers", () => {
  test("[R97] [R98] a denial is a tool result that a model and a program can read", () => {
    expect(denialReply(7, { message: "over budget", meta: { code: "limit_reached", rule: "/a/0" } }, "legacy")).toBe(
      '{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"[POLICY DENIED] over budget"}],' +
        '"isError":true,"_meta":{"callgate/decision":{"code":"limit_reached","rule":"/a/0"}}}}',
    );
  });

  test("a list behind a closed door is empty, and nobody keeps it in the modern era", () => {
    expect(emptyListReply(7, "prompts", "legacy")).toBe('{"jsonrpc":"2.0","id":7,"result":{"prompts":[]}}');
    expect(emptyListReply(7, "prompts", "modern")).toBe(
      '{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","prompts":[]}}',
    );
  });

  test("a denial in the modern era is complete", () => {
    expect(JSON.parse(denialReply("a", { message: "no", meta: {} }, "modern"))).toMatchObject({
      id: "a",
      result: { resultType: "complete", isError: true },
    });
  });

  test("[R50] a tool that is hidden and one that does not exist answer alike", () => {
    expect(unknownToolReply(1, 'delete "x"')).toBe(
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unknown tool: delete \\"x\\""}}',
    );
  });

  test("an error carries data only when it has some", () => {
    expect(errorReply(null, -32700, "no")).toBe('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}');
    expect(errorReply("1", 1, "no", { a: 1 })).toBe(
      '{"jsonrpc":"2.0","id":"1","error":{"code":1,"message":"no","data":{"a":1}}}',
    );
  });

  test("an empty result", () => {
    expect(resultReply(1, {})).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
    expect(jsonRpcCodes.methodNotFound).toBe(-32601);
  });

  test("every answer is one line", () => {
    const text = "a\nb\r\u2028\0";
    const answers = [
      denialReply(text, { message: text, meta: { text } }, "modern"),
      errorReply(text, 1, text),
      unknownToolReply(1, text),
    ];
    for (const answer of answers) expect(answer).not.toMatch(/[\r\n\0]/);
  });

  test("own codes lie outside what JSON-RPC and the protocol reserve, each used once", () => {
    const codes: readonly number[] = Object.values(gatewayErrorCodes);
    expect(codes.filter((code) => code >= -32_768 && code <= -32_000)).toEqual([]);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
