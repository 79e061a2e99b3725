import { call, callWith, denied, type Expected, forwarded, type MessageCase, rejected, status } from "../case.ts";
import type { PolicyName } from "../policies.ts";

const cannotJudge = (rule: string): Expected => denied("cannot_judge", rule);
const quote = (text: string): string => JSON.stringify(text);

/** Cases that differ in one argument alone. */
function oneArgument(
  id: string,
  policy: PolicyName,
  tool: string,
  argumentsOf: (value: string) => string,
  expected: Expected,
  values: readonly string[],
): MessageCase[] {
  return values.map((value) => ({
    id,
    policy,
    tool,
    input: value.length > 80 ? `${value.slice(0, 40)}... (${value.length} characters)` : value,
    body: call(tool, argumentsOf(value)),
    expected,
  }));
}

const amount = "/tools/refund/require/0";
const refund = (value: string): string => `{"amount":${value},"currency":"EUR"}`;
const numbers: readonly MessageCase[] = [
  ...oneArgument("B045", "amount", "refund", refund, cannotJudge(amount), ['"50"']),
  ...oneArgument("B046", "amount-open", "refund", refund, cannotJudge(amount), ['"9"']),
  ...oneArgument("B048", "amount", "refund", refund, cannotJudge(amount), ["null", "true", "{}", "[]", "[50]"]),
  ...oneArgument("B049", "amount", "refund", refund, rejected("number_out_of_range"), ["1e400", "-1e400"]),
  ...oneArgument("B050", "amount", "refund", refund, rejected("number_not_exact"), ["1e-400"]),
  ...oneArgument("B052", "amount", "refund", refund, rejected("unsafe_integer"), [
    "9007199254740993",
    "9007199254740992",
    "1e16",
    "-9007199254740993.0",
  ]),
  ...oneArgument("B053", "amount", "refund", refund, rejected("number_not_exact"), [
    "100.00000000000000001",
    "0.1000000000000000055",
  ]),
  ...oneArgument("B054", "amount", "refund", refund, forwarded, [
    "100",
    "1e2",
    "100.0",
    "1E+2",
    "1000e-1",
    "-0",
    "0.1",
  ]),
  ...oneArgument("B054", "amount", "refund", refund, denied("require_failed", amount), [
    "101",
    "1.01e2",
    "101.0",
    "100.01",
    "9007199254740991",
  ]),
  ...oneArgument("B056", "amount", "refund", refund, cannotJudge(amount), [
    '"NaN"',
    '"Infinity"',
    '"0x64"',
    '" 100 "',
    '"１００"',
    '""',
  ]),
  {
    id: "B057",
    policy: "amount",
    tool: "refund",
    input: "the amount is missing",
    body: call("refund", '{"currency":"EUR"}'),
    expected: cannotJudge(amount),
  },
  {
    id: "B058",
    policy: "amount",
    tool: "refund",
    input: "no `arguments`",
    body: callWith('"name":"refund"'),
    expected: cannotJudge(amount),
  },
  {
    id: "B058",
    policy: "amount",
    tool: "refund",
    input: "`arguments` null",
    body: callWith('"name":"refund","arguments":null'),
    expected: cannotJudge(amount),
  },
  ...[quote('{"amount":1}'), "[]", "7", "true", '[{"amount":1}]'].map((args): MessageCase => ({
    id: "B060",
    policy: "amount",
    tool: "refund",
    input: `\`arguments\` ${args}`,
    body: call("refund", args),
    expected: rejected("arguments_not_object", -32602),
  })),
  {
    id: "B061",
    policy: "amount",
    tool: "refund",
    input: "an undeclared argument",
    body: call("refund", '{"amount":1,"currency":"EUR","override":true}'),
    expected: denied("unknown_argument", "/tools/refund/unknown_arguments"),
  },
  ...(["amount", "amount-open"] as const).map((policy): MessageCase => ({
    id: "B062",
    policy,
    tool: "refund",
    input: `a case twin of the amount (policy ${policy})`,
    body: call("refund", '{"amount":1,"currency":"EUR","Amount":1000}'),
    expected: denied("unknown_argument", "/tools/refund/unknown_arguments"),
  })),
];

