import { call, callWith, forwarded, httpLanes, type MessageCase, denied, rejected, status } from "../case.ts";

const invalidParams = -32602;
const methodNotFound = -32601;
const parseError = -32700;
const evil = denied("default_deny", "(default deny)");
const safe = '"name":"safe","arguments":{}';
const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([...part]))));
const legacyCall = (members: string): string => `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{${members}}}`;

const duplicates: readonly MessageCase[] = [
  {
    id: "B001",
    input: "two `name` members",
    body: callWith('"name":"safe","name":"evil","arguments":{}'),
    expected: rejected("duplicate_key", -32600),
    mirror: callWith('"name":"safe","arguments":{"name":"evil"}'),
  },
  {
    id: "B002",
    input: "`method` ping first, tools/call later",
    body: `{"jsonrpc":"2.0","method":"ping","id":<id>,"params":{<meta>${safe}},"method":"tools/call"}`,
    expected: rejected("duplicate_key"),
    mirror: `{"jsonrpc":"2.0","id":<id>,"params":{<meta>${safe}},"method":"tools/call"}`,
  },
  {
    id: "B004",
    input: "two `arguments` members",
    body: callWith('"name":"safe","arguments":{},"arguments":{"text":"x"}'),
    expected: rejected("duplicate_key"),
  },
  {
    id: "B005",
    input: "one argument twice",
    body: call("safe", '{"amount":1,"amount":999999}'),
    expected: rejected("duplicate_key"),
    mirror: call("safe", '{"amount":1,"amounts":999999}'),
  },
  {
    id: "B006",
    input: "two `name` members, one written with an escape",
    body: callWith(String.raw`"name":"safe","n\u0061me":"evil","arguments":{}`),
    expected: rejected("duplicate_key"),
    mirror: callWith(String.raw`"n\u0061me":"safe","arguments":{}`),
  },
  {
    id: "B008",
    input: "`method` and `METHOD`",
    body: `{"jsonrpc":"2.0","id":<id>,"method":"ping","METHOD":"tools/call","params":{<meta>${safe}}}`,
    method: "ping",
    expected: rejected("case_variant_key"),
  },
  ...["Name", "NAME", "Arguments", "_META"].map((key): MessageCase => ({
    id: "B008",
    input: `\`${key}\` in params`,
    body: callWith(`${safe},"${key}":"evil"`),
    expected: rejected("case_variant_key"),
  })),
  {
    id: "B009",
    input: "a key with a long s",
    body: callWith(String.raw`${safe},"argument\u017f":{}`),
    expected: rejected("folding_key"),
    mirror: call("safe", String.raw`{"text":"argument\u017f"}`),
  },
  {
    id: "B009",
    input: "an argument's key with the Kelvin sign",
    body: call("safe", '{"to\u212aen":"x"}'),
    expected: rejected("folding_key"),
    mirror: call("safe", '{"token":"\u212a"}'),
  },
  {
    id: "B010",
    input: "a key with NUL",
    body: callWith(String.raw`${safe},"name\u0000":"evil"`),
    expected: rejected("nul_in_key"),
  },
  {
    id: "B010",
    input: "an argument's key with NUL",
    body: call("safe", String.raw`{"text\u0000":"evil"}`),
    expected: rejected("nul_in_key"),
    mirror: call("safe", String.raw`{"text":"\u0000"}`),
  },
];

