import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { proveSafe } from "../../src/compose/prove-safe.ts";
import { createLogger } from "../../src/logger.ts";
import { openHttpLegacy, openHttpModern } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { startServe } from "../kit/gateway.ts";
import { modernHeaders, modernRequest } from "../kit/messages.ts";
import { closeAll, closeLater } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { openRaw, postBytes } from "../kit/raw-http.ts";
import { until } from "../kit/wait.ts";
import { sendJson } from "../servers/http-script.ts";
import { startMcpServer } from "../servers/mcp-script.ts";

// Load, start and end of a gateway, and of the servers behind it.

afterEach(closeAll);

const allow = { version: "1", default: "allow" } as const;

describe("load", () => {
  it("[B425] of many idle connections leaves room for calls; over the cap they are refused, and the gateway lives", async () => {
    const gateway = await startServe({ policies: { p: allow } });
    const { hostname, port } = new URL(gateway.origin);
    let closedCount = 0;
    const open = (): Promise<Socket> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), hostname, () => resolve(socket));
        socket.on("error", () => {});
        socket.on("close", () => (closedCount += 1));
        closeLater(() => void socket.destroy());
      });
    for (let count = 0; count < 1_500; count += 1) await open();
    expect((await openHttpModern(gateway.url(), gateway.token()).call("safe")).isError).toBe(false);
    expect(closedCount).toBe(0);
    const sockets = await Promise.all(Array.from({ length: 700 }, open));
    await until("connections over the cap to be closed", () => (closedCount >= 190 ? true : undefined));
    for (const socket of sockets) socket.destroy();
    await until("the gateway to see them gone", () => (closedCount >= 700 ? true : undefined));
    expect((await openHttpModern(gateway.url(), gateway.token()).call("safe")).isError).toBe(false);
  }, 60_000);

  it("[B440] that fills the heap is refused with 503 before it ends the process", async () => {
    // Each session keeps its server's list of tools.
    const tools = Array.from({ length: 2_000 }, (_, index) => ({
      name: `tool_${index}`,
      description: `d${index}`,
      inputSchema: { type: "object", properties: { a: { type: "string" }, b: { type: "number" } } },
    }));
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method !== "tools/list") return false;
        sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, result: { tools } }));
        return true;
      },
    });
    const folder = makeFolder();
    const token = "t".repeat(32);
    writeFileSync(join(folder, "p.json"), JSON.stringify(allow));
    const grants = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`g${index}`, { token: `${token}${index}`, servers: { web: "p" } }]),
    );
    const config = {
      listen: "127.0.0.1:0",
      servers: { web: { url: server.origin } },
      policies: { p: "./p.json" },
      grants,
    };
    writeFileSync(join(folder, "callgate.yaml"), JSON.stringify(config));
    const gateway = startCallgate(["serve", "--config", join(folder, "callgate.yaml")], folder, {
      NODE_OPTIONS: "--max-old-space-size=72 --max-semi-space-size=2",
    });
    const [, url = ""] = await gateway.sees(/listens at\s+(http:\/\/\S+\/mcp\/web)\n/);
    const refused = async (): Promise<Response | undefined> => {
      for (let session = 0; session < 1_000; session += 1) {
        const grant = `${token}${session % 40}`;
        const headers = {
          authorization: `Bearer ${grant}`,
          "content-type": "application/json",
          ...modernHeaders("tools/call", "tool_1"),
        };
        try {
          await (await openHttpLegacy(url, grant)).call("tool_1");
        } catch {
          const response = await fetch(url, {
            method: "POST",
            body: modernRequest(1, "tools/call", { name: "tool_1" }),
            headers,
          });
          if (response.status === 503) return response;
        }
      }
      return undefined;
    };
    const response = await refused();
    expect(response?.headers.get("retry-after")).toBe("1");
    expect(gateway.child.exitCode).toBeNull();
  }, 120_000);
});

describe("a server that ends under way", () => {
  it("[B428] [B430] ends each call once, and none is sent twice, nor any by the gateway itself", async () => {
    const gateway = await startServe({ servers: { echo: ["--die-after=15"] }, policies: { p: allow } });
    const client = openHttpModern(gateway.url(), gateway.token());
    const call = (index: number): ReturnType<typeof client.call> => client.call("safe", { index });
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => call(round * 10 + index)));
    }
    const calls = await gateway.rows.waitFor(80, (row) => row.kind === "call");
    const ends = await gateway.rows.waitFor(80, (row) => row.kind === "outcome");
    expect(new Set(ends.map(({ requestId }) => requestId))).toEqual(new Set(calls.map(({ requestId }) => requestId)));
    expect(ends).toHaveLength(80);
    const sent = gateway
      .spy()
      .calls()
      .map((line): unknown => JSON.parse(line).params.arguments.index);
    expect(new Set(sent).size).toBe(sent.length);
    const statuses = new Set(ends.flatMap((row) => (row.kind === "outcome" ? [row.status] : [])));
    expect(statuses).toContain("completed");
    expect(statuses.size).toBeGreaterThan(1);
  });
});