const repo = "/tools/delete_repo/require/0";
const removal = (value: string): string => `{"owner":"me","repo":${value}}`;
const to = "/tools/send/require/0";
const letter = (value: string): string => `{"to":${value},"body":"hello"}`;
const lists: readonly MessageCase[] = [
  ...oneArgument("B064", "repos", "delete_repo", removal, cannotJudge(repo), [
    '["acme/app","victim/app"]',
    '["acme/app"]',
    '{"0":"acme/app"}',
  ]),
  ...oneArgument("B065", "mail", "send", letter, denied("require_failed", to), [
    '["a@corp.example","x@evil.example"]',
    '["x@evil.example","a@corp.example"]',
  ]),
  ...oneArgument("B065", "mail", "send", letter, cannotJudge(to), [
    '["a@corp.example",7]',
    '["a@corp.example",["x@evil.example"]]',
  ]),
  ...oneArgument("B066", "mail", "send", letter, cannotJudge(to), ["[]", "null"]),
  {
    id: "B068",
    policy: "repos",
    tool: "safe",
    input: "a literal dotted key beside the nested one",
    body: call("safe", '{"filter.owner":"me","filter":{"owner":"victim"}}'),
    expected: denied("require_failed", "/tools/safe/require/0"),
    mirror: call("safe", '{"filter.owner":"victim","filter":{"owner":"me"}}'),
  },
  {
    id: "B068",
    policy: "repos",
    tool: "safe",
    input: "only the literal dotted key",
    body: call("safe", '{"filter.owner":"me"}'),
    expected: cannotJudge("/tools/safe/require/0"),
  },
  ...oneArgument("B088", "repos", "delete_repo", removal, denied("require_failed", repo), [
    '"аcme/app"',
    '"ACME/app"',
    '"acme/app "',
    '"acme\u200b/app"',
    '"ａcme/app"',
  ]),
  ...oneArgument("B089", "repos", "delete_repo", removal, forwarded, ['"acme/caf\u00e9"']),
  ...oneArgument("B089", "repos", "delete_repo", removal, denied("require_failed", repo), ['"acme/cafe\u0301"']),
  ...oneArgument(
    "B089",
    "repos-denied",
    "delete_repo",
    removal,
    denied("deny_if_matched", "/tools/delete_repo/deny_if/0"),
    ['"acme/caf\u00e9"', '"acme/cafe\u0301"', '"acme/se\u200bcret"', '"ａｃｍｅ/secret"'],
  ),
  ...oneArgument("B092", "mail", "send", letter, cannotJudge(to), [
    quote('["a@corp.example","x@evil.example"]'),
    quote("a@corp.example"),
  ]),
];

const text = (value: string): string => `{"text":${value}}`;
const textRule = "/tools/safe/require/0";
const patterns: readonly MessageCase[] = [
  ...(["pattern", "pattern-anywhere"] as const).flatMap((policy) =>
    oneArgument("B070", policy, "safe", text, denied("require_failed", textRule), [
      quote("evil\nsafe"),
      quote("safe\n"),
      quote("safe\nevil"),
      quote("\nsafe"),
      quote("safe\u2028evil"),
    ]),
  ),
  ...oneArgument("B072", "pattern-hostile", "safe", text, denied("require_failed", textRule), [
    quote(`${"a".repeat(28)}!`),
    quote(`${"a".repeat(60_000)}!`),
  ]),
  ...oneArgument("B097", "pattern", "safe", text, cannotJudge(textRule), ["7", "true", '{"a":1}', '["safe"]']),
  ...oneArgument("B097", "pattern-deny", "safe", text, cannotJudge("/tools/safe/deny_if/0"), [
    "7",
    '["forbidden"]',
    "{}",
  ]),
];

