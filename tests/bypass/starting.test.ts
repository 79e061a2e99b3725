import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern, openStdio } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { startRun, startServe } from "../kit/gateway.ts";
import { initialize, modernHeaders, modernRequest, readAnswer } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { readRows } from "../kit/rows.ts";
import { echoServer } from "../kit/spy.ts";
import { until } from "../kit/wait.ts";
import { startMcpServer } from "../servers/mcp-script.ts";

// How servers are started and reached: nothing but what the operator's files name.

afterEach(closeAll);

const allow = { version: "1", default: "allow" } as const;

/** A server's program that writes what it was started with to the file it is told, and then speaks MCP. */
function witnessServer(folder: string, env: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
  const script = join(folder, "witness.mjs");
  const file = join(folder, "witness.json");
  const note = `require("node:fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify({ env: process.env, argv: process.argv.slice(2) }));`;
  writeFileSync(
    script,
    `import { createRequire } from "node:module"; const require = createRequire(import.meta.url); ${note}\nprocess.argv.splice(2);\nawait import(${JSON.stringify(echoServer)});`,
  );
  const read = (): Promise<{ readonly env: Record<string, string>; readonly argv: string[] }> =>
    until("the witness", () =>
      existsSync(file) && readFileSync(file, "utf8") !== "" ? JSON.parse(readFileSync(file, "utf8")) : undefined,
    );
  return { server: { command: process.execPath, args: [script, ...args], env }, read };
}

describe("a server's process", () => {
  it("[B322] is started without a shell: what a shell would run stays text", async () => {
    const folder = makeFolder();
    const trap = join(folder, "trap");
    const hostile = [`; touch ${trap}`, `$(touch ${trap})`, `\`touch ${trap}\``, `| touch ${trap}`, `\n touch ${trap}`];
    const { server, read } = witnessServer(folder, {}, hostile);
    const client = await openStdio(startRun({ policy: allow, server }).process, "legacy");
    expect((await client.call("safe")).isError).toBe(false);
    expect((await read()).argv).toEqual(hostile);
    expect(existsSync(trap)).toBe(false);
  });

  it("[B324] inherits nothing that loads code into it, whatever the gateway was started with", async () => {
    const folder = makeFolder();
    const { server, read } = witnessServer(folder);
    const config = join(folder, "callgate.yaml");
    writeFileSync(join(folder, "p.json"), JSON.stringify(allow));
    writeFileSync(
      config,
      JSON.stringify({
        listen: "127.0.0.1:0",
        servers: { echo: server },
        policies: { p: "./p.json" },
        grants: { g: { token: "t".repeat(32), servers: { echo: "p" } } },
      }),
    );
    const loaders = {
      NODE_OPTIONS: "--no-warnings",
      LD_PRELOAD: "",
      LD_LIBRARY_PATH: "/nowhere",
      BASH_ENV: "/nowhere",
      PYTHONPATH: "/nowhere",
      PYTHONSTARTUP: "/nowhere",
      PERL5OPT: "-w",
      GIT_SSH_COMMAND: "false",
      npm_config_registry: "http://127.0.0.1:9",
    };
    const gateway = startCallgate(["serve", "--config", config], folder, loaders);
    const [, origin = ""] = await gateway.sees(/listens at\s+(http:\/\/\S+)\/mcp\/\S+\n/);
    await openHttpModern(`${origin}/mcp/echo`, "t".repeat(32)).call("safe");
    expect(Object.keys((await read()).env).filter((name) => Object.hasOwn(loaders, name))).toEqual([]);
  });

  it("[B325] gets a value as it is written: no shell's expansion, and variables of the gateway by name alone", async () => {
    const folder = makeFolder();
    const values = { A: "$(cat /etc/passwd)", B: "`id`", C: "$HOME", D: "${TOKEN_0:-x}", E: "%PATH%" };
    const { server, read } = witnessServer(folder, values);
    const gateway = await startServe({ servers: { echo: server }, policies: { p: allow } });
    await openHttpModern(gateway.url(), gateway.token()).call("safe");
    expect((await read()).env).toMatchObject(values);
    const { server: second, read: readSecond } = witnessServer(makeFolder(), { A: "${SECRET_OF_THE_GATEWAY}" });
    const run = startRun({ policy: allow, server: second });
    await openStdio(run.process, "legacy");
    expect((await readSecond()).env).toMatchObject({ A: "${SECRET_OF_THE_GATEWAY}" });
  });
});

