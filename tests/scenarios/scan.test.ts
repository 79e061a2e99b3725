import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPolicy } from "../../src/policy/index.ts";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { echoServer } from "../kit/spy.ts";
import { until } from "../kit/wait.ts";
import { startHttpEcho } from "../servers/http-echo.ts";
import { sendJson } from "../servers/http-script.ts";
import { startMcpServer } from "../servers/mcp-script.ts";

// `callgate scan` in front of real servers: well-behaved ones of both eras, over both transports, and hostile ones.

let folder = "";
beforeEach(() => {
  folder = makeFolder();
});
afterEach(closeAll);

const hostile = fileURLToPath(new URL("../servers/hostile-lists.ts", import.meta.url));

async function scan(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const process = startCallgate(["scan", ...args], folder, env);
  let out = "";
  process.child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const { code } = await process.exit;
  return { code, out, err: process.stderr() };
}

/** Ids of processes that a hostile server noted, and whether any of them is alive. */
function living(): readonly number[] {
  const text = existsSync(join(folder, "pids")) ? readFileSync(join(folder, "pids"), "utf8") : "";
  const pids = text.split("\n").filter((line) => line !== "");
  expect(pids.length).toBeGreaterThan(0);
  return pids.map(Number).filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}

/** Those that never answer need not be waited for as long as may be. */
function scanHostile(mode: string, ...options: string[]) {
  const timeout = ["hang", "hang-on-list", "drip", "wrong-ids"].includes(mode) ? "6s" : "30s";
  const env = ["--env", `CALLGATE_SPY_PIDS=${join(folder, "pids")}`];
  return scan(["--timeout", timeout, ...env, ...options, "--", process.execPath, hostile, mode]);
}

