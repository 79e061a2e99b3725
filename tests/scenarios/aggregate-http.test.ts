import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type HttpClient, openHttpLegacy, openHttpModern } from "../kit/clients.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { legacyVersion, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { openNews } from "../kit/streams.ts";
import { until } from "../kit/wait.ts";
import { eventText, type SeenRequest, sendJson, startEvents, startScriptedServer } from "../servers/http-script.ts";

// The gateway's own connection to a server over HTTP, behind the one address of all servers.

afterEach(closeAll);

type Message = Readonly<Record<string, unknown>>;

const headers = { "mcp-session-id": "own" };
const content = [{ type: "text", text: "done" }];

/** A legacy server with sessions; `call` answers a `tools/call`, `get` the GET streams. */
async function openBehind(
  call: (message: Message, res: ServerResponse) => void,
  get: (seen: SeenRequest, res: ServerResponse) => void = (_, res) => void res.writeHead(405).end(),
  slowness: { readonly firstMs: number; readonly startTimeout: string } = { firstMs: 0, startTimeout: "30s" },
): Promise<{ seen: readonly SeenRequest[]; gateway: ServeGateway; client: HttpClient }> {
  const answered = new Set<unknown>();
  const { origin, seen } = await startScriptedServer((asked, res) => {
    if (asked.method === "GET") return get(asked, res);
    const message: Message = asked.body === "" ? {} : JSON.parse(asked.body);
    const { id, method } = message;
    if (id === undefined || typeof method !== "string") return void res.writeHead(202).end();
    if (method === "tools/call") return call(message, res);
    const answer = (): void =>
      sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, result: results[method] }), 200, headers);
    if (slowness.firstMs === 0 || answered.has(method)) return answer();
    answered.add(method);
    setTimeout(answer, slowness.firstMs);
  });
  const gateway = await startServe({
    servers: { web: { url: `${origin}/mcp`, start_timeout: slowness.startTimeout } },
    policies: { p: { version: "1", default: "allow" } },
  });
  return { seen, gateway, client: await openHttpLegacy(gateway.everyUrl, gateway.token()) };
}

const results: Readonly<Record<string, object>> = {
  initialize: {
    protocolVersion: legacyVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: "s", version: "1" },
  },
  "tools/list": { tools: [{ name: "safe", inputSchema: { type: "object" } }] },
};

function callsOf(seen: readonly SeenRequest[]): readonly SeenRequest[] {
  return seen.filter(({ body }) => /tools.{1,2}call/.test(body));
}

describe("a server over HTTP behind the address of all servers", () => {
  it("gets the judged bytes, but for the name and the id", async () => {
    const { seen, client } = await openBehind((message, res) =>
      sendJson(res, JSON.stringify({ jsonrpc: "2.0", id: message["id"], result: { content } })),
    );
    const body = (id: string, name: string): string =>
      `{ "jsonrpc":"2.0", "id":${id}, "method":"tools\\/call", "params":{"arguments":{"name":"web__safe","n":1.50e1},"name":"${name}"} }`;
    const reply = await client.post(body("7", "w\\u0065b__safe"));
    expect(JSON.parse(reply.body)).toEqual({ jsonrpc: "2.0", id: 7, result: { content } });
    const [sent] = callsOf(seen);
    const { id }: { id: string } = JSON.parse(sent?.body ?? "");
    expect(sent?.body).toBe(body(JSON.stringify(id), "safe"));
    expect(id).toMatch(/^cg_/);
    expect(sent?.headers["mcp-session-id"]).toBe("own");
    expect(sent?.headers["mcp-protocol-version"]).toBe(legacyVersion);
  });

  it("of the legacy era is reached by a client of the modern one", async () => {
    const { seen, gateway } = await openBehind((message, res) =>
      sendJson(res, JSON.stringify({ jsonrpc: "2.0", id: message["id"], result: { content } })),
    );
    const client = openHttpModern(gateway.everyUrl, gateway.token());
    expect(await client.list()).toEqual(["web__safe"]);
    expect((await client.call("web__safe")).result).toEqual({ resultType: "complete", content });
    const [sent] = callsOf(seen);
    expect(sent?.headers["mcp-protocol-version"]).toBe(legacyVersion);
    expect(sent?.headers["mcp-method"]).toBeUndefined();
    expect(sent?.body).not.toContain("io.modelcontextprotocol");
  });

  it("is asked again for an answer whose stream it closed early", async () => {
    let awaited: unknown;
    const { seen, client } = await openBehind(
      (message, res) => {
        awaited = message["id"];
        startEvents(res, "id: p1\nretry: 10\ndata:\n\n");
        res.end();
      },
      (asked, res) => {
        startEvents(res, ": open\n\n");
        if (asked.headers["last-event-id"] === "p1") {
          // What comes on the second stream is a place to go on from too.
          res.end("id: p2\nretry: 10\ndata:\n\n");
        } else if (asked.headers["last-event-id"] === "p2") {
          res.end(eventText({ jsonrpc: "2.0", id: awaited, result: { content } }, "p3"));
        }
      },
    );
    expect((await client.call("web__safe")).text).toBe("done");
    expect(callsOf(seen)).toHaveLength(1);
    const places = seen.filter(({ method }) => method === "GET").map((asked) => asked.headers["last-event-id"]);
    expect(places).toEqual([undefined, "p1", "p2"]);
  });

  it("may end its session: the call fails, the client's own session goes on, and the next call runs", async () => {
    let count = 0;
    const { gateway, client } = await openBehind((message, res) => {
      count += 1;
      if (count === 1) res.writeHead(404).end();
      else sendJson(res, JSON.stringify({ jsonrpc: "2.0", id: message["id"], result: { content } }));
    });
    const reply = await client.post(request(5, "tools/call", { name: "web__safe" }));
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toMatchObject({ id: 5, error: { data: { code: "UPSTREAM_EXITED" } } });
    expect((await client.call("web__safe")).text).toBe("done");
    await gateway.rows.waitFor(2, (row) => row.kind === "outcome");
  });

  it("cannot ask the client anything: the gateway refuses, with a row", async () => {
    const { seen, gateway, client } = await openBehind((message, res) => {
      const ask = { jsonrpc: "2.0", id: "q1", method: "sampling/createMessage", params: {} };
      startEvents(res, eventText(ask));
      res.end(eventText({ jsonrpc: "2.0", id: message["id"], result: { content } }));
    });
    const reply = await client.post(request(5, "tools/call", { name: "web__safe" }));
    expect(JSON.parse(reply.body)).toEqual({ jsonrpc: "2.0", id: 5, result: { content } });
    const [row] = await gateway.rows.waitFor(
      1,
      (one) => one.kind === "event" && one.event === "server_request_refused",
    );
    expect(row).toMatchObject({ server: "web", reason: "sampling/createMessage" });
    await until("the refusal", () =>
      seen.some(({ body }) => body.includes('"q1"') && body.includes("-32601")) ? true : undefined,
    );
  });

  it("that is late is left out, goes on being asked, and is announced when it is there", async () => {
    // Two slow answers, each in time, both together not.
    const { client, gateway } = await openBehind(() => {}, undefined, { firstMs: 2_000, startTimeout: "3s" });
    const news = await openNews(gateway.everyUrl, gateway.token(), client);
    expect(await client.list()).toEqual([]);
    await gateway.rows.waitFor(1, (row) => row.kind === "event" && row.reason === "UPSTREAM_TIMEOUT");
    await until("the news", () => (news.text().includes("notifications/tools/list_changed") ? true : undefined));
    expect(await client.list()).toEqual(["web__safe"]);
  });
});
