import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startAdmin } from "../kit/admin.ts";
import { closeAll, closeLater } from "../kit/opened.ts";
import { makeFolder } from "../kit/folder.ts";
import { startServe } from "../kit/gateway.ts";
import { runCommand } from "../kit/run-command.ts";
import { echoServer } from "../kit/spy.ts";
import { createCertificate } from "../servers/http-certificate.ts";
import { makeFixture } from "../store/dump.ts";

afterEach(closeAll);

/** Writes a configuration with one policy and runs `callgate doctor` on it. */
async function examine(home: string, config: Readonly<Record<string, unknown>>, ...more: readonly string[]) {
  const file = join(home, "callgate.yaml");
  writeFileSync(join(home, "policy.json"), '{"version":"1","default":"deny","tools":{"safe":{},"gone":{}}}');
  writeFileSync(file, JSON.stringify({ listen: "127.0.0.1:0", ...config }));
  const env = { TOKEN: "a-token-of-some-length" };
  const { code, out, err } = await runCommand(["doctor", "-c", file, "--json", ...more], home, { env });
  expect(err).toBe("");
  const report: {
    readonly problems: number;
    readonly checks: readonly { readonly about: string; readonly status: string; readonly message: string }[];
  } = JSON.parse(out);
  return {
    code,
    problems: report.problems,
    lines: report.checks.map((one) => `${one.status} ${one.about}: ${one.message}`),
  };
}

const echo = { command: process.execPath, args: [echoServer] };
const grant = { token: "${TOKEN}", servers: { echo: "p" } };