const envelopes: readonly MessageCase[] = [
  {
    id: "B012",
    input: "an extra top-level member",
    body: `{"jsonrpc":"2.0","id":<id>,"method":"tools/call","params":{<meta>${safe}},"x":1}`,
    expected: rejected("unexpected_member"),
    mirror: callWith(`${safe},"x":1`),
  },
  {
    id: "B013",
    input: "`method` and `result`",
    body: `{"jsonrpc":"2.0","id":<id>,"method":"tools/call","params":{<meta>${safe}},"result":{}}`,
    expected: rejected("method_and_result"),
  },
  {
    id: "B014",
    input: "a byte order mark in front",
    body: bytes([0xef, 0xbb, 0xbf], legacyCall(safe)),
    expected: rejected("bom", parseError),
  },
  {
    id: "B016",
    input: "a lone surrogate in the name",
    body: callWith(String.raw`"name":"safe\ud800","arguments":{}`),
    expected: rejected("lone_surrogate"),
    mirror: call("safe", String.raw`{"text":"\ud83d\ude00"}`),
  },
  {
    id: "B016",
    input: "a lone surrogate in an argument",
    body: call("safe", String.raw`{"text":"\udc00"}`),
    expected: rejected("lone_surrogate"),
  },
  {
    id: "B016",
    input: "a lone surrogate in a key",
    body: call("safe", String.raw`{"\ud800":1}`),
    expected: rejected("lone_surrogate"),
  },
  {
    id: "B016",
    input: "bytes that are not UTF-8 in an argument",
    body: bytes(legacyCall('"name":"safe","arguments":{"text":"'), [0xc3, 0x28], '"}}}'),
    expected: rejected("invalid_utf8", parseError),
  },
  {
    id: "B017",
    input: "UTF-16, and said so",
    body: Buffer.from(legacyCall(safe), "utf16le"),
    headers: { "content-type": "application/json; charset=utf-16" },
    lanes: httpLanes,
    expected: status(415, "content_type"),
  },
  {
    id: "B017",
    input: "UTF-16 under the name of UTF-8",
    body: Buffer.from(legacyCall(safe), "utf16le"),
    lanes: httpLanes,
    expected: rejected("invalid_json", parseError),
  },
  {
    id: "B018",
    input: "two objects in one body",
    body: `${callWith(safe)}${callWith('"name":"evil"')}`,
    expected: rejected("invalid_json", parseError),
  },
  {
    id: "B018",
    input: "garbage behind the object",
    body: `${callWith(safe)} garbage`,
    expected: rejected("invalid_json", parseError),
    mirror: `${callWith(safe)}  `,
  },
  ...[
    ["a comment", '{"text":"x"/* evil */}'],
    ["a line comment", '{"text":"x"}//'],
    ["a trailing comma", '{"text":"x",}'],
    ["single quotes", "{'text':'x'}"],
    ["NaN", '{"n":NaN}'],
    ["Infinity", '{"n":Infinity}'],
    ["a hexadecimal number", '{"n":0x10}'],
    ["a plus sign", '{"n":+1}'],
    ["no digit before the point", '{"n":.5}'],
    ["no digit behind the point", '{"n":1.}'],
    ["a leading zero", '{"n":01}'],
    ["an unquoted key", "{text:1}"],
    ["a raw control character in a string", '{"text":"\u0001"}'],
    ["an escape that JSON has not", String.raw`{"text":"\x41"}`],
  ].map(([input = "", args = ""]): MessageCase => ({
    id: "B020",
    input,
    body: call("safe", args),
    expected: rejected("invalid_json", parseError),
    mirror: call("safe", '{"n":0.5,"text":"/* // */"}'),
  })),
];

const batches: readonly MessageCase[] = [
  {
    id: "B021",
    input: "a batch of one",
    body: `[${callWith('"name":"evil","arguments":{}')}]`,
    expected: rejected("batch", -32600),
  },
  {
    id: "B021",
    input: "a batch of one behind white space",
    body: ` \t [${callWith('"name":"evil","arguments":{}')}]`,
    expected: rejected("batch", -32600),
  },
  {
    id: "B022",
    input: "a batch of a ping and a call",
    body: `[{"jsonrpc":"2.0","id":1,"method":"ping"},${callWith('"name":"evil","arguments":{}')}]`,
    expected: rejected("batch", -32600),
  },
  { id: "B022", input: "an empty batch", body: "[]", expected: rejected("batch", -32600) },
  ...['"tools/call"', "7", "null", "true", '"x"'].map((body): MessageCase => ({
    id: "B022",
    input: `a message that is ${body}`,
    body,
    expected: rejected("not_an_object"),
  })),
];

