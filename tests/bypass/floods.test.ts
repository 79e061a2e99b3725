import { readFileSync } from "node:fs";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern } from "../kit/clients.ts";
import { openEvents } from "../kit/event-stream.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { initialize, modernHeaders, modernRequest, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { openRaw, postBytes } from "../kit/raw-http.ts";
import { until } from "../kit/wait.ts";
import { eventText, sendJson, startEvents } from "../servers/http-script.ts";
import { type Message, startMcpServer } from "../servers/mcp-script.ts";

// One client, or one server, that asks for more than a gateway can hold.

afterEach(closeAll);

const allow = { version: "1", default: "allow" } as const;

/** A server on standard streams that answers everything but calls of tools. */
const silent = `
  require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method } = JSON.parse(line);
    if (id === undefined || method === "tools/call") return;
    const tools = [{ name: "safe", inputSchema: { type: "object" } }];
    const result = { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "s", version: "1" }, tools };
    console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
  });
`;

function headersOf(gateway: ServeGateway, grant: string, sessionId: string | undefined): Record<string, string> {
  return {
    authorization: `Bearer ${gateway.token(grant)}`,
    "content-type": "application/json",
    ...(sessionId === undefined ? {} : { "mcp-session-id": sessionId }),
  };
}

describe("a client", () => {
  it("that has too much under way is told to wait, and no other client is [B426]", async () => {
    const gateway = await startServe({
      servers: { s: { command: process.execPath, args: ["-e", silent] } },
      policies: { alice: allow, bob: allow },
    });
    const { sessionId } = await openHttpLegacy(gateway.url(), gateway.token("alice"));
    const body = request(1, "ping", { large: "x".repeat(4_000_000) }).replace('"ping"', '"tools/call"');
    const answers = Array.from({ length: 24 }, async (_, id) => {
      const connection = openRaw(gateway.origin);
      const call = body.replace('"id":1', `"id":${100 + id}`).replace('"params":{', '"params":{"name":"safe",');
      connection.write(postBytes(gateway.url(), headersOf(gateway, "alice", sessionId), call));
      return connection.response(60_000).catch(() => undefined);
    });
    const first = await Promise.any(
      answers.map(async (answer) => {
        const response = await answer;
        if (response?.status !== 503) throw new Error("not refused");
        return response;
      }),
    );
    expect(first.header("retry-after")).toBeDefined();
    const bob = await openHttpLegacy(gateway.url(), gateway.token("bob"));
    expect(await bob.list()).toEqual(["safe"]);
  });

  it("that goes away in the middle of its requests leaves room for others", async () => {
    const gateway = await startServe({ policies: { alice: allow } });
    const whole = postBytes(gateway.url(), headersOf(gateway, "alice", undefined), "x".repeat(4_000_000));
    for (let i = 0; i < 40; i += 1) {
      const connection = openRaw(gateway.origin);
      await new Promise((resolve) => connection.socket.write(whole.subarray(0, 3_000_000), resolve));
      connection.close();
    }
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    expect((await client.call("safe", { text: "x".repeat(3_000_000) })).error).toBeUndefined();
    expect(gateway.process.stderr()).not.toContain("request failed");
  });

  it("that says much of what it can do has none of it kept", async () => {
    const server = await startMcpServer();
    const gateway = await startServe({ servers: { s: { url: server.origin } }, policies: { p: allow } });
    const client = openHttpModern(gateway.url(), gateway.token());
    const much = modernRequest(1, "tools/call", { name: "safe" }).replace(
      'Capabilities":{}',
      `Capabilities":{"experimental":{"x":{"y":"${"x".repeat(1_000_000)}"}}}`,
    );
    const { status } = await client.post(much, modernHeaders("tools/call", "safe"));
    expect(status).toBe(200);
    const sizes = server.seen.map(({ body }) => body.length);
    // The client's own call goes out as it is; what the gateway asks for itself is small.
    expect(sizes.filter((size) => size > 100_000)).toHaveLength(1);
    expect(sizes).toHaveLength(3);
  });

  it.skipIf(process.platform !== "linux")(
    "that opens one session after another starts no more servers than are its own and as many that end",
    async () => {
      const stubborn = { command: "sh", args: ["-c", "trap '' TERM; sleep 1000"], start_timeout: 30 };
      const gateway = await startServe({ servers: { s: stubborn }, policies: { p: allow } });
      const headers = headersOf(gateway, "p", undefined);
      const answers = Array.from({ length: 130 }, async () => {
        const connection = openRaw(gateway.origin);
        connection.write(postBytes(gateway.url(), headers, initialize(1)));
        return connection.response(60_000).catch(() => undefined);
      });
      const statuses: (number | undefined)[] = [];
      for (const answer of answers) void answer.then((response) => statuses.push(response?.status));
      await until(
        "refusals",
        () => (statuses.filter((status) => status === 503).length >= 30 ? true : undefined),
        60_000,
      );
      expect(childrenOf(gateway)).toBeLessThanOrEqual(100);
    },
  );
});

/** How many processes a gateway has started that live, or wait to be buried. */
function childrenOf(gateway: ServeGateway): number {
  const { pid } = gateway.process.child;
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").length;
}

describe("a server", () => {
  it("that asks for what is refused, without end, does not fill the audit", async () => {
    let refused = 0;
    const server = await startMcpServer({
      note: (message) => void ("error" in message && (refused += 1)),
      listen: (_, res) => {
        startEvents(res);
        for (let id = 0; id < 500; id += 1) {
          res.write(eventText({ jsonrpc: "2.0", id, method: "sampling/createMessage", params: {} }));
        }
      },
    });
    const gateway = await startServe({
      servers: { s: { url: server.origin } },
      policies: { p: { ...allow, sampling: "deny" } },
    });
    const { sessionId } = await openHttpLegacy(gateway.url(), gateway.token());
    await openEvents(gateway.url(), { method: "GET", headers: headersOf(gateway, "p", sessionId) });
    await until("the refusals", () => (refused === 500 ? true : undefined));
    const rows = gateway.rows.events("server_request_refused");
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThanOrEqual(60);
  });

  it("whose list of tools is long and has no end is not read to the end", async () => {
    const tool = { name: "safe", description: "x".repeat(4_000_000), inputSchema: { type: "object" } };
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method !== "tools/list") return false;
        sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, result: { tools: [tool], nextCursor: "more" } }));
        return true;
      },
    });
    const gateway = await startServe({ servers: { s: { url: server.origin } }, policies: { p: allow } });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    expect((await client.call("safe")).error?.message).toContain("tool list is over");
    expect(server.seen.filter(({ body }) => body.includes("tools/list")).length).toBeLessThan(10);
  });

  it("that asks without waiting for answers is refused what no client could answer", async () => {
    const refused: Message[] = [];
    const server = await startMcpServer({
      note: (message) => void ("error" in message && refused.push(message)),
      listen: (_, res) => {
        startEvents(res);
        for (let id = 0; id < 300; id += 1) res.write(eventText({ jsonrpc: "2.0", id, method: "roots/list" }));
      },
    });
    const gateway = await startServe({ servers: { s: { url: server.origin } }, policies: { p: allow } });
    const { sessionId } = await openHttpLegacy(gateway.url(), gateway.token());
    const stream = await openEvents(gateway.url(), { method: "GET", headers: headersOf(gateway, "p", sessionId) });
    await until("the refusals", () => (refused.length >= 44 ? true : undefined));
    await stream.sees(/"id":255/);
    expect(stream.events).toHaveLength(256);
    expect(refused).toHaveLength(44);
  });
});
