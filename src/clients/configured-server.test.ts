import { describe, expect, it } from "vitest";
import type { JsonValue } from "../values/json.ts";
import { readConfiguredServers } from "./configured-server.ts";
import { expandAccess } from "./expand.ts";
import { packageOfCommand } from "./package-of-command.ts";

const command = { kind: "command", command: "npx", args: ["-y", "notes-mcp"], env: { KEY: "v" }, cwd: undefined };
const address = { kind: "url", url: "https://a.example/mcp", transport: "streamable-http", headers: { X: "1" } };

/** How each client writes the same two servers. */
const forms: readonly (readonly [string, JsonValue, object])[] = [
  ["claude-code", { a: { type: "stdio", command: "npx", args: ["-y", "notes-mcp"], env: { KEY: "v" } } }, command],
  ["claude-code", { a: { type: "http", url: "https://a.example/mcp", headers: { X: "1" } } }, address],
  [
    "claude-code",
    { a: { type: "sse", url: "https://a.example/mcp", headers: { X: "1" } } },
    { ...address, transport: "sse" },
  ],
  ["windsurf", { a: { serverUrl: "https://a.example/mcp", headers: { X: "1" } } }, address],
  ["gemini-cli", { a: { httpUrl: "https://a.example/mcp", headers: { X: "1" } } }, address],
  ["gemini-cli", { a: { url: "https://a.example/mcp", headers: { X: "1" } } }, { ...address, transport: "sse" }],
  ["codex", { a: { url: "https://a.example/mcp", http_headers: { X: "1" } } }, address],
  ["zed", { a: { command: { path: "npx", args: ["-y", "notes-mcp"], env: { KEY: "v" } } } }, command],
  ["goose", { a: { type: "stdio", cmd: "npx", args: ["-y", "notes-mcp"], envs: { KEY: "v" } } }, command],
  ["goose", { a: { type: "streamable_http", uri: "https://a.example/mcp", headers: { X: "1" } } }, address],
  ["continue", [{ name: "a", command: "npx", args: ["-y", "notes-mcp"], env: { KEY: "v" } }], command],
  ["continue", [{ name: "a", url: "https://a.example/mcp", requestOptions: { headers: { X: "1" } } }], address],
  ["opencode", { a: { type: "local", command: ["npx", "-y", "notes-mcp"], environment: { KEY: "v" } } }, command],
  ["vs-code", { a: { type: "http", url: "https://a.example/mcp", headers: { X: 1 } } }, address],
];

describe("an entry of a client's configuration", () => {
  it.each(forms)("of %s is read: %j", (client, servers, access) => {
    expect(readConfiguredServers(servers, client)).toMatchObject([{ name: "a", access, isDisabled: false }]);
  });

  it("says what is switched off and what is passed on by name", () => {
    const servers = {
      a: { command: "x", disabled: true },
      b: { command: "x", enabled: false, env_vars: ["P"], env_keys: ["Q"] },
      c: { url: "https://a.example", bearer_token_env_var: "R", env_http_headers: { H: "S" } },
    };
    expect(readConfiguredServers(servers, "codex")).toMatchObject([
      { name: "a", isDisabled: true },
      { name: "b", isDisabled: true, passedVariables: ["P", "Q"] },
      { name: "c", isDisabled: false, passedVariables: ["S", "R"] },
    ]);
  });

  it("leaves out what is no server", () => {
    const servers = { a: 1, b: null, c: {}, d: { command: "" }, e: { command: 5 }, "": { command: "x" }, f: [] };
    expect(readConfiguredServers(servers, "cursor")).toEqual([]);
    for (const odd of [undefined, null, "x", 5, [1, {}]]) expect(readConfiguredServers(odd, "cursor")).toEqual([]);
  });

  it.each([
    [["callgate", "run", "-p", "p.json", "--", "npx", "-y", "notes-mcp"], command],
    [["npx", "-y", "callgate@0.1.0", "run", "-p", "p", "--env", "KEY", "--", "npx", "-y", "notes-mcp"], command],
    [["node", "/opt/callgate.js", "run", "--gateway", "https://a.example/mcp"], { ...address, headers: {} }],
  ])("behind callgate is the server behind: %j", ([first, ...args], access) => {
    const servers = { a: { command: first ?? "", args, env: { KEY: "v" } } };
    expect(readConfiguredServers(servers, "cursor")).toMatchObject([{ access, isBehindCallgate: true }]);
  });
});

describe("packageOfCommand", () => {
  it.each([
    ["npx -y notes-mcp@1.0.0 --flag x", { registry: "npm", name: "notes-mcp", version: "1.0.0" }],
    ["npx @scope/notes", { registry: "npm", name: "@scope/notes" }],
    ["npx -y -p @scope/notes@2 notes-bin", { registry: "npm", name: "@scope/notes", version: "2" }],
    ["npx --package=notes notes-bin", { registry: "npm", name: "notes" }],
    ["/usr/bin/bunx notes", { registry: "npm", name: "notes" }],
    ["cmd /c npx -y notes", { registry: "npm", name: "notes" }],
    ["npm exec -- notes@1", { registry: "npm", name: "notes", version: "1" }],
    ["pnpm dlx notes", { registry: "npm", name: "notes" }],
    ["uvx notes==1.2", { registry: "pypi", name: "notes", version: "1.2" }],
    ["uvx --python 3.12 --from notes[all]@1.2 notes-bin", { registry: "pypi", name: "notes", version: "1.2" }],
    ["pipx run notes", { registry: "pypi", name: "notes" }],
    [
      "docker run -i --rm -e KEY ghcr.io/a/notes:1.0 stdio",
      { registry: "oci", name: "ghcr.io/a/notes", version: "1.0" },
    ],
    ["node server.js", undefined],
    ["npx ./local", undefined],
    ["uvx --from git+https://a.example/x notes", undefined],
    ["docker build .", undefined],
    ["npx", undefined],
  ])("of %s", (line, expected) => {
    const [program = "", ...args] = line.split(" ");
    expect(packageOfCommand(program, args)).toEqual(expected);
  });
});

describe("expandAccess", () => {
  const access = {
    kind: "command",
    command: "${workspaceFolder}/x",
    args: ["${A}", "${env:A}", "{env:A}", "${B:-b}"],
    env: {},
    cwd: undefined,
  } as const;

  it("replaces references as clients do", () => {
    expect(expandAccess(access, { A: "a" }, "/p")).toMatchObject({
      ok: true,
      access: { command: "/p/x", args: ["a", "a", "a", "b"] },
    });
  });

  it.each([
    ["${A}", "`A` is not set"],
    ["${input:token}", "only the client knows"],
  ])("does not guess %s", (text, says) => {
    const url = { kind: "url", url: `https://a.example/${text}`, transport: "sse", headers: {} } as const;
    expect(expandAccess(url, {}, "/p")).toMatchObject({ ok: false, message: expect.stringContaining(says) });
  });
});
