import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { openStdio } from "../kit/clients.ts";
import { startRun, startServe } from "../kit/gateway.ts";
import { legacyVersion, modernHeaders, modernRequest } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import {
  eventText,
  type ScriptedServer,
  type SeenRequest,
  sendJson,
  startEvents,
  startScriptedServer,
} from "../servers/http-script.ts";

// Streams that a server over HTTP ends before their time, where the client cannot take them up again itself.

afterEach(closeAll);

const policy = { version: "1", default: "deny", tools: { safe: {} } } as const;
const toolsChanged = { jsonrpc: "2.0", method: "notifications/tools/list_changed" } as const;

interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
}

/** A legacy server; `call` answers its `tools/call`, `get` each GET, counted from 0. */
async function startServer(
  call: (id: unknown, res: ServerResponse) => void,
  get: (seen: SeenRequest, res: ServerResponse, index: number) => void,
): Promise<ScriptedServer> {
  let getCount = 0;
  return startScriptedServer((seen, res) => {
    if (seen.method === "GET") return get(seen, res, getCount++);
    if (seen.method === "DELETE") return void res.writeHead(204).end();
    const { id, method }: Message = JSON.parse(seen.body);
    if (method === undefined || id === undefined) return void res.writeHead(202).end();
    const reply = (result: unknown): void => {
      sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, result }), 200, { "mcp-session-id": "upstream-1" });
    };
    if (method === "tools/list") return reply({ tools: [{ name: "safe", inputSchema: { type: "object" } }] });
    if (method === "tools/call") return call(id, res);
    if (method === "initialize") {
      const capabilities = { tools: { listChanged: true } };
      return reply({ protocolVersion: legacyVersion, capabilities, serverInfo: { name: "s", version: "1" } });
    }
    sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: "no such method" } }), 400);
  });
}

const refuseToListen = (_: SeenRequest, res: ServerResponse): void => void res.writeHead(405).end();

/** Closes the stream of a call at once, to be asked again. */
function cut(_: unknown, res: ServerResponse): void {
  res.writeHead(200, { "content-type": "text/event-stream" });
  res.end("id: e1\nretry: 20\ndata:\n\n");
}

function getsOf(server: ScriptedServer): readonly SeenRequest[] {
  return server.seen.filter(({ method }) => method === "GET");
}

describe("a client on standard streams in front of a server over HTTP", () => {
  it("gets the answer of a call whose stream the server closes to be asked again (SEP-1699)", async () => {
    let asked: unknown;
    const server = await startServer(
      (id, res) => {
        asked = id;
        cut(id, res);
      },
      (seen, res) => {
        if (seen.headers["last-event-id"] !== "e1") return void res.writeHead(405).end();
        startEvents(res);
        const content = [{ type: "text", text: "resumed" }];
        res.end(eventText({ jsonrpc: "2.0", id: asked, result: { content } }, "e2"));
      },
    );
    const client = await openStdio(startRun({ policy, server: { url: server.origin } }).process, "legacy");
    expect((await client.call("safe")).text).toBe("resumed");
    const resumed = getsOf(server).filter(({ headers }) => headers["last-event-id"] === "e1");
    expect(resumed.map(({ headers }) => headers["mcp-session-id"])).toEqual(["upstream-1"]);
  });

  it("is told at once when such a stream cannot be taken up again", async () => {
    const server = await startServer(cut, refuseToListen);
    const client = await openStdio(startRun({ policy, server: { url: server.origin } }).process, "legacy");
    expect(await client.call("safe")).toMatchObject({ error: { data: { code: "UPSTREAM_GARBAGE" } } });
  });

  it("hears the server's own stream, which is opened again from its last event when the server ends it", async () => {
    const server = await startServer(cut, (_, res, index) => {
      startEvents(res, `retry: 20\n${eventText(toolsChanged, `g${index}`)}`);
      if (index === 0) res.end();
      else res.write(eventText({ jsonrpc: "2.0", id: "p1", method: "ping" }, "g9"));
    });
    const client = await openStdio(startRun({ policy, server: { url: server.origin } }).process, "legacy");
    await until("both notifications", () => {
      const heard = client.lines().filter((line) => line.includes(toolsChanged.method));
      return heard.length === 2 ? heard : undefined;
    });
    await until("the answer to the server's ping", () => server.seen.find(({ body }) => body.includes('"p1"')));
    const gets = getsOf(server);
    expect(gets.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "g0"]);
    expect(gets.map(({ headers }) => headers["mcp-protocol-version"])).toEqual([legacyVersion, legacyVersion]);
  });
});

describe("the address of all servers", () => {
  it("opens a server's own stream again when the server ends it", async () => {
    const server = await startServer(cut, (_, res, index) => {
      startEvents(res, `retry: 20\n${eventText(toolsChanged, `g${index}`)}`);
      if (index === 0) res.end();
    });
    const gateway = await startServe({ servers: { web: { url: server.origin } }, policies: { p: policy } });
    const headers = {
      authorization: `Bearer ${gateway.token()}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...modernHeaders("tools/list"),
    };
    const body = modernRequest(1, "tools/list");
    await (await fetch(gateway.everyUrl, { method: "POST", headers, body })).text();
    const again = await until("the second stream", () => getsOf(server)[1]);
    expect(again.headers["last-event-id"]).toBe("g0");
  });
});
