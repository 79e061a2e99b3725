/** A policy text, and the problem that must keep it from loading. */
export interface LoadingCase {
  readonly id: string;
  readonly input: string;
  /** The file's bytes; text is UTF-8. */
  readonly text: string | Uint8Array;
  readonly file: "policy.yaml" | "policy.json";
  /** Codes of which one must be among the errors. */
  readonly problems: readonly string[];
}

function yaml(id: string, input: string, text: string | Uint8Array, ...problems: string[]): LoadingCase {
  return { id, input, text, file: "policy.yaml", problems };
}

function json(id: string, input: string, text: string | Uint8Array, ...problems: string[]): LoadingCase {
  return { id, input, text, file: "policy.json", problems };
}

const head = 'version: "1"\ndefault: deny\n';
const withTool = (rules: string): string => `{"version":"1","default":"deny","tools":{"refund":${rules}}}`;
const withLimit = (members: string): string => withTool(`{"limits":[{"counter":"c",${members}}]}`);
const withPath = (path: string): string =>
  withTool(`{"require":[{"conditions":[{"path":${JSON.stringify(path)},"op":"exists"}]}]}`);
const withPattern = (pattern: string): string =>
  withTool(`{"require":[{"conditions":[{"path":"args.a","op":"matches","value":${JSON.stringify(pattern)}}]}]}`);

