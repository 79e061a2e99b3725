import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "./load-config.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callgate-config-"));
  writeFileSync(join(folder, "policy.json"), '{"version":"1","default":"deny"}');
});
afterEach(() => rmSync(folder, { recursive: true }));

const environment = { TOKEN: "a-token-of-some-length" };

function load(text: string) {
  const file = join(folder, "callgate.yaml");
  writeFileSync(file, text);
  return loadConfig(file, environment);
}

const server = "servers: { s: { command: node } }\n";

describe("a configuration", () => {
  it("is read with its defaults, paths relative to the file and tokens as digests only", () => {
    const { settings, problems } = load(
      "servers:\n  s: { command: ./server.sh, env: { KEY: '${TOKEN}' } }\n  w: { url: 'http://127.0.0.1:1/mcp', headers: { X-Key: '${TOKEN}' } }\npolicies: { p: policy.json }\ngrants:\n  alice: { token: '${TOKEN}', servers: { s: p, w: null }, expires: 2027-01-31T00:00:00Z }\n",
    );
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      listen: { host: "127.0.0.1", port: 7777 },
      bodyBytesMax: 4_194_304,
      durability: "power-loss",
      servers: [
        {
          name: "s",
          access: { kind: "command", command: join(folder, "server.sh"), env: { KEY: environment.TOKEN }, cwd: folder },
          startTimeoutMs: 30_000,
          callTimeoutMs: 120_000,
          callDeadlineMs: 3_600_000,
        },
        { name: "w", access: { kind: "url", transport: "streamable-http", headers: { "x-key": environment.TOKEN } } },
      ],
      policies: [{ id: "p", file: join(folder, "policy.json") }],
    });
    const [alice] = settings?.grants ?? [];
    expect(alice?.servers).toEqual(
      new Map([
        ["s", "p"],
        ["w", undefined],
      ]),
    );
    expect(alice?.expiresAtMs).toBe(Date.UTC(2027, 0, 31));
    expect(JSON.stringify(alice)).not.toContain(environment.TOKEN);
    expect(alice?.tokenSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  const bad: readonly (readonly [what: string, text: string, pointer: string, says: string])[] = [
    ["nothing", "", "", "holds no configuration"],
    ["an unknown key", `${server}serverz: {}\n`, "/serverz", "did you mean `servers`?"],
    ["a public address without TLS", `${server}listen: 0.0.0.0:80\n`, "/listen", "loopback"],
    ["an address without a port", `${server}listen: localhost\n`, "/listen", "not an address with a port"],
    [
      "a server with a reserved name",
      "servers: { catalogue: { command: x } }\n",
      "/servers/catalogue",
      "cannot name a server",
    ],
    [
      "a server name with two underscores",
      "servers: { a__b: { command: x } }\n",
      "/servers/a__b",
      "cannot name a server",
    ],
    ["a server without a way to it", "servers: { s: {} }\n", "/servers/s", "either `command` or `url`"],
    ["a batch file", "servers: { s: { command: x.cmd } }\n", "/servers/s/command", "batch files"],
    [
      "headers beside a command",
      "servers: { s: { command: x, headers: { A: b } } }\n",
      "/servers/s/headers",
      "goes with `url`",
    ],
    [
      "arguments beside an address",
      "servers: { s: { url: 'http://h/', args: [] } }\n",
      "/servers/s/args",
      "goes with `command`",
    ],
    ["an address of another kind", "servers: { s: { url: 'file:///etc/passwd' } }\n", "/servers/s/url", "http"],
    [
      "a header of the transport's own",
      "servers: { s: { url: 'http://h/', headers: { Mcp-Name: x } } }\n",
      "/servers/s/headers/Mcp-Name",
      "cannot be set",
    ],
    [
      "a header with a line end",
      "servers: { s: { url: 'http://h/', headers: { A: \"x\\r\\ny\" } } }\n",
      "/servers/s/headers/A",
      "cannot carry",
    ],
    [
      "a time-out that is none",
      "servers: { s: { command: x, call_timeout: soon } }\n",
      "/servers/s/call_timeout",
      "length of time",
    ],
    ["a policy that is not there", `${server}policies: { p: none.json }\n`, "/policies/p", "cannot be read"],
    [
      "a grant for an unknown server",
      `${server}grants: { a: { token: '\${TOKEN}', servers: { z: null } } }\n`,
      "/grants/a/servers/z",
      "no server `z`",
    ],
    [
      "a grant with an unknown policy",
      `${server}grants: { a: { token: '\${TOKEN}', servers: { s: q } } }\n`,
      "/grants/a/servers/s",
      "no policy `q`",
    ],
    [
      "a grant with two tokens",
      `${server}grants: { a: { token: x, tokenSha256: y, servers: {} } }\n`,
      "/grants/a",
      "either `token` or `tokenSha256`",
    ],
    [
      "a digest that is none",
      `${server}grants: { a: { tokenSha256: abc, servers: {} } }\n`,
      "/grants/a/tokenSha256",
      "not a SHA-256",
    ],
    ["a short token", `${server}grants: { a: { token: short, servers: {} } }\n`, "/grants/a/token", "too short"],
    [
      "a variable that is not set",
      `${server}grants: { a: { token: '\${NOPE}', servers: {} } }\n`,
      "/grants/a/token",
      "`NOPE` is not set",
    ],
    [
      "a time of no standard",
      `${server}grants: { a: { token: '\${TOKEN}', servers: {}, expires: 2027 } }\n`,
      "/grants/a/expires",
      "",
    ],
    [
      "one token for two grants",
      `${server}grants: { a: { token: '\${TOKEN}', servers: {} }, b: { token: '\${TOKEN}', servers: {} } }\n`,
      "/grants/b",
      "same token as `a`",
    ],
    ["a key in the file", `${server}vault: { key: c2VjcmV0 }\n`, "/vault/key", "may not stand in the configuration"],
    ["a key around a variable", `${server}vault: { key: 'x\${KEY}' }\n`, "/vault/key", "${CALLGATE_KEY}"],
    ["two keys", `${server}vault: { key: '\${KEY}', key_file: k }\n`, "/vault", "one of `key_file`"],
    ["an older key from nowhere", `${server}vault: { previous: [{}] }\n`, "/vault/previous/0", "one of `key_file`"],
    [
      "an older key in the file",
      `${server}vault: { previous: [{ key: a }] }\n`,
      "/vault/previous/0/key",
      "may not stand",
    ],
    ["a key command that is empty", `${server}vault: { key_command: [] }\n`, "/vault/key_command", ""],
    ["a key command for a shell", `${server}vault: { key_command: [k.bat] }\n`, "/vault/key_command", "batch files"],
    ["an unknown way to a key", `${server}vault: { keyfile: a }\n`, "/vault/keyfile", "key_file"],
    [
      "a server that is given the key",
      "vault: { key: '${TOKEN}' }\nservers: { s: { command: x, env: { A: '${TOKEN}' } } }\n",
      "/servers/s",
      "is the key of stored secrets",
    ],
    [
      "a grant whose token is an older key",
      `${server}vault: { previous: [{ key: '\${TOKEN}' }] }\ngrants: { a: { token: '\${TOKEN}', servers: {} } }\n`,
      "/grants/a",
      "is the key of stored secrets",
    ],
    ["a key written twice", `${server}listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n`, "/listen", "twice"],
  ];
  it.each(bad)("with %s is refused, and says where and what", (_, text, pointer, says) => {
    const { settings, problems } = load(text);
    expect(settings).toBeUndefined();
    const found = problems.filter(({ path, severity }) => path === pointer && severity === "error");
    expect(problems.map(({ path }) => path)).toContain(pointer);
    expect(found.map(({ message, hint }) => `${message} ${hint}`).join(" ")).toContain(says);
    expect(found[0]?.line).toBeGreaterThan(0);
  });

  it("says where the keys of stored secrets come from, and reads none", () => {
    const vaultOf = (text: string): unknown => {
      const { settings, problems } = load(`${server}${text}`);
      expect(problems).toEqual([]);
      return settings?.vault;
    };
    expect(vaultOf("store: data/db.sqlite\n")).toEqual({
      current: { kind: "default", path: join(folder, "data", "callgate.key") },
      previous: [],
    });
    expect(vaultOf("store: db\nvault: { previous: [{ key_file: old.key }] }\n")).toEqual({
      current: { kind: "default", path: join(folder, "callgate.key") },
      previous: [{ kind: "file", path: join(folder, "old.key") }],
    });
    // Once read the variable is gone, and a reload must still find the file in order.
    expect(vaultOf("vault: { key: '${NOT_SET}', previous: [{ key_command: [./key, a b] }] }\n")).toEqual({
      current: { kind: "environment", variable: "NOT_SET" },
      previous: [{ kind: "command", command: join(folder, "key"), args: ["a b"] }],
    });
    expect(vaultOf("vault: { key_command: [aws, kms] }\n")).toMatchObject({
      current: { kind: "command", command: "aws", args: ["kms"] },
    });
  });

  it("tells all its problems at once, in the order of the file", () => {
    const { problems } = load(
      "listen: x\nservers:\n  s: { command: a, url: b }\ngrants:\n  g: { servers: { t: u } }\n",
    );
    const lines = problems.map(({ line }) => line);
    expect(problems.length).toBeGreaterThan(4);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  });

  it("that cannot be read is a problem too, and its file is still followed", () => {
    const { settings, problems, files } = loadConfig(join(folder, "none.yaml"), environment);
    expect(settings).toBeUndefined();
    expect(problems).toMatchObject([{ code: "FILE_UNREADABLE" }]);
    expect(files).toMatchObject([{ path: join(folder, "none.yaml"), digest: "unreadable" }]);
  });
});
