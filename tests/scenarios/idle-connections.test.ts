import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern } from "../kit/clients.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { modernHeaders, modernRequest, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { echoServer, isAlive } from "../kit/spy.ts";
import { until } from "../kit/wait.ts";
import { sendJson, startEvents, startScriptedServer } from "../servers/http-script.ts";

// Connections that nobody uses, and streams on which clients only listen, come to their end.

afterEach(closeAll);

const policies = { p: { version: "1", default: "deny", tools: { safe: {}, slow: {} } } } as const;

function idling(idleTimeout: string): { command: string; args: readonly string[]; idle_timeout: string } {
  return { command: process.execPath, args: [echoServer], idle_timeout: idleTimeout };
}

/** Waits until no process that was started for the server runs. Their ids. */
function allEnded(gateway: ServeGateway, server?: string): Promise<readonly number[]> {
  return until("the end of the processes", () => {
    const pids = gateway.spy(server).pids();
    return pids.length > 0 && !pids.some(isAlive) ? pids : undefined;
  });
}

/** How many descriptors a process has open; 0 on systems that do not say. */
function descriptorsOf(pid: number | undefined): number {
  const folder = `/proc/${pid}/fd`;
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

describe("connections that nobody uses", () => {
  it("end with their process after `idle_timeout`, and the next modern call begins anew", async () => {
    const gateway = await startServe({ servers: { echo: idling("1s") }, policies });
    const client = openHttpModern(gateway.url(), gateway.token());
    expect((await client.call("safe")).isError).toBe(false);
    const first = await allEnded(gateway);
    expect((await client.call("safe")).isError).toBe(false);
    expect(gateway.spy().pids().length).toBeGreaterThan(first.length);
  });

  it("of legacy sessions end too, and the client is told to begin anew", async () => {
    const gateway = await startServe({ servers: { echo: idling("1s") }, policies });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    expect((await client.call("safe")).isError).toBe(false);
    await allEnded(gateway);
    expect((await client.post(request(9, "tools/list"))).status).toBe(404);
  });

  it("stay while a call is under way on them", async () => {
    const gateway = await startServe({ servers: { busy: idling("1s"), idle: idling("1s") }, policies });
    const slow = openHttpModern(gateway.url("busy"), gateway.token()).call("slow", { ms: 4_000 });
    await openHttpModern(gateway.url("idle"), gateway.token()).call("safe");
    await allEnded(gateway, "idle");
    expect((await slow).error).toBeUndefined();
    await allEnded(gateway, "busy");
  });

  it("leave no process and no descriptor behind after 50 sessions", async () => {
    const gateway = await startServe({ servers: { echo: idling("1s") }, policies });
    const { child } = gateway.process;
    const visit = async (): Promise<void> => {
      const client = await openHttpLegacy(gateway.url(), gateway.token());
      expect((await client.call("safe")).isError).toBe(false);
    };
    await visit();
    await allEnded(gateway);
    const before = descriptorsOf(child.pid);
    for (let round = 0; round < 10; round += 1) await Promise.all(Array.from({ length: 5 }, visit));
    expect(await allEnded(gateway)).toHaveLength(51);
    // Connections of this test's own that are kept alive are among them; each session had three of its child's.
    expect(descriptorsOf(child.pid) - before).toBeLessThan(25);
  }, 90_000);
});

describe("a stream of changes at one server's address", () => {
  it("ends with the era's own answer as soon as `serve` stops (MCP 2026-07-28, Subscriptions)", async () => {
    const method = "subscriptions/listen";
    const server = await startScriptedServer((seen, res) => {
      if (seen.body.includes(method)) return startEvents(res, ": open\n\n");
      const { id } = JSON.parse(seen.body);
      const result = { resultType: "complete", supportedVersions: ["2026-07-28"], capabilities: {} };
      sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
    const gateway = await startServe({ servers: { web: { url: server.origin } }, policies });
    const stream = await fetch(gateway.url(), {
      method: "POST",
      headers: {
        authorization: `Bearer ${gateway.token()}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...modernHeaders(method),
      },
      body: modernRequest("listen-1", method, { notifications: { toolsListChanged: true } }),
    });
    await until("the subscription at the server", () => server.seen.find(({ body }) => body.includes(method)));
    const [text] = await Promise.all([stream.text(), gateway.process.kill()]);
    expect(text).toContain('"id":"listen-1"');
    expect(text).toContain('"resultType":"complete"');
  });
});
