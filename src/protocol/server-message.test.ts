import { describe, expect, test } from "vitest";
import { classifyServerMessage } from "./server-message.ts";

const encoder = new TextEncoder();

function classify(text: string): object {
  return classifyServerMessage(encoder.encode(text));
}

const head = '"jsonrpc":"2.0","id":1';

describe("a message from a server", () => {
  test("a result", () => {
    const text = `{${head},"result":{"content":[]}}\r`;
    expect(classify(text)).toEqual({
      kind: "response",
      id: 1,
      isError: false,
      errorCode: undefined,
      isToolError: false,
      body: { content: [] },
      text,
    });
  });

  test("a tool result that is an error", () => {
    expect(classify(`{${head},"result":{"isError":true}}`)).toMatchObject({ isError: false, isToolError: true });
    expect(classify(`{${head},"result":{"isError":"true"}}`)).toMatchObject({ isError: false, isToolError: false });
  });

  test("an error", () => {
    expect(classify(`{${head},"error":{"code":-32601,"message":"no"}}`)).toMatchObject({
      kind: "response",
      id: 1,
      isError: true,
      errorCode: -32601,
      isToolError: false,
      body: { code: -32601, message: "no" },
    });
  });

  test("an error about a message that the server could not read", () => {
    const text = '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}';
    expect(classify(text)).toMatchObject({ kind: "response", id: null, errorCode: -32700 });
  });

  test("a request and a notification", () => {
    expect(classify(`{${head},"method":"ping"}`)).toMatchObject({ kind: "request", id: 1, method: "ping", params: {} });
    expect(classify('{"jsonrpc":"2.0","method":"notifications/message","params":{"data":1}}')).toMatchObject({
      kind: "notification",
      method: "notifications/message",
      params: { data: 1 },
    });
  });

  test.each([
    ["numbers of any precision", '{"n":9007199254740993,"m":1e400,"k":0.10000000000000000001}'],
    ["half a pair in a value, as a server leaves when it cuts text", '{"text":"\\ud83d"}'],
    ["unknown members", '{"content":[{"type":"new","x":{"deep":[1]}}],"resultType":"other"}'],
    ["keys that fold", '{"ſ":1,"a":1,"A":2}'],
  ])("%s in a result is let through", (_, result) => {
    expect(classify(`{${head},"result":${result}}`)).toMatchObject({
      kind: "response",
      text: `{${head},"result":${result}}`,
    });
  });

  test("unknown members of the envelope are let through", () => {
    expect(classify(`{${head},"result":{},"x":1}`)).toMatchObject({ kind: "response" });
  });
});

describe("what is no message is never passed on", () => {
  test.each<[why: string, text: string, reason: string, id: number | string | undefined]>([
    ["[B292] result and error", `{${head},"result":{},"error":{"code":1,"message":""}}`, "result_and_error", 1],
    ["[B292] neither", `{${head}}`, "neither_result_nor_error", 1],
    ["[B292] two results", `{${head},"result":{},"result":{"x":1}}`, "duplicate_key", 1],
    ["[B292] two ids", `{"jsonrpc":"2.0","id":1,"id":2,"result":{}}`, "duplicate_key", 2],
    ["[B292] a key twice deep inside", `{${head},"result":{"a":[{"b":1,"\\u0062":2}]}}`, "duplicate_key", 1],
    ["[B292] a result that is none", `{${head},"result":null}`, "result_invalid", 1],
    ["[B292] a result that is a list", `{${head},"result":[]}`, "result_invalid", 1],
    ["[B292] an error that is none", `{${head},"error":null}`, "error_invalid", 1],
    ["[B292] an error without code", `{${head},"error":{"message":"x"}}`, "error_invalid", 1],
    ["[B292] an error with a broken code", `{${head},"error":{"code":1.5,"message":"x"}}`, "error_invalid", 1],
    ["[B292] an error without message", `{${head},"error":{"code":1}}`, "error_invalid", 1],
    ["[B292] method and result", `{${head},"method":"ping","result":{}}`, "method_and_result", 1],
    ["[B292] method and error", `{${head},"method":"ping","error":{}}`, "method_and_result", 1],
    ["a result in another case", `{${head},"Result":{},"result":{}}`, "case_variant_key", 1],
    ["a result without id", '{"jsonrpc":"2.0","result":{}}', "id_invalid", undefined],
    ["a result with id null", '{"jsonrpc":"2.0","id":null,"result":{}}', "id_invalid", undefined],
    ["an error without id", '{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}', "id_invalid", undefined],
    ["a request with id null", '{"jsonrpc":"2.0","id":null,"method":"ping"}', "id_invalid", undefined],
    ["a request with a fraction as id", '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', "id_invalid", undefined],
    ["no version", '{"id":1,"result":{}}', "jsonrpc_version", 1],
    ["[B306] debug text", "Server listening on stdio", "invalid_json", undefined],
    ["[B306] a banner", "> npx some-server@1.0.0", "invalid_json", undefined],
    ["[B306] a partial line", `{${head},"resu`, "invalid_json", undefined],
    ["[B306] two objects on a line", `{${head},"result":{}}{"jsonrpc":"2.0"}`, "invalid_json", undefined],
    ["[B306] NUL", `\0{${head},"result":{}}`, "invalid_json", undefined],
    ["[B306] text in quotes", '"debug"', "not_an_object", undefined],
    ["[B306] a list", "[]", "not_an_object", undefined],
    ["a batch", `[{${head},"result":{}}]`, "not_an_object", undefined],
    ["a prototype", `{${head},"result":{"__proto__":{}}}`, "forbidden_key", 1],
    [
      "an id that objects inherit",
      '{"jsonrpc":"2.0","id":"__proto__","result":{},"result":{}}',
      "duplicate_key",
      "__proto__",
    ],
    ["a request twice over settles nothing", `{${head},"method":"ping","method":"ping"}`, "duplicate_key", undefined],
    ["an ambiguous list settles nothing", '[{"a":1,"a":2}]', "duplicate_key", undefined],
    ["an ambiguous id settles nothing", '{"id":{},"a":1,"a":2}', "duplicate_key", undefined],
  ])("%s", (_, text, reason, id) => {
    expect(classify(text)).toEqual({ kind: "garbage", reason, id });
  });

  test.each([
    ["a method that is no text", `{${head},"method":1}`, "method_invalid"],
    ["an empty method", `{${head},"method":""}`, "method_invalid"],
    ["params that are a list", `{${head},"method":"ping","params":[]}`, "params_not_object"],
  ])("a request of the server's own answers none of the client's: %s", (_, text, reason) => {
    expect(classify(text)).toEqual({ kind: "noise", reason });
  });

  test("[B306] UTF-16 and other encodings", () => {
    const utf16 = Buffer.from(`\ufeff{${head},"result":{}}`, "utf16le");
    expect(classifyServerMessage(utf16)).toEqual({ kind: "garbage", reason: "invalid_utf8", id: undefined });
    const latin1 = Buffer.from(`{${head},"result":{"a":"é"}}`, "latin1");
    expect(classifyServerMessage(latin1)).toEqual({ kind: "garbage", reason: "invalid_utf8", id: 1 });
  });
});