const ids: readonly MessageCase[] = [
  {
    id: "B024",
    input: "a call without `id`",
    body: `{"jsonrpc":"2.0","method":"tools/call","params":{<meta>${safe}}}`,
    expected: rejected("call_without_id"),
  },
  ...[
    ["B025", "null", "id_invalid"],
    ["B026", "1.5", "id_invalid"],
    ["B026", "9007199254740993", "unsafe_integer"],
    ["B026", "1e400", "number_out_of_range"],
    ["B026", "true", "id_invalid"],
    ["B026", "{}", "id_invalid"],
    ["B026", `"${"x".repeat(129)}"`, "id_invalid"],
    ["B028", `"${"x".repeat(1_000_000)}"`, "id_invalid"],
  ].map(([id = "", value = "", reason = ""]): MessageCase => ({
    id,
    input: `\`id\` ${value.length > 20 ? `a string of ${value.length - 2}` : value}`,
    body: callWith(safe).replace("<id>", value),
    expected: rejected(reason),
    mirror: callWith(safe).replace("<id>", `"${"x".repeat(128)}"`),
  })),
];

const shapes: readonly MessageCase[] = [
  ...['["delete_all",{}]', '"x"', "null", "7"].map((params): MessageCase => ({
    id: "B032",
    input: `\`params\` ${params}`,
    body: `{"jsonrpc":"2.0","id":<id>,"method":"tools/call","params":${params}}`,
    expected: rejected("params_not_object", invalidParams),
  })),
  {
    id: "B032",
    input: "no `params`",
    body: '{"jsonrpc":"2.0","id":<id>,"method":"tools/call"}',
    lanes: ["http legacy", "stdio legacy", "stdio modern"],
    expected: rejected("tool_name_invalid", invalidParams),
  },
  {
    id: "B032",
    input: "no `params`, under a modern version header",
    body: '{"jsonrpc":"2.0","id":<id>,"method":"tools/call"}',
    lanes: ["http modern"],
    // The body agrees neither with `Mcp-Name` nor with the version.
    expected: rejected("header_mismatch"),
  },
  ...["tools/call ", "Tools/Call", "tools//call", String.raw`tools/call\u0000`, "TOOLS/CALL", " tools/call"].map(
    (method): MessageCase => ({
      id: "B033",
      input: `method "${method}"`,
      body: `{"jsonrpc":"2.0","id":<id>,"method":"${method}","params":{<meta>${safe}}}`,
      method: "tools/call",
      expected: rejected("method_variant", methodNotFound),
    }),
  ),
  ...[String.raw`tools\/call`, String.raw`t\u006fols/call`].flatMap((method): MessageCase[] => [
    {
      id: "B034",
      input: `method "${method}" with a denied tool`,
      body: `{"jsonrpc":"2.0","id":<id>,"method":"${method}","params":{<meta>"name":"evil","arguments":{}}}`,
      tool: "evil",
      expected: evil,
    },
    {
      id: "B034",
      input: `method "${method}" with an allowed tool`,
      body: `{"jsonrpc":"2.0","id":<id>,"method":"${method}","params":{<meta>${safe}}}`,
      expected: forwarded,
    },
  ]),
];