/** Group 14, and the rows of groups 2 and 6 that are refused at load. */
export const loadingCases: readonly LoadingCase[] = [
  ...["args.__proto__.x", "args.constructor.name", "args.a.prototype", 'args["__proto__"]', "grant.tags.__proto__"].map(
    (path) => json("B069", `the path ${path}`, withPath(path), "PATH_FORBIDDEN_NAME"),
  ),
  yaml("B404", "a tag for a function", `${head}description: !!js/function "function () {}"\n`, "YAML_REFUSED"),
  yaml(
    "B404",
    "a tag for an object of a language",
    `${head}description: !!python/object:os.system x\n`,
    "YAML_REFUSED",
  ),
  yaml("B404", "a tag that includes a file", `${head}tools: !include /etc/passwd\n`, "YAML_REFUSED"),
  yaml("B404", "a tag of YAML's own", `version: !!str 1\ndefault: deny\n`, "YAML_REFUSED"),
  yaml("B405", "a key twice", `${head}default: allow\n`, "KEY_REPEATED"),
  yaml("B405", "a tool twice", `${head}tools:\n  a: {}\n  "a": { action: deny }\n`, "KEY_REPEATED"),
  json("B405", "a key twice", '{"version":"1","default":"deny","default":"allow"}', "KEY_REPEATED"),
  json(
    "B405",
    "a key twice through an escape",
    String.raw`{"version":"1","default":"deny","d\u0065fault":"allow"}`,
    "KEY_REPEATED",
  ),
  yaml("B405", "a merge", `${head}x-a: &a { b: 1 }\ntools:\n  t:\n    <<: *a\n`, "YAML_REFUSED"),
  yaml("B405", "an anchor and its alias", `${head}x-a: &a []\nhide: *a\n`, "YAML_REFUSED"),
  yaml("B405", "two documents", `${head}---\nversion: "1"\ndefault: allow\n`, "YAML_REFUSED"),
  yaml("B406", "`default: no`", 'version: "1"\ndefault: no\n', "VALUE_UNKNOWN"),
  yaml("B406", "`validate_arguments: on`", `${head}tools: { t: { validate_arguments: on } }\n`, "TYPE_WRONG"),
  yaml("B406", "`version: 1` as a number", "version: 1\ndefault: deny\n", "VALUE_UNKNOWN"),
  yaml(
    "B406",
    "`max: .inf`",
    `${head}tools: { t: { limits: [{ counter: c, window: minute, max: .inf }] } }\n`,
    "YAML_REFUSED",
  ),
  yaml(
    "B406",
    "`max: .nan`",
    `${head}tools: { t: { limits: [{ counter: c, window: minute, max: .nan }] } }\n`,
    "YAML_REFUSED",
  ),
  ...["012", "0o14", "0x10", "1_000", "+5", "1.", "~", "yes", "1:30"].map((max) =>
    yaml(
      "B406",
      `\`max: ${max}\``,
      `${head}tools: { t: { limits: [{ counter: c, window: minute, max: ${max} }] } }\n`,
      "YAML_REFUSED",
      "TYPE_WRONG",
    ),
  ),
  yaml(
    "B406",
    "a date without quotes",
    `${head}tools: { t: { deny_if: [{ conditions: [], valid_from: 2026-01-01 }] } }\n`,
    "TIME_INVALID",
  ),
  json("B412", "a pattern with a back reference", withPattern(String.raw`(a)\1`), "REGEX_REFUSED"),
  json("B412", "a pattern that looks ahead", withPattern("(?=a)b"), "REGEX_REFUSED"),
  json("B412", "a pattern of 900,000 characters", withPattern("a".repeat(900_000)), "REGEX_TOO_LARGE"),
  json("B412", "a pattern with a huge repeat", withPattern("(a{100}){100}"), "REGEX_REFUSED", "REGEX_TOO_LARGE"),
  json("B412", "a document of over 1 MiB", withPattern("a".repeat(1_100_000)), "TEXT_TOO_LARGE"),
  json(
    "B412",
    "10,000 rules",
    withTool(`{"deny_if":[${Array.from({ length: 10_000 }, () => '{"conditions":[]}').join(",")}]}`),
    "TOO_MANY_RULES",
  ),
  json("B414", "an empty object", "{}", "POLICY_EMPTY"),
  yaml("B414", "only comments", "# nothing\n# here\n", "POLICY_EMPTY"),
  yaml("B414", "nothing", "", "POLICY_EMPTY"),
  json("B414", "an empty list of rules of another dialect", '{"rules":[]}', "KEY_UNKNOWN"),
  yaml("B416", "an include", `${head}include: ../../etc/passwd\n`, "KEY_UNKNOWN"),
  json("B416", "a reference instead of rules", withTool('{"$ref":"file:///etc/passwd"}'), "KEY_UNKNOWN"),
  json("B417", "a byte order mark", Buffer.from(`\ufeff${withTool("{}")}`), "TEXT_ENCODING"),
  json("B417", "UTF-16", Buffer.from(withTool("{}"), "utf16le"), "TEXT_ENCODING", "SYNTAX_INVALID", "TEXT_INVALID"),
  json(
    "B417",
    "UTF-16 with its mark",
    Buffer.from(`\ufeff${withTool("{}")}`, "utf16le"),
    "TEXT_ENCODING",
    "SYNTAX_INVALID",
  ),
  json(
    "B417",
    "bytes that are not UTF-8",
    Buffer.concat([
      Buffer.from('{"version":"1","default":"deny","hide":["'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"]}'),
    ]),
    "TEXT_ENCODING",
    "TEXT_INVALID",
    "PATTERN_INVALID",
  ),
  yaml("B417", "tabs that indent", `${head}tools:\n\tt: {}\n`, "SYNTAX_INVALID", "YAML_REFUSED"),
  json("B421", "a zip archive", Buffer.from("504b030414000000080000000000", "hex"), "SYNTAX_INVALID", "TEXT_ENCODING"),
  json("B421", "a gzip stream", Buffer.from("1f8b0800000000000003", "hex"), "SYNTAX_INVALID", "TEXT_ENCODING"),
  json("B221", "a limit of -1", withLimit('"window":"minute","max":-1'), "VALUE_OUT_OF_RANGE"),
  json("B221", "a limit of null", withLimit('"window":"minute","max":null'), "TYPE_WRONG"),
  json("B221", "a limit of 1e400", withLimit('"window":"minute","max":1e400'), "NUMBER_INEXACT"),
  json("B221", 'a limit of "10"', withLimit('"window":"minute","max":"10"'), "TYPE_WRONG"),
  json("B221", "a limit without max", withLimit('"window":"minute"'), "KEY_MISSING"),
  json("B221", "a limit without window", withLimit('"max":10'), "LIMIT_INVALID", "KEY_MISSING"),
  ...["0", "-60", '"0s"', '"minutes"', "0.5", '"400d"', "null"].map((window) =>
    json(
      "B221",
      `a window of ${window}`,
      withLimit(`"window":${window},"max":1`),
      "DURATION_INVALID",
      "TYPE_WRONG",
      "VALUE_OUT_OF_RANGE",
      "LIMIT_INVALID",
    ),
  ),
];
