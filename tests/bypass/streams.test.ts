import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern } from "../kit/clients.ts";
import { type EventStream, openEvents } from "../kit/event-stream.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { modernHeaders, modernRequest, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import { eventText, type ScriptedServer, sendJson, startEvents } from "../servers/http-script.ts";
import { type Message, startMcpServer } from "../servers/mcp-script.ts";

// What a server says beside its answers: whom it reaches, and what it may ask for.

afterEach(closeAll);

const allow = { version: "1", default: "allow" } as const;
const subscriptionKey = "io.modelcontextprotocol/subscriptionId";

function serve(server: ScriptedServer, policy: Message = allow): Promise<ServeGateway> {
  return startServe({ servers: { web: { url: server.origin } }, policies: { p: policy } });
}

function bearer(gateway: ServeGateway, grant?: string): { readonly authorization: string } {
  return { authorization: `Bearer ${gateway.token(grant)}` };
}

function sendModern(gateway: ServeGateway, id: number, method: string, params: Message): Promise<EventStream> {
  const name = typeof params["name"] === "string" ? params["name"] : undefined;
  const headers = { ...bearer(gateway), ...modernHeaders(method, name) };
  return openEvents(gateway.url(), { method: "POST", body: modernRequest(id, method, params), headers });
}

function listenLegacy(
  gateway: ServeGateway,
  sessionId: string | undefined,
  more: Readonly<Record<string, string>> = {},
  grant?: string,
): Promise<EventStream> {
  const headers = { ...bearer(gateway, grant), "mcp-session-id": sessionId ?? "", ...more };
  return openEvents(gateway.url(), { method: "GET", headers });
}

it("news that a server tells with an answer to the gateway's own request reaches who listens", async () => {
  const server = await startMcpServer({
    listen: (_, res) => startEvents(res),
    request: ({ method, id }, res) => {
      if (method !== "tools/list") return false;
      startEvents(res, eventText({ jsonrpc: "2.0", method: "notifications/tools/list_changed" }));
      const tools = [{ name: "safe", inputSchema: { type: "object" } }];
      res.end(eventText({ jsonrpc: "2.0", id, result: { tools } }));
      return true;
    },
  });
  const gateway = await serve(server);
  const client = await openHttpLegacy(gateway.url(), gateway.token());
  const news = await listenLegacy(gateway, client.sessionId);
  // The call makes the gateway ask for the tools.
  expect((await client.call("safe")).error).toBeUndefined();
  await news.sees(/list_changed/);
});

// The hang limit is under the 10 s that calls under way are given.
it("a client that listens does not hold up the end of the gateway", { timeout: 9_000 }, async () => {
  const server = await startMcpServer({ listen: (_, res) => startEvents(res) });
  const gateway = await serve(server);
  const { sessionId } = await openHttpLegacy(gateway.url(), gateway.token());
  await listenLegacy(gateway, sessionId);
  expect(await gateway.process.kill("SIGTERM")).toEqual({ code: 0, signal: null });
});

function note(data: string): Message {
  return { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data } };
}

function reply(id: unknown, result: Message): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result: { resultType: "complete", ...result } });
}

