import { describe, expect, test } from "vitest";
import { classifyClientMessage, type ClassifyContext, type ClientMessage, type Rejected } from "./classify.ts";

const encoder = new TextEncoder();
const stdio: ClassifyContext = { transport: "stdio" };
const http: ClassifyContext = { transport: "http" };
const modernMeta =
  '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}';

function classify(text: string, context: ClassifyContext = stdio): ClientMessage | Rejected {
  return classifyClientMessage(encoder.encode(text), context);
}

function reasonOf(text: string, context: ClassifyContext = stdio): string {
  const message = classify(text, context);
  return message.kind === "rejected" ? message.rejection.reason : "ok";
}

function call(params: string, rest = '"id":1'): string {
  return `{"jsonrpc":"2.0",${rest},"method":"tools/call","params":${params}}`;
}

function request(method: string, rest = ""): string {
  return `{"jsonrpc":"2.0","id":1,"method":${method}${rest}}`;
}

const invalidRequest = -32600;
const methodNotFound = -32601;
const invalidParams = -32602;
const parseError = -32700;
const key = '"name":"safe","arguments":{}';

/** Ids of the cases it proves or what it is, message, reason, JSON-RPC code, id in the answer. */
const rejected: readonly (readonly [string, string, string, number, (string | number | null)?])[] = [
  ["[B001] [R101]", call('{"name":"safe","name":"evil","arguments":{}}'), "duplicate_key", invalidRequest],
  [
    "[B002] [R101]",
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"name":"evil"},"method":"tools/call"}',
    "duplicate_key",
    invalidRequest,
  ],
  ["[B004] [R101]", call('{"name":"safe","arguments":{},"arguments":{"x":1}}'), "duplicate_key", invalidRequest],
  ["[B005] [R101]", call('{"name":"safe","arguments":{"amount":1,"amount":999999}}'), "duplicate_key", invalidRequest],
  ["[B006] [R101]", call('{"name":"safe","n\\u0061me":"evil"}'), "duplicate_key", invalidRequest],
  [
    "[B008] [R101]",
    '{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call"}',
    "case_variant_key",
    invalidRequest,
    1,
  ],
  ["[B008] [R101]", '{"jsonrpc":"2.0","id":1,"Id":2,"method":"ping"}', "case_variant_key", invalidRequest, 1],
  ["[B008] [R101]", call(`{${key},"Name":"evil"}`), "case_variant_key", invalidRequest, 1],
  ["[B008] [R101]", call('{"NAME":"evil"}'), "case_variant_key", invalidRequest, 1],
  ["[B008] [R101]", call(`{${key},"Arguments":{}}`), "case_variant_key", invalidRequest, 1],
  ["[B008] [R101]", call(`{${key},"_META":{}}`), "case_variant_key", invalidRequest, 1],
  ["[B008] [R101]", call(`{${key},"_meta":{"ProgressToken":1}}`), "case_variant_key", invalidRequest, 1],
  [
    "[B008] [R101]",
    call(`{${key},"_meta":{"IO.modelcontextprotocol/protocolVersion":"2026-07-28"}}`),
    "case_variant_key",
    invalidRequest,
    1,
  ],
  ["[B008] [R101] dotless i", call(`{${key},"ur\u0131":"x"}`), "case_variant_key", invalidRequest, 1],
  ["[B009] [R101]", call('{"name":"safe","argument\\u017f":{}}'), "folding_key", invalidRequest],
  ["[B009] [R101]", call(`{${key},"_meta":{"progressTo\u212aen":1}}`), "folding_key", invalidRequest],
  ["[B009] [R101]", call('{"name":"safe","arguments":{"to\u212aen":1}}'), "folding_key", invalidRequest],
  ["[B010]", call('{"name":"safe","name\\u0000":"evil"}'), "nul_in_key", invalidRequest],
  ["[B012]", `{"jsonrpc":"2.0","id":1,"method":"ping","x":1}`, "unexpected_member", invalidRequest, 1],
  ["[B013]", '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', "method_and_result", invalidRequest, 1],
  ["[B013]", '{"jsonrpc":"2.0","id":1,"method":"ping","error":null}', "method_and_result", invalidRequest, 1],
  ["[B014]", `\ufeff${request('"ping"')}`, "bom", parseError],
  ["[B016]", call('{"name":"\\ud800","arguments":{}}'), "lone_surrogate", invalidRequest],
  ["[B016]", call('{"name":"safe","arguments":{"a":["\\ud800"]}}'), "lone_surrogate", invalidRequest],
  ["[B018]", `${request('"ping"')}${call(`{${key}}`)}`, "invalid_json", parseError],
  ["[B018]", `${request('"ping"')} garbage`, "invalid_json", parseError],
  ["[B020]", call('{"name":"safe","arguments":{"a":NaN}}'), "invalid_json", parseError],
  ["[B021] [R99]", `[${call('{"name":"evil"}')}]`, "batch", invalidRequest],
  ["[B022] [R99]", `[${request('"ping"')},${call('{"name":"evil"}')}]`, "batch", invalidRequest],
  ["[B022] [R99]", "[]", "batch", invalidRequest],
  ["[B022] [R99] not even JSON", "\r\n\t [", "batch", invalidRequest],
  ["[B024] [R100]", `{"jsonrpc":"2.0","method":"tools/call","params":{${key}}}`, "call_without_id", invalidRequest],
  ["[B025]", call(`{${key}}`, '"id":null'), "id_invalid", invalidRequest],
  ["[B026]", call(`{${key}}`, '"id":1.5'), "id_invalid", invalidRequest],
  ["[B026]", call(`{${key}}`, '"id":9007199254740993'), "unsafe_integer", invalidRequest],
  ["[B026]", call(`{${key}}`, '"id":1e400'), "number_out_of_range", invalidRequest],
  ["[B026]", call(`{${key}}`, '"id":{}'), "id_invalid", invalidRequest],
  ["[B026]", call(`{${key}}`, '"id":true'), "id_invalid", invalidRequest],
  ["[B026]", call(`{${key}}`, `"id":"${"x".repeat(129)}"`), "id_invalid", invalidRequest],
  ["[B028]", call(`{${key}}`, `"id":"${"x".repeat(1_000_000)}"`), "id_invalid", invalidRequest],
  ["[B032] [R100]", call('["delete_all",{}]'), "params_not_object", invalidParams, 1],
  ["[B032] [R100]", call('"x"'), "params_not_object", invalidParams, 1],
  ["[B032] [R100]", call("null"), "params_not_object", invalidParams, 1],
  ["[B032] [R100]", request('"tools/call"'), "tool_name_invalid", invalidParams, 1],
  ["[B032] another method", request('"tools/list"', ',"params":[]'), "params_not_object", invalidParams, 1],
  ["[B033]", request('"tools/call "', `,"params":{${key}}`), "method_variant", methodNotFound, 1],
  ["[B033]", request('"Tools/Call"', `,"params":{${key}}`), "method_variant", methodNotFound, 1],
  ["[B033]", request('"tools//call"', `,"params":{${key}}`), "method_variant", methodNotFound, 1],
  ["[B033]", request('"tools/call\\u0000"', `,"params":{${key}}`), "method_variant", methodNotFound, 1],
  ["[B033] full width", request('"ｔools/call"', `,"params":{${key}}`), "method_variant", methodNotFound, 1],
  ["method", request('""'), "method_invalid", invalidRequest, 1],
  ["method", request("1"), "method_invalid", invalidRequest, 1],
  ["method", request(`"${"x".repeat(129)}"`), "method_invalid", invalidRequest, 1],
  ["a notification with an id", request('"notifications/initialized"'), "notification_with_id", methodNotFound, 1],
  ["[B036]", '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{}}', "forbidden_key", invalidRequest],
  ["[B036]", call(`{${key},"__proto__":{}}`), "forbidden_key", invalidRequest],
  [
    "[B036]",
    call('{"name":"safe","arguments":{"a":{"b":{"c":{"d":{"__proto__":1}}}}}}'),
    "forbidden_key",
    invalidRequest,
  ],
  ["[B037]", call(`{${key},"_meta":{"constructor":{"prototype":{"allowed":true}}}}`), "forbidden_key", invalidRequest],
  ["[B038]", call(`{${key},"_meta":{"callgate/grant":"admin"}}`), "reserved_meta", invalidRequest, 1],
  ["[B038]", call(`{${key},"_meta":{"CallGate/decision":{}}}`), "reserved_meta", invalidRequest, 1],
  ["meta", call(`{${key},"_meta":null}`), "meta_invalid", invalidParams, 1],
  ["meta", call(`{${key},"_meta":[]}`), "meta_invalid", invalidParams, 1],
  ["meta", call(`{${key},"_meta":{"progressToken":{}}}`), "meta_invalid", invalidParams, 1],
  ["[B042]", call(`{"name":"safe","arguments":{"a":${"9".repeat(1_000_000)}}}`), "number_too_long", invalidRequest],
  ["[B049] [R69]", call('{"name":"safe","arguments":{"amount":1e400}}'), "number_out_of_range", invalidRequest],
  ["[B050] [R69]", call('{"name":"safe","arguments":{"amount":1e-400}}'), "number_not_exact", invalidRequest],
  ["[B052] [R69]", call('{"name":"safe","arguments":{"amount":9007199254740993}}'), "unsafe_integer", invalidRequest],
  [
    "[B053] [R69]",
    call('{"name":"safe","arguments":{"amount":100.00000000000000001}}'),
    "number_not_exact",
    invalidRequest,
  ],
  ["[B060] [R100]", call('{"name":"safe","arguments":"{\\"amount\\":1}"}'), "arguments_not_object", invalidParams, 1],
  ["[B060] [R100]", call('{"name":"safe","arguments":[1]}'), "arguments_not_object", invalidParams, 1],
  ["[B104]", call('{"name":""}'), "tool_name_invalid", invalidParams, 1],
  ["[B104]", call(`{"name":"${"x".repeat(129)}"}`), "tool_name_invalid", invalidParams, 1],
  ["[B104]", call(`{"name":"${"x".repeat(1_000_000)}"}`), "tool_name_invalid", invalidParams, 1],
  ["[B105] [R100]", call('{"name":["safe"]}'), "tool_name_invalid", invalidParams, 1],
  ["[B105] [R100]", call('{"name":1}'), "tool_name_invalid", invalidParams, 1],
  ["[B105] [R100]", call('{"name":{"toString":1}}'), "tool_name_invalid", invalidParams, 1],
  ["[B105] [R100]", call('{"name":null}'), "tool_name_invalid", invalidParams, 1],
  ["no object", '"tools/call"', "not_an_object", invalidRequest],
  ["no object", "null", "not_an_object", invalidRequest],
  ["version", '{"id":"x","method":"ping"}', "jsonrpc_version", invalidRequest, "x"],
  ["version", '{"jsonrpc":2.0,"id":1,"method":"ping"}', "jsonrpc_version", invalidRequest, 1],
  ["nothing", "", "empty", parseError],
  ["neither", '{"jsonrpc":"2.0","id":1}', "response_invalid", invalidRequest, 1],
  ["an answer with both", '{"jsonrpc":"2.0","id":1,"result":{},"error":{}}', "response_invalid", invalidRequest, 1],
  ["an answer without id", '{"jsonrpc":"2.0","result":{}}', "response_invalid", invalidRequest],
  ["an answer with params", '{"jsonrpc":"2.0","id":1,"result":{},"params":{}}', "response_invalid", invalidRequest, 1],
  ["an answer without a body", '{"jsonrpc":"2.0","id":1,"result":null}', "response_invalid", invalidRequest, 1],
  [
    "modern without capabilities",
    call(`{${key},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}`),
    "modern_meta_invalid",
    invalidParams,
    1,
  ],
  [
    "modern without a version in words",
    call(`{${key},"_meta":{"io.modelcontextprotocol/protocolVersion":1}}`),
    "modern_meta_invalid",
    invalidParams,
    1,
  ],
];