describe("a server's address", () => {
  it("[B352] is the operator's: no header of a client's leads anywhere else", async () => {
    const server = await startMcpServer();
    const elsewhere = await startMcpServer();
    const gateway = await startServe({ servers: { web: { url: server.origin } }, policies: { p: allow } });
    const client = openHttpModern(gateway.url(), gateway.token());
    const names = [
      "x-forwarded-host",
      "x-original-url",
      "x-rewrite-url",
      "x-target-url",
      "x-mcp-server-url",
      "forwarded",
      "x-upstream",
    ];
    for (const name of names) {
      const value = name === "forwarded" ? `host=${new URL(elsewhere.origin).host}` : elsewhere.origin;
      const { status } = await client.post(modernRequest(1, "tools/call", { name: "safe" }), {
        ...modernHeaders("tools/call", "safe"),
        [name]: value,
      });
      expect(status, name).toBe(200);
    }
    expect(elsewhere.seen).toEqual([]);
    expect(server.seen.filter(({ body }) => body.includes("tools/call"))).toHaveLength(names.length);
    expect(JSON.stringify(server.seen.map(({ headers }) => headers))).not.toContain(new URL(elsewhere.origin).port);
  });

  it("[B349] that leads back to the gateway is found out: nothing goes round for ever", async () => {
    const folder = makeFolder();
    const token = "t".repeat(32);
    writeFileSync(join(folder, "p.json"), JSON.stringify(allow));
    const fileOf = (name: string): string => join(folder, `${name}.yaml`);
    const start = async (name: string, url: string) => {
      const next = { url, headers: { authorization: `Bearer ${token}` }, start_timeout: 5 };
      const grants = { g: { token, servers: { next: "p" } } };
      const policies = { p: "./p.json" };
      const config = { listen: "127.0.0.1:0", store: `./${name}.sqlite`, servers: { next }, policies, grants };
      writeFileSync(fileOf(name), JSON.stringify(config));
      const gateway = startCallgate(["serve", "--config", fileOf(name)], folder);
      const [, address = ""] = await gateway.sees(/listens at\s+(http:\/\/\S+\/mcp\/next)\n/);
      return { gateway, address };
    };
    // A ring of two: each is the other's server.
    const nowhere = "http://127.0.0.1:9/mcp";
    const first = await start("first", nowhere);
    const second = await start("second", first.address);
    writeFileSync(fileOf("first"), readFileSync(fileOf("first"), "utf8").replace(nowhere, second.address));
    await first.gateway.sees(/reloaded/);
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    const legacy = await fetch(first.address, { method: "POST", body: initialize(), headers });
    expect(readAnswer(await legacy.text()).error).toBeDefined();
    const modern = openHttpModern(second.address, token);
    expect((await modern.call("safe")).error).toBeDefined();
    const loops = ["first", "second"].flatMap((name) =>
      readRows(join(folder, `${name}.sqlite`))
        .events("message_rejected")
        .filter(({ reason }) => reason === "loop"),
    );
    expect(loops.length).toBeGreaterThan(1);
    expect(loops.length).toBeLessThan(20);
  });
});

describe("sessions", () => {
  it("that are ended leave no child behind", async () => {
    const gateway = await startServe({ policies: { p: allow } });
    const pid = gateway.process.child.pid ?? 0;
    const end = async (): Promise<void> => {
      const client = await openHttpLegacy(gateway.url(), gateway.token());
      await client.call("safe");
      const headers = { authorization: `Bearer ${gateway.token()}`, "mcp-session-id": client.sessionId ?? "" };
      expect((await fetch(gateway.url(), { method: "DELETE", headers })).status).toBe(204);
    };
    const children = (): string => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    for (let session = 0; session < 20; session += 1) await end();
    await until("the children to end", () => (children() === "" ? true : undefined));
    expect(gateway.spy().pids()).toHaveLength(20);
  });
});