describe("what a server asks for", () => {
  const inputRequests = { a: { method: "sampling/createMessage", params: { prompt: "canary-prompt" } } };
  const task = { taskId: "t1", status: "input_required", inputRequests };

  it("is withheld when it hides in an error that names pages to open", async () => {
    const elicitations = [{ mode: "url", url: "https://evil.example/", elicitationId: "1", message: "log in" }];
    const error = { code: -32042, message: "open this", data: { elicitations } };
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method !== "tools/call") return false;
        sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, error }));
        return true;
      },
    });
    const gateway = await serve(server, { ...allow, elicitation: "deny" });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    expect((await client.post(request(5, "tools/call", { name: "safe" }))).body).not.toContain("evil.example");
    const open = await serve(server);
    const allowed = await openHttpLegacy(open.url(), open.token());
    expect((await allowed.post(request(5, "tools/call", { name: "safe" }))).body).toContain("evil.example");
  });

  it.each(["tasks/get", "tools/list", "server/discover"])(
    "is withheld when it comes with the answer to %s",
    async (asked) => {
      const server = await startMcpServer({
        request: ({ method, id }, res) => {
          if (method === "tools/call")
            sendJson(res, reply(id, { resultType: "task", taskId: "t1", status: "working" }));
          else if (method === asked) sendJson(res, reply(id, { ...task, tools: [] }));
          else return false;
          return true;
        },
      });
      const gateway = await serve(server, { ...allow, sampling: "deny" });
      const client = openHttpModern(gateway.url(), gateway.token());
      await client.call("safe");
      const isTask = asked === "tasks/get";
      const headers = modernHeaders(asked, isTask ? "t1" : undefined);
      const { body } = await client.post(modernRequest(5, asked, isTask ? { taskId: "t1" } : {}), headers);
      expect(body).not.toContain("canary-prompt");
      expect(body).toContain("withheld");
    },
  );

  it("is withheld when it comes as news of a task; news of tasks of others cannot be asked for", async () => {
    let stream: ServerResponse | undefined;
    let subscription: unknown;
    const send = (method: string, params: Message): void => {
      const meta = { _meta: { [subscriptionKey]: subscription } };
      stream?.write(eventText({ jsonrpc: "2.0", method, params: { ...params, ...meta } }));
    };
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method === "tools/call") sendJson(res, reply(id, { resultType: "task", taskId: "t1", status: "working" }));
        else if (method === "subscriptions/listen") {
          stream = res;
          subscription = id;
          startEvents(res);
          send("notifications/subscriptions/acknowledged", {});
        } else return false;
        return true;
      },
    });
    const gateway = await serve(server, { ...allow, sampling: "deny" });
    const client = openHttpModern(gateway.url(), gateway.token());
    await client.call("safe");
    const mine = await sendModern(gateway, 7, "subscriptions/listen", { notifications: { taskIds: ["t1"] } });
    await mine.sees(/acknowledged/);
    send("notifications/tasks", task);
    send("notifications/tasks", { taskId: "t1", status: "working" });
    await mine.sees(/working/);
    expect(JSON.stringify(mine.events)).not.toContain("canary-prompt");
    for (const taskIds of [["other"], "other", ["t1", 1]]) {
      const foreign = await sendModern(gateway, 8, "subscriptions/listen", { notifications: { taskIds } });
      await foreign.sees(/Unknown task/);
    }
  });

  it("is refused at once when its client speaks the modern era and cannot answer", async () => {
    const notes: Message[] = [];
    const server = await startMcpServer({
      note: (message) => void notes.push(message),
      request: ({ method, id }, res) => {
        if (method !== "tools/call") return false;
        startEvents(res, eventText({ jsonrpc: "2.0", id: "s1", method: "sampling/createMessage", params: {} }));
        void until("the gateway's answer", () => notes[0]).then(() =>
          res.end(`data: ${reply(id, { content: [] })}\n\n`),
        );
        return true;
      },
    });
    const gateway = await serve(server);
    const call = await sendModern(gateway, 1, "tools/call", { name: "safe" });
    await call.sees(/result/);
    expect(JSON.stringify(call.events)).not.toContain("sampling/createMessage");
    expect(notes).toMatchObject([{ id: "s1", error: { code: -32601 } }]);
  });
});

