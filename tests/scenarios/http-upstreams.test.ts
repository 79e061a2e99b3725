import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern, openStdio } from "../kit/clients.ts";
import { type ServeGateway, startRun, startServe } from "../kit/gateway.ts";
import { initialize, legacyVersion, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { type ScriptedServer, type SeenRequest, startScriptedServer } from "../servers/http-script.ts";

// Callgate in front of servers over HTTP: sessions, streams, and what such servers do wrong.

afterEach(closeAll);

type Message = Readonly<Record<string, unknown>>;

const tools = [
  { name: "safe", inputSchema: { type: "object" } },
  { name: "evil", inputSchema: { type: "object" } },
];
const allowSafe = { version: "1", default: "deny", tools: { safe: {} } } as const;

function readBody({ body }: SeenRequest): Message {
  return body === "" ? {} : JSON.parse(body);
}

function json(res: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  res.writeHead(200, { "content-type": "application/json", ...headers });
  res.end(JSON.stringify(value));
}

/** A legacy server with a session; `call` answers its `tools/call`, `get` its GET stream. */
async function startServer(
  call: (message: Message, res: ServerResponse) => void,
  get: (seen: SeenRequest, res: ServerResponse) => void = (_, res) => void res.writeHead(405).end(),
): Promise<ScriptedServer> {
  let isTerminated = false;
  return startScriptedServer((seen, res) => {
    const message = readBody(seen);
    const { id, method } = message;
    if (seen.method === "GET") return get(seen, res);
    if (seen.method === "DELETE") {
      isTerminated = true;
      return void res.writeHead(204).end();
    }
    if (isTerminated || (method !== "initialize" && seen.headers["mcp-session-id"] !== "upstream-1")) {
      return void res.writeHead(404).end();
    }
    if (id === undefined) return void res.writeHead(202).end();
    if (method === "initialize") {
      const result = {
        protocolVersion: legacyVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "s", version: "1" },
      };
      return json(res, { jsonrpc: "2.0", id, result }, { "mcp-session-id": "upstream-1", "set-cookie": "stolen=1" });
    }
    if (method === "tools/list") return json(res, { jsonrpc: "2.0", id, result: { tools } });
    if (method === "resources/list") {
      isTerminated = true;
      return void res.writeHead(404).end();
    }
    return call(message, res);
  });
}

function answer(message: Message, res: ServerResponse): void {
  json(res, { jsonrpc: "2.0", id: message["id"], result: { content: [] } });
}

async function serve(server: ScriptedServer, policy: Message = allowSafe): Promise<ServeGateway> {
  const url = `${server.origin}/mcp`;
  const headers = { "X-Api-Key": "upstream-key-canary" };
  return startServe({ servers: { web: { url, headers } }, policies: { p: policy } });
}