describe("the start", () => {
  const logger = createLogger("silent");

  it.each([0, Date.parse("2020-01-01T00:00:00Z")])(
    "[B441] with a clock that was never set (%d) is refused",
    async (nowMs) => {
      await expect(proveSafe({ wallMs: () => nowMs }, logger)).rejects.toMatchObject({ code: "CLOCK_UNSET" });
      await expect(proveSafe({ wallMs: () => Date.now() }, logger)).resolves.toBeUndefined();
    },
  );

  it.each(["serve", "run"])(
    "[B442] [D27] of an engine that lets everything through fails before %s takes a call",
    async (way) => {
      const folder = makeFolder();
      // Breaks the engine in the process alone: whatever it decides becomes an allowance.
      const broken = join(folder, "broken.mjs");
      writeFileSync(
        broken,
        `import { registerHooks } from "node:module";
       registerHooks({
         load: (url, context, next) => {
           const loaded = next(url, context);
           if (!url.endsWith("/policy/decide.ts")) return loaded;
           const source = String(loaded.source).replace("export function decide(", "function judgeTruly(");
           const lie = "\\nexport const decide = (...all) => ({ ...judgeTruly(...all), outcome: 'allow', wants: { charges: [], guards: [] } });";
           return { ...loaded, source: source + lie };
         },
       });`,
      );
      writeFileSync(join(folder, "p.json"), JSON.stringify({ version: "1", default: "deny" }));
      const echo = { command: process.execPath, args: ["-e", ""] };
      const config = { listen: "127.0.0.1:0", servers: { echo }, policies: { p: "./p.json" }, grants: {} };
      writeFileSync(join(folder, "callgate.yaml"), JSON.stringify(config));
      const args =
        way === "serve"
          ? ["serve", "--config", join(folder, "callgate.yaml")]
          : ["run", "-p", join(folder, "p.json"), "--", echo.command];
      const gateway = startCallgate(args, folder, { NODE_OPTIONS: `--import=${broken}` });
      expect(await gateway.exit).toMatchObject({ code: 3 });
      expect(gateway.stderr()).toContain("SELF_TEST_FAILED");
      expect(gateway.stderr()).not.toContain("listens at");
    },
  );
});

describe("the end", () => {
  it("finishes the call under way, takes no new connection, and exits with 0", async () => {
    const gateway = await startServe({ policies: { p: allow } });
    const headers = { authorization: `Bearer ${gateway.token()}`, "content-type": "application/json" };
    const slow = modernRequest(1, "tools/call", { name: "slow", arguments: { ms: 1_500 } });
    const busy = openRaw(gateway.origin);
    busy.write(postBytes(gateway.url(), { ...headers, ...modernHeaders("tools/call", "slow") }, slow));
    await until("the call to be under way", () => (gateway.spy().calls().length === 1 ? true : undefined));
    const exit = gateway.process.kill("SIGTERM");
    await gateway.process.sees(/stops/);
    const answer = await busy.response(10_000);
    expect(answer.status).toBe(200);
    await expect(fetch(gateway.url(), { method: "POST", body: slow, headers })).rejects.toThrow("fetch failed");
    expect(await exit).toEqual({ code: 0, signal: null });
    expect(gateway.rows.outcomes()).toMatchObject([{ status: "completed" }]);
  });

  it("refuses with 503 what comes after the signal on a connection that is kept open", async () => {
    const gateway = await startServe({ policies: { p: allow } });
    const headers = { authorization: `Bearer ${gateway.token()}`, "content-type": "application/json" };
    const post = (id: number, tool: string, ms: number): Buffer =>
      postBytes(
        gateway.url(),
        { ...headers, ...modernHeaders("tools/call", tool) },
        modernRequest(id, "tools/call", { name: tool, arguments: { ms } }),
      );
    const connection = openRaw(gateway.origin);
    connection.write(post(1, "slow", 1_500));
    await until("the call to be under way", () => (gateway.spy().calls().length === 1 ? true : undefined));
    const exit = gateway.process.kill("SIGTERM");
    await gateway.process.sees(/stops/);
    // Read when the first has its answer.
    connection.write(post(2, "safe", 0));
    expect((await connection.response(10_000)).status).toBe(200);
    const refused = await connection.response(10_000);
    expect([refused.status, refused.header("retry-after")]).toEqual([503, "1"]);
    expect(await exit).toEqual({ code: 0, signal: null });
    expect(gateway.spy().calls()).toHaveLength(1);
  });

  it("comes at once with a second signal", async () => {
    const gateway = await startServe({ policies: { p: allow } });
    const client = openHttpModern(gateway.url(), gateway.token());
    const call = client.call("slow", { ms: 60_000 }).catch(() => undefined);
    await until("the call to be under way", () => (gateway.spy().calls().length === 1 ? true : undefined));
    gateway.process.child.kill("SIGTERM");
    await gateway.process.sees(/stops/);
    expect(await gateway.process.kill("SIGTERM")).toEqual({ code: 130, signal: null });
    await call;
  });
});