const path = "/tools/write_file/require/0";
const file = (value: string): string => `{"path":${value}}`;
const unplainPaths = [
  ["B073", "/allowed/../etc/passwd"],
  ["B073", "../../etc/passwd"],
  ["B073", "/allowed/./../../etc/passwd"],
  ["B073", "/allowed//../etc"],
  ["B076", String.raw`..\..\x`],
  ["B076", String.raw`C:\x`],
  ["B076", String.raw`\\host\share`],
  ["B076", "file:///etc/passwd"],
  ["B076", String.raw`/allowed\..\..\etc`],
  ["B076", "/allowed/%2e%2e/etc"],
  ["B077", "/allowed/a.txt\u0000.png"],
  ["B077", "/allowed/a\nb"],
  ["B078", "~/.ssh/id_rsa"],
  ["B078", "$HOME/x"],
  ["B078", "/allowed/$(id)"],
] as const;
const outsidePaths = [
  ["B074", "/allowed_evil/x"],
  ["B074", "/allowe"],
  ["B074", "/Allowed/x"],
  ["B078", "/proc/self/environ"],
  ["B078", "/dev/fd/3"],
  ["B073", "/"],
] as const;
const paths: readonly MessageCase[] = [
  ...unplainPaths.flatMap(([id, value]) =>
    oneArgument(id, "paths", "write_file", file, cannotJudge(path), [quote(value)]),
  ),
  ...outsidePaths.flatMap(([id, value]) =>
    oneArgument(id, "paths", "write_file", file, denied("require_failed", path), [quote(value)]),
  ),
  ...oneArgument("B074", "paths", "write_file", file, forwarded, [quote("/allowed/a/b.txt"), quote("/allowed/")]),
];

const url = "/tools/fetch/require/0";
const address = (value: string): string => `{"url":${value}}`;
const hosts: readonly MessageCase[] = [
  ...oneArgument(
    "B080",
    "hosts",
    "fetch",
    address,
    cannotJudge(url),
    [
      "https://allowed.example@evil.example/",
      "https:\\\\evil.example",
      "https:\\\\allowed.example",
      "//allowed.example/",
      "https:allowed.example",
      "javascript:alert('https://allowed.example')",
      "https://allowed.example./",
      "https://allowed.example\u3002evil.example/",
      "https://allowed.example\t.evil.example/",
      " https://allowed.example/",
      "https://ａllowed.example/",
    ].map(quote),
  ),
  ...oneArgument(
    "B080",
    "hosts",
    "fetch",
    address,
    denied("require_failed", url),
    [
      "https://allowed.example.evil.example",
      "https://evil.example/?allowed.example",
      "https://evil.example#allowed.example",
      "https://allowed.example:8443/",
      "https://sub.allowed.example/",
      "https://169.254.169.254/allowed.example",
    ].map(quote),
  ),
  ...oneArgument("B080", "hosts", "fetch", address, forwarded, [quote("HTTPS://Allowed.Example:443/x")]),
];

const mailTexts = [
  ["B081", "boss@corp.example, x@evil.example"],
  ["B081", '"boss@corp.example" <x@evil.example>'],
  ["B081", "x@corp.example.evil.example"],
  ["B081", "x@evil.example@corp.example"],
  ["B082", "boss@corp.example\r\nBcc: x@evil.example"],
  ["B082", "boss@corp.example\n"],
] as const;
const mail: readonly MessageCase[] = mailTexts.flatMap(([id, value]) =>
  oneArgument(id, "mail", "send", letter, denied("require_failed", to), [`[${quote(value)}]`]),
);