describe("in front of a server over HTTP", () => {
  it("sends the configured headers and none of the client's, and passes no cookie back [R18] [R22] [R23] [B184] [B296]", async () => {
    const server = await startServer(answer);
    const gateway = await serve(server);
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const reply = await client.post(request(5, "tools/call", { name: "safe" }), {
      cookie: "client=1",
      "x-api-key": "mine",
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("set-cookie")).toBeNull();
    expect(reply.headers.get("mcp-session-id")).not.toBe("upstream-1");
    for (const { headers } of server.seen) {
      expect(headers["x-api-key"]).toBe("upstream-key-canary");
      expect(headers["cookie"]).toBeUndefined();
      expect(headers["authorization"]).toBeUndefined();
    }
  });

  it("sends exactly the judged bytes once, and nothing for a denied call [R102] [B001]", async () => {
    const server = await startServer(answer);
    const gateway = await serve(server);
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const body =
      '{ "jsonrpc":"2.0", "id":7, "method":"tools\\/call", "params":{"name":"s\\u0061fe","arguments":{"n":1.50e1}} }';
    expect((await client.post(body)).status).toBe(200);
    expect((await client.call("evil")).isError).toBe(true);
    const calls = server.seen.filter((seen) => seen.body.includes("call"));
    expect(calls.map((seen) => seen.body)).toEqual([body]);
  });

  it("streams events of any size through, in order, ahead of the answer [R103]", async () => {
    const large = "x".repeat(300_000);
    const server = await startServer((message, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      const note = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: large } };
      const last = { jsonrpc: "2.0", id: message["id"], result: { content: [{ type: "text", text: large }] } };
      res.write(`id: 1\nretry: 10\ndata:\n\nid: 2\ndata: ${JSON.stringify(note)}\n\n`);
      res.end(`id: 3\ndata: ${JSON.stringify(last)}\n\n`);
    });
    const gateway = await serve(server);
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const response = await fetch(gateway.url(), {
      method: "POST",
      body: request(5, "tools/call", { name: "safe" }),
      headers: {
        authorization: `Bearer ${gateway.token()}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-session-id": client.sessionId ?? "",
      },
    });
    const text = await response.text();
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(text.match(/^id: \d\b/gm)).toEqual(["id: 1", "id: 2"]);
    expect(text).toContain("retry: 10");
    expect(text.split(large)).toHaveLength(3);
  });

  it("filters a list that comes as a stream, and withholds one that cannot be read [R53] [R54]", async () => {
    let list = JSON.stringify({ tools, _meta: { kept: [1.5] }, nextCursor: "" });
    const server = await startScriptedServer((seen, res) => {
      const { id } = readBody(seen);
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.end(`id: 1\ndata:\n\nid: 2\ndata: {"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${list}}\n\n`);
    });
    const gateway = await serve(server);
    const client = openHttpModern(gateway.url(), gateway.token());
    const page = await client.request("tools/list");
    expect(page.result).toMatchObject({
      tools: [tools[0]],
      _meta: { kept: [1.5] },
      nextCursor: "",
      cacheScope: "private",
    });
    list = '{"tools":[{"name":"safe"}],"tools":[{"name":"evil"}]}';
    const withheld = await client.request("tools/list");
    expect(withheld.result).toBeUndefined();
    expect(withheld.error?.message).toContain("withheld");
  });

  it("opens the server's own stream for a client that listens, and ends the session at its wish [R105]", async () => {
    const server = await startServer(answer, (_, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
    });
    const gateway = await serve(server);
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const headers = { authorization: `Bearer ${gateway.token()}`, "mcp-session-id": client.sessionId ?? "" };
    const stream = await fetch(gateway.url(), { headers: { ...headers, accept: "text/event-stream" } });
    expect(stream.status).toBe(200);
    const reader = stream.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString("utf8")).toContain("tools/list_changed");
    const ended = await fetch(gateway.url(), { method: "DELETE", headers });
    expect(ended.status).toBe(204);
    expect((await reader?.read())?.done).toBe(true);
    expect((await client.post(request(6, "tools/list"))).status).toBe(404);
    expect(server.seen.at(-1)?.method).toBe("DELETE");
  });

  it("gives a clean 404 when the server has ended the session [R104]", async () => {
    const server = await startServer(answer);
    const gateway = await serve(server, { version: "1", default: "allow" });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    expect((await client.post(request(5, "resources/list"))).status).toBe(404);
    expect((await client.post(request(6, "tools/list"))).status).toBe(404);
    // The gateway lives: a new handshake reaches the server.
    const hello = await fetch(gateway.url(), {
      method: "POST",
      body: initialize(1),
      headers: { authorization: `Bearer ${gateway.token()}`, "content-type": "application/json" },
    });
    expect(hello.status).toBeLessThan(500);
  });

  const wrongs: readonly {
    readonly name: string;
    readonly code: string;
    readonly answer: (res: ServerResponse) => void;
  }[] = [
    {
      name: "answers with a page [B294]",
      code: "UPSTREAM_GARBAGE",
      answer: (res) => void res.writeHead(200, { "content-type": "text/html" }).end("<h1>hi</h1>"),
    },
    {
      name: "cuts its JSON [B294]",
      code: "UPSTREAM_GARBAGE",
      answer: (res) => void res.writeHead(200, { "content-type": "application/json" }).end('{"jsonrpc":"2.0","id"'),
    },
    {
      name: "redirects [B293]",
      code: "UPSTREAM_",
      answer: (res) => void res.writeHead(302, { location: "http://169.254.169.254/" }).end(),
    },
    {
      name: "refuses our credentials [B185]",
      code: "UPSTREAM_REFUSED",
      answer: (res) => void res.writeHead(401, { "www-authenticate": 'Bearer realm="theirs"' }).end(),
    },
    { name: "hangs up", code: "UPSTREAM_", answer: (res) => void res.destroy() },
  ];
  it.each(wrongs)(
    "answers with an error, keeps the charge and lives, when the server $name",
    async ({ code, answer: act }) => {
      const server = await startServer((_, res) => act(res));
      const limits = [{ counter: "c", window: "minute", max: 5 }];
      const gateway = await serve(server, { version: "1", default: "deny", tools: { safe: { limits } } });
      const client = await openHttpLegacy(gateway.url(), gateway.token());
      const reply = await client.post(request(5, "tools/call", { name: "safe" }));
      expect(reply.status).toBe(200);
      expect(reply.headers.get("www-authenticate")).toBeNull();
      expect(reply.body).toContain(`"code":"${code}`);
      const [outcome] = await gateway.rows.waitFor(1, (row) => row.kind === "outcome");
      expect(outcome).toMatchObject({ isRefunded: false });
      expect(server.seen.filter((seen) => seen.body.includes("tools/call"))).toHaveLength(1);
      expect(await client.list()).toEqual(["safe"]);
    },
  );

  it("returns the charge when no connection could be made [R87] [B206]", async () => {
    const server = await startServer(answer);
    const limits = [{ counter: "c", window: "minute", max: 5 }];
    const gateway = await serve(server, { version: "1", default: "deny", tools: { safe: { limits } } });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    expect((await client.call("safe")).isError).toBe(false);
    await server.close();
    // Until the pool has seen that its connection is gone: bytes on it might have left.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await client.call("safe")).error).toBeDefined();
    const outcomes = await gateway.rows.waitFor(2, (row) => row.kind === "outcome");
    expect(outcomes.at(-1)).toMatchObject({ status: "not_sent", isRefunded: true });
  });

  it("bridges a client on stdio to it, with the headers that the modern era wants", async () => {
    const server = await startScriptedServer((seen, res) => {
      const message = readBody(seen);
      const { id, method } = message;
      if (method === "tools/list") return json(res, { jsonrpc: "2.0", id, result: { resultType: "complete", tools } });
      return answer(message, res);
    });
    const gateway = startRun({
      policy: allowSafe,
      server: { url: `${server.origin}/mcp` },
    });
    const client = await openStdio(gateway.process, "modern");
    expect((await client.call("safe", { text: "x" })).isError).toBe(false);
    const call = server.seen.find((seen) => seen.body.includes("tools/call"));
    expect(call?.headers).toMatchObject({
      "mcp-method": "tools/call",
      "mcp-name": "safe",
      "mcp-protocol-version": "2026-07-28",
    });
    gateway.process.child.stdin.end();
    await once(gateway.process.child, "close");
  });

  it("leads a client on stdio to a team's gateway, whose policy decides", async () => {
    const team = await startServe({ policies: { p: allowSafe } });
    const bridge = startRun({
      server: { url: team.url() },
      flags: ["--gateway", team.url(), "--header", `Authorization: Bearer ${team.token()}`],
    });
    const client = await openStdio(bridge.process, "legacy");
    expect(await client.list()).toEqual(["safe"]);
    expect((await client.call("safe")).isError).toBe(false);
    expect((await client.call("evil")).decision).toMatchObject({ code: "default_deny" });
    expect(team.rows.calls().map(({ tool, outcome }) => `${outcome} ${tool}`)).toEqual(["allow safe", "deny evil"]);
    const modern = openHttpModern(team.url(), team.token());
    expect(await modern.list()).toEqual(["safe"]);
  });
});