describe("a malformed message is refused, whatever it came over", () => {
  const rows = rejected.map(([why, text, reason, code, id = null]) => ({ why, text, reason, code, id }));

  test.each(rows)("$why is refused as $reason", ({ text, reason, code, id }) => {
    for (const context of [stdio, http]) {
      expect(classify(text, context)).toEqual({
        kind: "rejected",
        rejection: { reason, code, status: 400, message: expect.stringMatching(/^[a-z`].*[^.]$/), id },
      });
    }
  });

  test("no message of a refusal repeats what was sent", () => {
    const secret = "s3cr3t";
    const texts = rejected.map(([, text]) => text.replaceAll('"safe"', `"${secret}"`).replaceAll("evil", secret));
    expect(texts.map((text) => JSON.stringify(classify(text))).filter((answer) => answer.includes(secret))).toEqual([]);
  });

  test("invalid UTF-8 is a parse error", () => {
    expect(classifyClientMessage(Uint8Array.of(0x7b, 0xff, 0x7d), stdio)).toMatchObject({
      rejection: { reason: "invalid_utf8", code: parseError, id: null },
    });
  });
});

describe("a well-formed message", () => {
  test("[B034] a method with escapes is the method it unescapes to; the text stays as sent", () => {
    for (const method of ['"tools\\/call"', '"t\\u006fols/call"']) {
      const text = request(method, ',"params":{"n\\u0061me":"s\\u0061fe","arguments":{"a":1e2}}');
      expect(classify(text)).toMatchObject({ method: "tools/call", call: { name: "safe", args: { a: 100 } }, text });
    }
  });

  test.each<[id: string, id: string | number]>([
    ["1", 1],
    ['"1"', "1"],
    ["-0", -0],
    ['""', ""],
    ["9007199254740991", 9_007_199_254_740_991],
    [`"${"x".repeat(128)}"`, "x".repeat(128)],
  ])("[B030] the id %s keeps its type", (spelled, id) => {
    expect(classify(call(`{${key}}`, `"id":${spelled}`))).toMatchObject({ kind: "request", id });
  });

  test("[B058] a call without arguments, or with null, has none", () => {
    for (const params of ['{"name":"safe"}', '{"name":"safe","arguments":null}']) {
      expect(classify(call(params))).toMatchObject({ call: { name: "safe", args: {} } });
    }
  });

  test("[B044] names that objects inherit are plain data", () => {
    const args = '{"toString":1,"hasOwnProperty":2,"valueOf":3,"then":4,"toJSON":5,"constructor":6}';
    const message = classify(call(`{"name":"safe","arguments":${args}}`));
    expect(message.kind === "request" && Object.entries(message.call?.args ?? {})).toEqual(
      Object.entries(JSON.parse(args)),
    );
  });

  test("[B106] a tool may be called like what objects inherit", () => {
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      expect(classify(call(`{"name":"${name}"}`))).toMatchObject({ call: { name } });
    }
  });

  test.each(["delete_repo ", " delete_repo", "delete_repo\\n", "Delete_Repo", "ｄelete_repo", "del\\u200bete_repo"])(
    "[B100] [B101] [B102] the name %s is kept as it is",
    (name) => {
      expect(classify(call(`{"name":"${name}"}`))).toMatchObject({ call: { name: JSON.parse(`"${name}"`) } });
    },
  );

  test("[B038] claims in _meta are handed on as claims", () => {
    expect(classify(call(`{${key},"_meta":{"grant":"admin","role":"x","progressToken":"t"}}`))).toMatchObject({
      kind: "request",
      meta: { grant: "admin", role: "x", progressToken: "t" },
    });
  });

  test("[B062] arguments may differ by case: the policy decides", () => {
    expect(reasonOf(call('{"name":"safe","arguments":{"Name":1,"name":2,"method":3,"METHOD":4}}'))).toBe("ok");
  });

  test("a request for anything else has no call", () => {
    const message = classify(request('"tools/list"', ',"params":{"cursor":"c"}'));
    expect(message).toEqual({
      kind: "request",
      era: "legacy",
      id: 1,
      method: "tools/list",
      params: { cursor: "c" },
      meta: {},
      text: request('"tools/list"', ',"params":{"cursor":"c"}'),
    });
    expect(classify(request('"vendor/method"'))).toMatchObject({
      kind: "request",
      method: "vendor/method",
      params: {},
    });
  });

  test("a notification", () => {
    const text = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}';
    expect(classify(text)).toEqual({
      kind: "notification",
      era: "legacy",
      method: "notifications/cancelled",
      params: { requestId: 1 },
      meta: {},
      text,
    });
  });

  test.each([
    ["result", '{"jsonrpc":"2.0","id":1,"result":{"a":1}}', { a: 1 }],
    ["error", '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}', { code: 1, message: "" }],
  ])("an answer with %s", (outcome, text, body) => {
    expect(classify(text)).toEqual({ kind: "response", id: 1, outcome, body, text });
  });

  test("a modern request says so in its body", () => {
    expect(classify(call(`{${key},"_meta":{${modernMeta}}}`))).toMatchObject({
      kind: "request",
      era: "modern",
      call: { name: "safe" },
    });
    expect(
      classify(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"_meta":{${modernMeta}}}}`),
    ).toMatchObject({
      kind: "notification",
      era: "modern",
    });
  });
});