describe("what a server says", () => {
  it("behind an answer reaches no other client of the connection", async () => {
    const open: { readonly id: unknown; readonly res: ServerResponse }[] = [];
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method !== "tools/call") return false;
        open.push({ id, res });
        startEvents(res, eventText(note(`hello${open.length}`)));
        return true;
      },
    });
    const gateway = await serve(server);
    const a = await sendModern(gateway, 1, "tools/call", { name: "safe" });
    await a.sees(/hello1/);
    const b = await sendModern(gateway, 2, "tools/call", { name: "safe" });
    await b.sees(/hello2/);
    const [ofA, ofB] = open;
    ofA?.res.write(`data: ${reply(ofA.id, { content: [] })}\n\n`);
    await a.sees(/result/);
    ofA?.res.write(eventText(note("late-secret-of-a")));
    // Long enough for what must not come.
    await new Promise((resolve) => setTimeout(resolve, 200));
    ofB?.res.end(`data: ${reply(ofB.id, { content: [] })}\n\n`);
    await b.sees(/result/);
    expect(JSON.stringify(b.events)).not.toContain("late-secret-of-a");
  });

  it("of a request reaches the client that sent it, under its own ids, whatever stream it comes on", async () => {
    const open: { readonly id: unknown; readonly res: ServerResponse }[] = [];
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method !== "tools/call" && method !== "subscriptions/listen") return false;
        open.push({ id, res });
        startEvents(res, eventText(note(`hello${open.length}`)));
        return true;
      },
    });
    const gateway = await serve(server);
    const a = await sendModern(gateway, 1, "tools/call", { name: "safe" });
    await a.sees(/hello1/);
    const b = await openEvents(gateway.url(), {
      method: "POST",
      body: modernRequest(2, "tools/call", { name: "safe" }).replace('"_meta":{', '"_meta":{"progressToken":"of b",'),
      headers: { ...bearer(gateway), ...modernHeaders("tools/call", "safe") },
    });
    await b.sees(/hello2/);
    const listening = await sendModern(gateway, 3, "subscriptions/listen", { notifications: {} });
    await listening.sees(/hello3/);
    const [ofA, ofB, ofListening] = open;
    const progress = { progressToken: ofB?.id, progress: 1 };
    ofA?.res.write(eventText({ jsonrpc: "2.0", method: "notifications/progress", params: progress }));
    const cancelled = { requestId: ofListening?.id };
    ofA?.res.write(eventText({ jsonrpc: "2.0", method: "notifications/cancelled", params: cancelled }));
    await b.sees(/"progressToken":"of b"/);
    await listening.sees(/"requestId":3/);
    expect(JSON.stringify(a.events)).not.toMatch(/progress|cancelled/);
  });

  it("in one session is not replayed to another that names its event [B158]", async () => {
    const server = await startMcpServer({
      listen: (seen, res) => startEvents(res, eventText(note(`after ${String(seen.headers["last-event-id"])}`), "17")),
    });
    const gateway = await startServe({
      servers: { web: { url: server.origin } },
      policies: { alice: allow, bob: allow },
    });
    const alice = await openHttpLegacy(gateway.url(), gateway.token("alice"));
    const bob = await openHttpLegacy(gateway.url(), gateway.token("bob"));
    const hers = await listenLegacy(gateway, alice.sessionId, {}, "alice");
    const { id = "" } = await hers.sees(/after undefined/);
    const resumed = await listenLegacy(gateway, alice.sessionId, { "last-event-id": id }, "alice");
    await resumed.sees(/after 17/);
    for (const foreign of [id, "17"]) {
      const his = await listenLegacy(gateway, bob.sessionId, { "last-event-id": foreign }, "bob");
      expect((await his.sees(/after/)).data).toContain("after undefined");
    }
  });

  it("is asked again when a stream is taken up again, and recorded once", async () => {
    const question = { jsonrpc: "2.0", id: 7, method: "roots/list" };
    const answers: Message[] = [];
    const server = await startMcpServer({
      note: (message) => void ("id" in message && answers.push(message)),
      listen: (_, res) => startEvents(res, eventText(question, "q1")),
    });
    const gateway = await serve(server);
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const first = await listenLegacy(gateway, client.sessionId);
    const { id = "" } = await first.sees(/roots/);
    first.close();
    const second = await listenLegacy(gateway, client.sessionId, { "last-event-id": id });
    await second.sees(/roots/);
    await client.post('{"jsonrpc":"2.0","id":7,"result":{"roots":[]}}');
    expect(answers).toMatchObject([{ id: 7, result: { roots: [] } }]);
    expect(gateway.rows.events("server_request_passed")).toHaveLength(1);
  });

  it("reaches nobody any more once the grant has expired", async () => {
    const server = await startMcpServer({ listen: (_, res) => startEvents(res, eventText(note("hello"))) });
    const expires = new Date(Date.now() + 4_000).toISOString();
    const gateway = await startServe({
      servers: { web: { url: server.origin } },
      policies: { p: allow },
      grants: { g: { servers: { web: "p" }, expires } },
    });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const stream = await listenLegacy(gateway, client.sessionId);
    await stream.sees(/hello/);
    await until("the stream to end", () => (stream.isEnded() ? true : undefined));
  });
});