const pollution = "__proto__";
const keys: readonly MessageCase[] = [
  {
    id: "B036",
    input: "`__proto__` at top level",
    body: `{"jsonrpc":"2.0","id":<id>,"method":"tools/call","params":{<meta>${safe}},"${pollution}":{"allowed":true}}`,
    expected: rejected("forbidden_key"),
  },
  {
    id: "B036",
    input: "`__proto__` in params",
    body: callWith(`${safe},"${pollution}":{"name":"evil"}`),
    expected: rejected("forbidden_key"),
  },
  {
    id: "B036",
    input: "`__proto__` in arguments",
    body: call("safe", `{"${pollution}":{"allowed":true}}`),
    expected: rejected("forbidden_key"),
    mirror: call("safe", `{"text":"${pollution}"}`),
  },
  {
    id: "B036",
    input: "`__proto__` five levels down, escaped",
    body: call("safe", String.raw`{"a":{"b":[{"c":{"d":{"\u005f_proto__":1}}}]}}`),
    expected: rejected("forbidden_key"),
  },
  {
    id: "B037",
    input: "`constructor.prototype` in arguments",
    body: call("safe", '{"constructor":{"prototype":{"allowed":true}}}'),
    expected: rejected("forbidden_key"),
    mirror: call("safe", '{"constructor":"a builder"}'),
  },
  {
    id: "B037",
    input: "`constructor.prototype` in `_meta`",
    body: callWith(`${safe},"_meta":{<meta members>"constructor":{"prototype":{"allowed":true}}}`).replace(
      "<meta>",
      "",
    ),
    expected: rejected("forbidden_key"),
  },
  {
    id: "B038",
    input: "claims of identity in `_meta` of a denied call",
    body: callWith(
      '"name":"evil","_meta":{<meta members>"grant":"admin","user":"root","role":"admin","authorization":"Bearer x"}',
    ).replace("<meta>", ""),
    tool: "evil",
    expected: evil,
  },
  {
    id: "B038",
    input: "claims of identity in `_meta` of an allowed call",
    body: callWith(`${safe},"_meta":{<meta members>"grant":"admin","role":"admin"}`).replace("<meta>", ""),
    expected: forwarded,
  },
  ...["callgate/decision", "callgate/approved", "CallGate/decision"].map((key): MessageCase => ({
    id: "B038",
    input: `\`_meta\` with the gateway's own key ${key}`,
    body: callWith(`${safe},"_meta":{<meta members>"${key}":{"outcome":"allow"}}`).replace("<meta>", ""),
    expected: rejected("reserved_meta"),
  })),
  ...["toString", "hasOwnProperty", "valueOf", "then", "toJSON", "constructor", "length"].map((key): MessageCase => ({
    id: "B044",
    input: `the argument \`${key}\``,
    body: call("safe", `{"${key}":"x","text":"y"}`),
    expected: forwarded,
  })),
];

const tooLong = rejected("message_too_large");
const manyKeys = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(",")}}`;
const sizes: readonly MessageCase[] = [
  {
    id: "B040",
    input: "1,000,000 keys in one object",
    body: call("safe", manyKeys(1_000_000)),
    expected: status(413, "body_too_large"),
    expectedOverStdio: tooLong,
  },
  {
    id: "B040",
    input: "250,000 keys in one object, within the size limit",
    body: call("safe", manyKeys(250_000)),
    expected: rejected("too_many_keys"),
    mirror: call("safe", manyKeys(1_000)),
  },
  {
    id: "B040",
    input: "65 lists inside one another",
    body: call("safe", `{"text":${"[".repeat(65)}${"]".repeat(65)}}`),
    expected: rejected("too_deep"),
    mirror: call("safe", `{"text":${"[".repeat(50)}${"]".repeat(50)}}`),
  },
  {
    id: "B041",
    input: "one string of 64 MiB",
    body: call("safe", `{"text":"${"x".repeat(64 * 1024 * 1024)}"}`),
    lanes: ["http modern", "stdio legacy"],
    expected: status(413, "body_too_large"),
    expectedOverStdio: tooLong,
    mirror: call("safe", `{"text":"${"x".repeat(1024 * 1024)}"}`),
  },
  {
    id: "B042",
    input: "a number of 1,000,000 digits",
    body: call("safe", `{"n":${"1".repeat(1_000_000)}}`),
    expected: rejected("number_too_long"),
    mirror: call("safe", `{"n":0.${"1".repeat(15)}}`),
  },
];

/** Group 1: JSON text and JSON-RPC envelope. The policy allows the tool `safe` alone. */
export const envelopeCases: readonly MessageCase[] = [
  ...duplicates,
  ...envelopes,
  ...batches,
  ...ids,
  ...shapes,
  ...keys,
  ...sizes,
];