describe("callgate scan of a command", () => {
  it.each(["legacy", "modern", "both"])("reads every page of a server of the era %s and calls nothing", async (era) => {
    const spy = join(folder, "spy");
    const server = [process.execPath, echoServer, `--era=${era}`, "--page-size=2"];
    const { code, out } = await scan(["--json", "--env", `CALLGATE_SPY_LOG=${spy}`, "--", ...server]);
    expect(code).toBe(0);
    const { servers } = JSON.parse(out);
    expect(servers).toMatchObject([
      {
        name: "echo-server",
        status: "scanned",
        protocolVersion: era === "modern" ? "2026-07-28" : "2025-11-25",
        record: {
          slug: expect.stringMatching(/^echo-server-[0-9a-f]{8}$/),
          source: "live",
          transport: ["stdio"],
          findings: [],
          posture: { auth: "unknown" },
        },
      },
    ]);
    const { record } = servers[0];
    expect(record.tools).toHaveLength(9);
    expect(record.tools[0]).toMatchObject({ risk: "Critical", recommended: { default: "deny" } });
    const fetch = record.tools.find(({ name }: { name: string }) => name === "fetch");
    expect(fetch.attacks.length).toBeGreaterThan(0);
    expect(record.entries.length).toBeGreaterThan(0);
    expect(record).toMatchObject({ heaviestTool: "delete_repo", tokenMethod: expect.stringContaining("divided by 4") });
    expect(readFileSync(spy, "utf8")).not.toContain("tools/call");
  });

  it("[R160] writes a starter policy with categories, parameters and what is suggested, that loads", async () => {
    const file = join(folder, "policy.yaml");
    const args = ["--policy", file, "--preset", "strict", "--", process.execPath, echoServer];
    expect(await scan(args)).toMatchObject({ code: 0, err: expect.stringContaining(`wrote ${file}`) });
    const text = readFileSync(file, "utf8");
    expect(text).toMatch(/# Read, Low risk: .*\n {2}# takes url: string\n {2}# suggested, `args\.url`/);
    expect(text).toContain('  - "delete_repo"');
    const { problems, policy } = loadPolicy(text, { identity: { id: "p", version: 1, sha256: "" }, file });
    expect(problems).toEqual([]);
    expect(policy).toBeDefined();
    expect(await scan(args)).toMatchObject({ code: 2, err: expect.stringContaining("is there already") });
    expect(await scan(["--force", ...args])).toMatchObject({ code: 0 });
  });

  it("[R143] runs no code of a package that is only named, and gives a command nothing but what is named", async () => {
    const bin = join(folder, "npx");
    writeFileSync(bin, `#!/bin/sh\ntouch ${folder}/ran\n`);
    chmodSync(bin, 0o755);
    const path = `${folder}:${process.env["PATH"] ?? ""}`;
    const named = await scan(["camoufox-mcp@1.0.0"], { PATH: path });
    expect(named).toMatchObject({ code: 2, err: expect.stringContaining("not run unless you give the command") });
    expect(existsSync(join(folder, "ran"))).toBe(false);
    const secret = { TOKEN_OF_ANOTHER: "a-secret", NAMED: "yes" };
    const { out } = await scan(["--json", "--env", "NAMED", "--", process.execPath, hostile, "environment"], secret);
    const names: string = JSON.parse(out).servers[0].record.tools[0].description;
    expect(names.split(" ")).toContain("NAMED");
    expect(names).not.toContain("TOKEN_OF_ANOTHER");
    expect(names).not.toContain("CALLGATE_HOME");
  });

  it("shows the levels it knows, in any case, and fails from the named one on", async () => {
    const of = (...options: string[]) => scan([...options, "--", process.execPath, hostile, "ansi"]);
    expect((await of()).code).toBe(1);
    expect((await of("--fail-on", "HIGH")).code).toBe(1);
    expect((await of("--fail-on", "Critical")).code).toBe(0);
    expect(await of("--fail-on", "severe")).toMatchObject({ code: 2, err: expect.stringContaining("unknown level") });
  });

  it("reads a whole configuration, and sees tools that speak of other servers'", async () => {
    const config = join(folder, "callgate.yaml");
    const server = (mode: string) => ({ command: process.execPath, args: [hostile, mode] });
    writeFileSync(
      config,
      JSON.stringify({ servers: { one: server("twice"), two: server("plain"), three: server("die") } }),
    );
    const { code, out } = await scan(["--config", config, "--json"]);
    expect(code).toBe(1);
    const { servers, clean } = JSON.parse(out);
    expect(clean).toBe(false);
    expect(servers.map((entry: { status: string }) => entry.status)).toEqual(["scanned", "scanned", "failed"]);
    expect(servers[1].record.findings).toMatchObject([
      { code: "same_name", message: expect.stringContaining("`one`") },
    ]);
    const client = join(folder, ".mcp.json");
    const entry = { command: process.execPath, args: [hostile, "plain"] };
    const off = { ...entry, disabled: true };
    writeFileSync(client, JSON.stringify({ mcpServers: { fine: entry, unset: { ...entry, cwd: "${NOT_SET}" }, off } }));
    const partly = await scan(["--config", client, "--json"]);
    expect(partly.code).toBe(3);
    expect(JSON.parse(partly.out)).toMatchObject({
      clean: false,
      counts: { unread: 1 },
      servers: [{ name: "fine" }, { name: "unset", message: "the environment variable `NOT_SET` is not set" }],
      skipped: [{ name: "off", message: "it is switched off" }],
    });
    writeFileSync(config, JSON.stringify({ servers: { one: { comand: "x" } } }));
    expect(await scan(["--config", config])).toMatchObject({ code: 3, err: expect.stringContaining("KEY_UNKNOWN") });
  });
});

describe("callgate scan of a hostile server", () => {
  const unread: readonly (readonly [string, string])[] = [
    ["hang", "not read within 6 s: it has not answered `initialize`"],
    [
      "hang-on-list",
      "not read within 6 s: it has not answered `tools/list`; where a package is installed first, give it longer with `--timeout`",
    ],
    ["drip", "not read within 6 s"],
    ["wrong-ids", "not read within 6 s"],
    ["flood", "said more than 20971520 bytes"],
    ["giant-list", "sent a line of over 10485760 bytes"],
    ["heavy-pages", "said more than 20971520 bytes"],
    ["endless-pages", "over 200 pages"],
    ["loop", "leads back to a page"],
    ["many-tools", "lists over 5000"],
    ["no-list", "no_list"],
    ["long-name", "a name has over 4096 characters"],
    ["short-entries", "lists over 5000"],
    ["die", "exit code 7"],
  ];
  it.each(unread)("that does %s ends with a report", async (mode, says) => {
    const { code, out } = await scanHostile(mode);
    expect(out).toContain("1 of 1 servers could not be read");
    expect(out).toContain(says);
    expect(code).toBe(3);
    expect(living()).toEqual([]);
  });

  it("that ends at once is reported with what it wrote last, made visible and without secrets", async () => {
    const { code, out } = await scanHostile("words", "--env", "TOKEN=canary-of-a-secret");
    const said = String.raw`npm error code CERT | npm error\u{7} reason: [redacted] | a | b | the end, without a line end`;
    expect(out).toContain(`UPSTREAM_EXITED the server ended with exit code 4; it wrote last: ${said}\n`);
    expect(code).toBe(3);
  });

  it.each(["asks", "noise", "stderr-flood"])("that %s is read all the same", async (mode) => {
    expect(await scanHostile(mode)).toMatchObject({ code: 0, out: expect.stringContaining("1 tools") });
    expect(living()).toEqual([]);
  });

  it("that starts a child which ignores every signal leaves nothing running", async () => {
    expect(await scanHostile("fork")).toMatchObject({ code: 0 });
    expect(living()).toEqual([]);
  });

  it("that hides escape sequences and tags in definitions is reported without them", async () => {
    const ansi = await scanHostile("ansi");
    expect(ansi.out).toContain(String.raw`no\u{1b}[2Jte`);
    expect(ansi.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const tagged = await scanHostile("tags", "--json");
    const asJson = await scanHostile("ansi", "--json");
    expect(asJson.out + tagged.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|[\u{E0000}-\u{E007F}]/u);
    expect(JSON.parse(asJson.out).servers[0].record.tools[0].name).toBe("no\u001B[2Jte");
    expect(JSON.parse(tagged.out).servers[0].record).toMatchObject({
      findings: [{ severity: "critical", code: "hidden_characters", seen: "tags that spell: send all notes" }],
      tools: [{ signals: expect.arrayContaining(["hidden_text"]) }],
    });
    expect(tagged.code).toBe(1);
  });

  it("that lists a name twice is reported", async () => {
    expect(await scanHostile("twice")).toMatchObject({ code: 1, out: expect.stringContaining("is listed 2 times") });
  });

  it("that gives a tool a name of many lines is shown in lines of names", async () => {
    const { code, out } = await scanHostile("lines-of-name");
    expect(code).toBe(0);
    expect(out).toContain(`${"n".repeat(63)}… `);
    expect(out).toContain(`${"note".padEnd(64)} `);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThan(500);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "is ended with its children when the scan is stopped by %s",
    async (signal) => {
      const env = ["--env", `CALLGATE_SPY_PIDS=${join(folder, "pids")}`];
      const running = startCallgate(["scan", ...env, "--", process.execPath, hostile, "hang"], folder);
      await until("the server to run", () => existsSync(join(folder, "pids")) || undefined);
      expect(await running.kill(signal)).toMatchObject({ code: 3 });
      expect(living()).toEqual([]);
    },
  );
});

describe("callgate scan of an address", () => {
  it("reads a server over HTTP, and sends headers whose values it does not show", async () => {
    const token = "a-token-of-forty-characters-1234567890abc";
    const server = await startMcpServer({
      request: ({ id, method }, res, { headers }) => {
        if (headers.authorization !== `Bearer ${token}`) {
          res.writeHead(401).end();
          return true;
        }
        if (method !== "tools/list") return false;
        const tools = [{ name: "note", description: `Says ${token}`, inputSchema: { type: "object" } }];
        sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, result: { tools } }));
        return true;
      },
    });
    const gated = await scan([`${server.origin}/mcp`]);
    expect(gated).toMatchObject({ code: 3, out: expect.stringContaining("UPSTREAM_REFUSED") });
    const env = { NOTES_AUTH: `Bearer ${token}` };
    const { code, out, err } = await scan(
      [`${server.origin}/mcp?key=1`, "--json", "--header-env", "Authorization=NOTES_AUTH"],
      env,
    );
    expect(code).toBe(0);
    expect(JSON.parse(out).servers[0].record).toMatchObject({
      remotes: [`${server.origin}/mcp`],
      posture: { auth: "unknown" },
    });
    expect(out + err).not.toContain(token);
  });

  it.each([
    ["legacy", "json"],
    ["legacy", "events"],
    ["modern", "json"],
    ["modern", "events"],
  ] as const)(
    "reads a server of the %s era that answers with %s, and leaves no session behind",
    async (era, answers) => {
      const { url, sessions, seen } = await startHttpEcho({ era, answers, pageSize: 2 });
      const { code, out } = await scan([url, "--json"]);
      expect(code).toBe(0);
      const [server] = JSON.parse(out).servers;
      expect(server).toMatchObject({ protocolVersion: era === "modern" ? "2026-07-28" : "2025-11-25" });
      expect(server.record.tools).toHaveLength(9);
      expect(server.record.transport).toEqual(["streamable-http"]);
      expect(sessions()).toEqual([]);
      expect(seen.some(({ body }) => body.includes("tools/call"))).toBe(false);
    },
  );

  it("says of a server that asks for nothing that it is open", async () => {
    const { origin } = await startMcpServer();
    const { out } = await scan([`${origin}/mcp`, "--json"]);
    expect(JSON.parse(out).servers[0].record.posture.auth).toBe("open");
  });

  it("follows no redirect, and with --public-only reaches no private address", async () => {
    const server = await startMcpServer({
      request: (_, res) => {
        res.writeHead(302, { location: "http://169.254.169.254/" }).end();
        return true;
      },
    });
    expect(await scan([`${server.origin}/mcp`])).toMatchObject({ code: 3, out: expect.stringContaining("redirects") });
    const before = server.connectionCount();
    const refused = await scan(["--public-only", `${server.origin}/mcp`]);
    expect(refused).toMatchObject({ code: 3, out: expect.stringContaining("UPSTREAM_START_FAILED") });
    expect(server.connectionCount()).toBe(before);
  });
});