describe("callgate doctor", () => {
  it("finds a whole set-up in order, and makes nothing", async () => {
    const home = makeFolder();
    const { code, problems, lines } = await examine(home, {
      servers: { echo },
      policies: { p: "policy.json" },
      grants: { alice: grant },
    });
    expect({ code, problems }).toEqual({ code: 0, problems: 0 });
    expect(lines).toContainEqual(expect.stringMatching(/^ok server echo: \d+ tools in \d+ ms, protocol /));
    expect(lines).toContainEqual(expect.stringContaining("ok grants: 1, each with a policy"));
    // The policy names a tool that the server does not have.
    expect(lines).toContainEqual(expect.stringMatching(/^warning policy p: .*`gone`.*\(on echo\)/));
    expect(existsSync(join(home, "callgate.sqlite"))).toBe(false);
    expect(existsSync(join(home, "callgate.key"))).toBe(false);
  });

  it("starts no registered command that the operator's files do not allow any more [B316]", async () => {
    const command = process.execPath;
    const mark = join(makeFolder(), "mark");
    const args = ["-e", `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "")`];
    const { as, gateway } = await startAdmin({ settings: { allow: { commands: [{ command, args }] } } });
    const access = { kind: "command", command, args };
    expect((await as.admin("POST", "/servers", { body: { id: "local", access } })).status).toBe(201);
    await gateway.process.kill();
    const allow = { commands: [{ command, args: [] }] };
    const refused =
      "problem server local: the operator's files do not allow its command: an operator has to look at it";
    expect((await examine(gateway.folder, { allow })).lines).toContainEqual(refused);
    expect(existsSync(mark)).toBe(false);
    await examine(gateway.folder, { allow: { commands: [{ command, args }] } });
    expect(existsSync(mark)).toBe(true);
  });

  it("says what is wrong with servers and grants, each with what to do", async () => {
    const home = makeFolder();
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const { code, lines } = await examine(home, {
      servers: {
        echo: { command: "no-such-program-at-all" },
        gone: { url: "http://127.0.0.1:9/mcp" },
        ends: { command: process.execPath, args: ["-e", "console.error('no licence'); process.exit(4)"] },
      },
      policies: { p: "policy.json" },
      grants: {
        alice: { ...grant, expires: "2026-01-01T00:00:00Z" },
        bob: { tokenSha256: "ab".repeat(32), servers: { echo: null }, expires: soon },
      },
    });
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringContaining("problem server echo: UPSTREAM_START_FAILED"));
    expect(lines).toContainEqual(expect.stringMatching(/^problem server gone: UPSTREAM_/));
    const ended = "the server ended with exit code 4; it wrote last: no licence";
    expect(lines).toContainEqual(`problem server ends: UPSTREAM_EXITED: ${ended}`);
    expect(lines).toContainEqual("warning grant alice: it expired at 2026-01-01T00:00:00.000Z");
    expect(lines).toContainEqual(`warning grant bob: it expires at ${soon}`);
    expect(lines).toContainEqual("warning grant bob: it has no policy on `echo`: everything is denied there");
  });

  it("starts no server when it is told not to", async () => {
    const home = makeFolder();
    const mark = join(home, "started");
    const server = {
      command: process.execPath,
      args: ["-e", `require("fs").writeFileSync(${JSON.stringify(mark)}, "")`],
    };
    await examine(home, { servers: { echo: server } }, "--no-servers");
    expect(existsSync(mark)).toBe(false);
    expect((await examine(home, { servers: { echo: server } })).code).toBe(1);
    expect(existsSync(mark)).toBe(true);
  });

  it("shows a configuration's problems with their places", async () => {
    const home = makeFolder();
    const { code, lines } = await examine(home, { servers: { echo }, grants: { a: { servers: { ecko: null } } } });
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      expect.stringContaining("CONFIG_INVALID /grants/a/servers/ecko there is no server `ecko`"),
    );
  });

  it("looks at the store: damage, modes, an older schema", async () => {
    const home = makeFolder();
    const store = join(home, "callgate.sqlite");
    makeFixture(store);
    chmodSync(store, 0o644);
    const older = await examine(home, {}, "--no-servers");
    expect(older.lines).toContainEqual(expect.stringContaining("schema 1, 38 rows, 0 grants; the next start brings"));
    expect(older.lines).toContainEqual(`problem store: other users have access to \`${store}\``);
    chmodSync(store, 0o600);
    expect((await examine(home, {}, "--no-servers")).code).toBe(0);
    const bytes = readFileSync(store);
    bytes.fill(0xee, 8_192, 12_288);
    writeFileSync(store, bytes);
    const damaged = await examine(home, {}, "--no-servers");
    expect(damaged.code).toBe(1);
    expect(damaged.lines).toContainEqual(expect.stringMatching(/^problem store: .*damaged/));
  });

  it("tells a gateway at its address from another program, and reads the store beside it", async () => {
    const gateway = await startServe({ policies: { p: { version: "1", default: "allow" } } });
    const home = makeFolder();
    const { host } = new URL(gateway.origin);
    const beside = await examine(
      home,
      { listen: host, store: join(gateway.folder, "callgate.sqlite") },
      "--no-servers",
    );
    expect(beside.lines).toContainEqual(`ok address: a gateway listens at ${host}`);
    expect(beside.lines).toContainEqual(expect.stringContaining("callgate.key`: opens all"));
    const other = createServer((_, res) => res.end("hello"));
    await new Promise<void>((resolve) => {
      other.listen(0, "127.0.0.1", resolve);
    });
    closeLater(() => void other.close());
    const address = other.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const { code, lines } = await examine(home, { listen: `127.0.0.1:${port}` }, "--no-servers");
    expect(code).toBe(1);
    expect(lines).toContainEqual(`problem address: another program listens at 127.0.0.1:${port}`);
  });

  it("knows a gateway that speaks TLS, whoever vouches for it", async () => {
    const folder = makeFolder();
    const { cert, key } = createCertificate(["localhost"]);
    const tls = { certificate: join(folder, "cert.pem"), key: join(folder, "key.pem") };
    writeFileSync(tls.certificate, cert);
    writeFileSync(tls.key, key);
    const gateway = await startServe({
      policies: { p: { version: "1", default: "allow" } },
      settings: { tls },
      folder,
    });
    const { host } = new URL(gateway.origin);
    const { lines } = await examine(makeFolder(), { listen: host, tls }, "--no-servers");
    expect(lines).toContainEqual(`ok address: a gateway listens at ${host}`);
  });

  it("prints lines for people, with hints", async () => {
    const home = makeFolder();
    mkdirSync(home, { recursive: true });
    const { code, out } = await runCommand(["doctor", "--no-servers"], home);
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {6}node: Node\.js /);
    expect(out).toMatch(/warning grants: there are none.*\n {10}hint: /);
    expect(out).toMatch(/\d+ problems, \d+ warnings, \d+ ok\n$/);
  });
});