const statements = [
  ["B084", "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d"],
  ["B084", "EXPLAIN ANALYZE DELETE FROM t"],
  ["B084", "SELECT pg_read_file('/etc/passwd')"],
  ["B084", "COPY t TO PROGRAM 'id'"],
  ["B084", "SELECT * FROM users; DROP TABLE users"],
  ["B084", "SELECT * FROM users WHERE name = 'x' OR '1' = '1'"],
  ["B085", "dr/**/op table users"],
  ["B085", "DR\u200bOP TABLE users"],
  ["B085", "ＤＲＯＰ TABLE users"],
  ["B085", "SELECT $$x$$"],
  ["B085", "SET ROLE admin"],
  ["B085", "select * from users"],
] as const;
const commands = [
  "git status; curl x",
  "git status && id",
  "git log $(x)",
  "git log `x`",
  "git status\nid",
  "git status\n",
  Array.from({ length: 51 }, () => "git status").join(" && "),
  `git log${" --all".repeat(11)}`,
  "git\u00a0status",
];
const texts: readonly MessageCase[] = [
  ...statements.flatMap(([id, value]) =>
    oneArgument(id, "sql", "safe", text, denied("require_failed", textRule), [quote(value)]),
  ),
  ...oneArgument("B085", "sql-denied", "safe", text, denied("deny_if_matched", "/tools/safe/deny_if/0"), [
    quote("DR\u200bOP TABLE users"),
    quote("ＤＲＯＰ TABLE users"),
    quote("SET ROLE admin"),
    quote("d\u00adrop table users"),
    quote("ｄrop table users"),
  ]),
  ...oneArgument("B086", "shell", "safe", text, denied("require_failed", textRule), commands.map(quote)),
  ...["true ", "1", '"true"', '"false"', "false", '"TRUE"'].map((value): MessageCase => {
    const isBoolean = value.trim() === "true" || value === "false";
    return {
      id: "B090",
      policy: "dry-run",
      input: `\`dry_run\` ${value}`,
      body: call("safe", `{"dry_run":${value}}`),
      expected: value === "true " ? forwarded : isBoolean ? denied("require_failed", textRule) : cannotJudge(textRule),
    };
  }),
  {
    id: "B090",
    policy: "dry-run",
    input: "`dry_run` missing",
    body: call("safe", "{}"),
    expected: cannotJudge(textRule),
  },
  ...(["permit-first", "forbid-first"] as const).map((policy): MessageCase => ({
    id: "B098",
    policy,
    tool: "refund",
    input: `a call that one rule permits and one forbids (${policy})`,
    body: call("refund", '{"amount":1,"currency":"USD"}'),
    expected: denied("deny_if_matched", "/tools/refund/deny_if/0"),
  })),
];

const sizes: readonly MessageCase[] = [
  {
    id: "B094",
    input: "a string argument of 10 MB",
    body: call("safe", `{"text":"${"x".repeat(10_000_000)}"}`),
    expected: status(413, "body_too_large"),
    expectedOverStdio: rejected("message_too_large"),
  },
  {
    id: "B094",
    policy: "pattern-deny",
    input: "a string argument over 64 KiB before a string operator",
    body: call("safe", `{"text":"${"x".repeat(65_537)}"}`),
    expected: cannotJudge("/tools/safe/deny_if/0"),
    mirror: call("safe", `{"text":"${"x".repeat(65_536)}"}`),
  },
  {
    id: "B094",
    policy: "mail-count",
    tool: "send",
    input: "a list of 100,000 items",
    body: call("send", `{"to":[${Array.from({ length: 100_000 }, () => '"a@corp.example"').join(",")}]}`),
    expected: denied("require_failed", to),
    mirror: call("send", `{"to":[${Array.from({ length: 50 }, () => '"a@corp.example"').join(",")}]}`),
  },
  {
    id: "B094",
    policy: "mail",
    tool: "send",
    input: "a list of 100,000 items that a pattern must read one by one",
    body: call("send", `{"to":[${Array.from({ length: 100_000 }, () => '"a@corp.example"').join(",")}]}`),
    expected: cannotJudge(to),
  },
  {
    id: "B094",
    input: "more values than a message may hold",
    body: call("safe", `{"text":[${"1,".repeat(200_000)}1]}`),
    expected: rejected("too_many_values"),
    mirror: call("safe", `{"text":[${"1,".repeat(190_000)}1]}`),
  },
];

/** Group 2: arguments and predicates. */
export const argumentCases: readonly MessageCase[] = [
  ...numbers,
  ...lists,
  ...patterns,
  ...paths,
  ...hosts,
  ...mail,
  ...texts,
  ...sizes,
];
