import { describe, expect, it } from "vitest";
import { readJsonc } from "./jsonc.ts";
import { readToml } from "./toml.ts";

describe("readJsonc", () => {
  it.each([
    ['{"a": 1}', { a: 1 }],
    ['\uFEFF{"a": 1}', { a: 1 }],
    ['{\n  // why\n  "a": [1, 2,], /* and, */ "b": {"c": null,},\n}', { a: [1, 2], b: { c: null } }],
    ['{"url": "https://a.example/*x*/", "t": "a\\",]"}', { url: "https://a.example/*x*/", t: 'a",]' }],
    ['{"a": 1, // last\n /* here */ }', { a: 1 }],
  ])("reads %j", (text, value) => {
    expect(readJsonc(text)).toEqual(value);
  });

  it.each([
    ['{"a": "'.padEnd(1 << 20, '\\"'), undefined],
    ["/*".repeat(1 << 19), undefined],
    [`[${",\n".repeat(1 << 19)}]`, undefined],
  ])("reads a hostile million of characters in linear time", (text, value) => {
    expect(readJsonc(text)).toBe(value);
  });

  it.each(["", "{", '{"a": }', "a: 1", '{"a": 1,,}', "{'a': 1}"])("does not read %j", (text) => {
    expect(readJsonc(text)).toBeUndefined();
  });
});

const configuration = `
# a comment
model = "x" # behind
[mcp_servers.files]
command = "npx"
args = ["-y", 'a"b', """
multi \\
   line""", # one more
]
env = { KEY = "v", "odd key" = 'w', nested = { a = 1 } }
startup_timeout_sec = 1_0.5
enabled = false
since = 2026-11-26T12:00:00Z

[mcp_servers."dotted.name".env]
TOKEN = "\\u00e9\\t\\U0001F600"

[[profiles]]
name = 'a'
[[profiles]]
name = 'b'
[profiles.inner]
x = -3
`;

describe("readToml", () => {
  it("reads tables, lists, strings of every kind and inline tables", () => {
    expect(readToml(configuration)).toEqual({
      model: "x",
      mcp_servers: {
        files: {
          command: "npx",
          args: ["-y", 'a"b', "multi line"],
          env: { KEY: "v", "odd key": "w", nested: { a: 1 } },
          startup_timeout_sec: 10.5,
          enabled: false,
          since: "2026-11-26T12:00:00.000Z",
        },
        "dotted.name": { env: { TOKEN: "é\t😀" } },
      },
      profiles: [{ name: "a" }, { name: "b", inner: { x: -3 } }],
    });
  });

  it("reads an empty document, dotted keys and Windows line ends", () => {
    expect(readToml("")).toEqual({});
    expect(readToml("a.b = 1\r\na.c = 2\r\n")).toEqual({ a: { b: 1, c: 2 } });
  });

  it("reads a hundred thousand tables, and says that it cannot read what is too deep", () => {
    expect(readToml("[[a]]\n".repeat(100_000))).toMatchObject({ a: { length: 100_000 } });
    expect(readToml(`a${".a".repeat(20_000)}=1`)).toBeUndefined();
  });

  it("leaves the prototype alone", () => {
    const value = readToml("[__proto__]\npolluted = true\n[a.__proto__]\nb = 1\n");
    expect(JSON.stringify(value)).toContain("polluted");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it.each([
    "a",
    "a =",
    "a = [1",
    "a = 'x",
    "[a",
    "a = 1\na = 2",
    "a = 1 b = 2",
    'a = "\\U00FFFFFF"',
    "a = {b = 1",
    "a = ".padEnd(500, "["),
  ])("does not read %j", (text) => {
    expect(readToml(text)).toBeUndefined();
  });
});