describe("a server that fails when it is asked for its era", () => {
  it("is asked again, and not taken for one of the legacy era for ever", async () => {
    let isBusy = true;
    const server = await startMcpServer({
      request: ({ method }, res) => {
        if (method !== "server/discover" || !isBusy) return false;
        isBusy = false;
        res.writeHead(503).end();
        return true;
      },
    });
    const gateway = await serve(server);
    const client = openHttpModern(gateway.url(), gateway.token());
    expect((await client.call("safe")).error?.data).toMatchObject({ code: "UPSTREAM_OVERLOADED" });
    expect((await client.call("safe")).error).toBeUndefined();
  });

  it("is of the legacy era for the client alone whose metadata it refused", async () => {
    const server = await startMcpServer({
      request: ({ method, id, params }, res) => {
        if (method !== "server/discover" || !JSON.stringify(params).includes("odd")) return false;
        sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32602, message: "odd" } }));
        return true;
      },
    });
    const gateway = await serve(server);
    const client = openHttpModern(gateway.url(), gateway.token());
    const odd = modernRequest(1, "tools/call", { name: "safe" }).replace(
      'Capabilities":{}',
      'Capabilities":{"experimental":{"odd":{}}}',
    );
    expect((await client.post(odd, modernHeaders("tools/call", "safe"))).status).toBe(404);
    expect((await client.call("safe")).error).toBeUndefined();
  });
});

describe("a list of tools that changes", () => {
  it("is asked for again in the modern era, whose servers tell nobody that has not subscribed [B118]", async () => {
    let name = "old";
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method !== "tools/list") return false;
        sendJson(
          res,
          reply(id, { ttlMs: 0, cacheScope: "public", tools: [{ name, inputSchema: { type: "object" } }] }),
        );
        return true;
      },
    });
    const gateway = await serve(server);
    const client = openHttpModern(gateway.url(), gateway.token());
    expect((await client.call("old")).error).toBeUndefined();
    name = "new";
    const answer = await untilAsync(
      () => client.call("old"),
      ({ error }) => error !== undefined,
    );
    expect(answer.error?.message).toBe("Unknown tool: old");
    expect((await client.call("new")).error).toBeUndefined();
  });
});

describe("a call that runs on as a task", () => {
  it("is in flight until the task has ended [B276]", async () => {
    let status = "working";
    let made = 0;
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method === "tools/call") {
          made += 1;
          sendJson(res, reply(id, { task: { taskId: `t${made}`, status, ttl: 60_000 } }));
        } else if (method === "tasks/get") sendJson(res, reply(id, { taskId: "t1", status }));
        else return false;
        return true;
      },
    });
    const limits = [{ counter: "c", concurrent: true, max: 1 }];
    const gateway = await serve(server, { version: "1", default: "deny", tools: { safe: { limits } } });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const call = { name: "safe", task: { ttl: 60_000 } };
    expect((await client.request("tools/call", call)).result).toHaveProperty("task");
    expect((await client.request("tools/call", call)).decision).toMatchObject({ code: "limit_reached" });
    await client.request("tasks/get", { taskId: "t1" });
    expect((await client.request("tools/call", call)).decision).toMatchObject({ code: "limit_reached" });
    status = "completed";
    expect((await client.request("tasks/get", { taskId: "t1" })).result).toMatchObject({ status });
    expect((await client.request("tools/call", call)).result).toHaveProperty("task");
    expect(made).toBe(2);
  });
});

/** Asks again until the answer satisfies, for at most some seconds; the last answer. */
async function untilAsync<Value>(ask: () => Promise<Value>, satisfies: (value: Value) => boolean): Promise<Value> {
  for (let left = 50; ; left -= 1) {
    const value = await ask();
    if (left === 0 || satisfies(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
