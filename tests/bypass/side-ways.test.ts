import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern, openStdio } from "../kit/clients.ts";
import { openEvents } from "../kit/event-stream.ts";
import { type ServeGateway, startRun, startServe } from "../kit/gateway.ts";
import { initialize, modernHeaders, modernRequest, readAnswer, request, toolNames } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import { eventText, type ScriptedServer, sendJson, startEvents } from "../servers/http-script.ts";
import { type Message, startMcpServer } from "../servers/mcp-script.ts";

// Ways beside a call: pages, cursors, tasks, tokens, ids, handshakes.

afterEach(closeAll);

const safeOnly = { version: "1", default: "deny", tools: { safe: {} } } as const;
const allow = { version: "1", default: "allow" } as const;

function serve(server: ScriptedServer, policies: Readonly<Record<string, Message>>): Promise<ServeGateway> {
  return startServe({ servers: { web: { url: server.origin } }, policies });
}

function result(id: unknown, body: Message): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result: { resultType: "complete", ...body } });
}

describe("a list in pages", () => {
  it("[B260] is filtered on every page, also where pages are left empty, and its cursors go on", async () => {
    const gateway = await startServe({ servers: { echo: ["--page-size=1"] }, policies: { p: safeOnly } });
    const clients = [
      await openHttpLegacy(gateway.url(), gateway.token()),
      openHttpModern(gateway.url(), gateway.token()),
    ];
    for (const client of clients) {
      const pages: string[][] = [];
      for (let cursor: unknown; pages.length < 50;) {
        const page = await client.request("tools/list", cursor === undefined ? {} : { cursor });
        pages.push(toolNames(page));
        cursor = page.result?.["nextCursor"];
        if (cursor === undefined) break;
      }
      expect(pages.flat(), client.lane).toEqual(["safe"]);
      expect(pages.length, client.lane).toBeGreaterThan(3);
    }
  });

  it.each(["-1", "forged", "cursor of another grant", "x".repeat(1_000_000)])(
    "[B261] asked for with a cursor that was never given out shows no more than any other page (%#)",
    async (cursor) => {
      // The worst a server can do: it takes any cursor for the first page of all.
      const server = await startMcpServer();
      const gateway = await serve(server, { p: safeOnly });
      for (const client of [
        await openHttpLegacy(gateway.url(), gateway.token()),
        openHttpModern(gateway.url(), gateway.token()),
      ]) {
        const page = await client.request("tools/list", { cursor });
        expect(toolNames(page).filter((name) => name !== "safe")).toEqual([]);
      }
    },
  );

  it("[B265] that changes ten thousand times in a breath is asked for again a few times, and calls go on", async () => {
    let lists = 0;
    const server = await startMcpServer({
      listen: (_, res) => {
        const change = eventText({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
        startEvents(res, change.repeat(10_000));
      },
      request: ({ method }) => {
        if (method === "tools/list") lists += 1;
        return false;
      },
    });
    const gateway = await serve(server, { p: safeOnly });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const headers = { authorization: `Bearer ${gateway.token()}`, "mcp-session-id": client.sessionId ?? "" };
    const news = await openEvents(gateway.url(), { method: "GET", headers });
    await news.sees(/list_changed/);
    for (let call = 0; call < 5; call += 1) expect((await client.call("safe")).error).toBeUndefined();
    expect((await client.call("evil")).decision).toMatchObject({ code: "default_deny" });
    expect(lists).toBeLessThanOrEqual(7);
  });
});

describe("an answer that asks for input", () => {
  const inputRequests = { a: { method: "sampling/createMessage", params: { prompt: "canary-prompt" } } };
  const body = { resultType: "input_required", inputRequests, requestState: "s" };

  it.each([
    ["closed", { ...allow, sampling: "deny" }, false],
    ["open", allow, true],
  ] as const)("[B274] with sampling in it meets the same %s door as the direct form", async (_, policy, isPassed) => {
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method !== "tools/call") return false;
        sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, result: body }));
        return true;
      },
    });
    const gateway = await serve(server, { p: policy });
    const client = openHttpModern(gateway.url(), gateway.token());
    const { body: text } = await client.post(
      modernRequest(1, "tools/call", { name: "safe" }),
      modernHeaders("tools/call", "safe"),
    );
    expect(text.includes("canary-prompt")).toBe(isPassed);
  });
});

describe("a task", () => {
  /** Every call becomes a task that goes on for ever. */
  function startTasks(): Promise<ScriptedServer> {
    return startMcpServer({
      request: ({ method, id }, res) => {
        if (method === "tools/call") sendJson(res, result(id, { resultType: "task", taskId: "t1", status: "working" }));
        else if (method === "tasks/get") sendJson(res, result(id, { taskId: "t1", status: "working" }));
        else return false;
        return true;
      },
    });
  }

  it("[B277] is out of reach once its grant is gone", async () => {
    const gateway = await serve(await startTasks(), { alice: allow, bob: allow });
    const client = openHttpModern(gateway.url(), gateway.token("alice"));
    await client.call("safe");
    const poll = (): ReturnType<typeof client.post> =>
      client.post(modernRequest(2, "tasks/get", { taskId: "t1" }), modernHeaders("tasks/get", "t1"));
    expect((await poll()).body).toContain("working");
    const file = join(gateway.folder, "callgate.yaml");
    const config = JSON.parse(readFileSync(file, "utf8"));
    delete config.grants.alice;
    writeFileSync(file, JSON.stringify(config));
    await gateway.process.sees(/reloaded/);
    expect((await poll()).status).toBe(401);
  });

  it("[B278] that never ends keeps its charge: the next call finds the limit reached", async () => {
    const limits = [{ counter: "calls", window: "hour", max: 1 }];
    const gateway = await serve(await startTasks(), { p: { ...allow, all_tools: { limits } } });
    const client = openHttpModern(gateway.url(), gateway.token());
    expect((await client.call("safe")).result).toMatchObject({ taskId: "t1" });
    expect((await client.call("safe")).decision).toMatchObject({ code: "limit_reached" });
  });
});

describe("tokens and ids of two clients on one connection", () => {
  it("[B280] that are the same do not cross: each gets its own progress", async () => {
    const tokens: unknown[] = [];
    const server = await startMcpServer({
      request: ({ method, id, params }, res) => {
        if (method !== "tools/call") return false;
        const { _meta, arguments: args } = Object.assign({ _meta: {}, arguments: {} }, params);
        const { progressToken } = Object.assign({ progressToken: undefined }, _meta);
        const { who } = Object.assign({ who: "" }, args);
        tokens.push(progressToken);
        startEvents(
          res,
          eventText({
            jsonrpc: "2.0",
            method: "notifications/progress",
            params: { progressToken, progress: 1, message: `for ${who}` },
          }),
        );
        void until("both calls", () => tokens[1]).then(() =>
          res.end(eventText(JSON.parse(result(id, { content: [] })))),
        );
        return true;
      },
    });
    const gateway = await serve(server, { p: allow });
    const call = (who: string): ReturnType<typeof openEvents> =>
      openEvents(gateway.url(), {
        method: "POST",
        body: modernRequest(1, "tools/call", { name: "safe", arguments: { who } }).replace(
          '"_meta":{',
          '"_meta":{"progressToken":"same",',
        ),
        headers: { authorization: `Bearer ${gateway.token()}`, ...modernHeaders("tools/call", "safe") },
      });
    const [a, b] = await Promise.all([call("a"), call("b")]);
    await a.sees(/"result"/);
    await b.sees(/"result"/);
    const texts = [a, b].map(({ events }) => events.map(({ data }) => data).join());
    expect(texts[0]).toMatch(/"progressToken":"same".*for a/);
    expect(texts[0]).not.toContain("for b");
    expect(texts[1]).toMatch(/"progressToken":"same".*for b/);
    expect(texts[1]).not.toContain("for a");
    expect(new Set(tokens).size).toBe(2);
  });

  it("[B281] a server's request under the id of the client's own call is answered, and so is the call", async () => {
    const answers: Message[] = [];
    const server = await startMcpServer({
      note: (message) => void ("id" in message && answers.push(message)),
      request: ({ method, id }, res) => {
        if (method !== "tools/call") return false;
        startEvents(res, eventText({ jsonrpc: "2.0", id, method: "roots/list" }));
        // A request that cannot be read has the same id, and ends nothing.
        res.write(eventText({ jsonrpc: "2.0", id, method: "roots/list", params: 7 }));
        void until("the client's answer", () => answers[0]).then(() =>
          res.end(eventText(JSON.parse(result(id, { content: [] })))),
        );
        return true;
      },
    });
    const gateway = await serve(server, { p: allow });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const headers = { authorization: `Bearer ${gateway.token()}`, "mcp-session-id": client.sessionId ?? "" };
    const call = await openEvents(gateway.url(), {
      method: "POST",
      body: request(5, "tools/call", { name: "safe" }),
      headers,
    });
    await call.sees(/roots\/list/);
    await client.post('{"jsonrpc":"2.0","id":5,"result":{"roots":[]}}');
    const { data } = await call.sees(/"content"/);
    expect(readAnswer(data)).toMatchObject({ id: 5, error: undefined });
    expect(answers).toMatchObject([{ id: 5, result: { roots: [] } }]);
  });
});

describe("handshakes", () => {
  it("[B284] under `default: deny` show no logging, and lists behind closed doors are empty", async () => {
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method !== "initialize") return false;
        const capabilities = { tools: {}, logging: {}, resources: {}, prompts: {} };
        sendJson(
          res,
          result(id, { protocolVersion: "2025-11-25", capabilities, serverInfo: { name: "s", version: "1" } }),
        );
        return true;
      },
    });
    const gateway = await serve(server, { p: safeOnly });
    const headers = {
      authorization: `Bearer ${gateway.token()}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    };
    const hello = await fetch(gateway.url(), { method: "POST", body: initialize(), headers });
    expect(JSON.parse(await hello.text()).result.capabilities).toEqual({ tools: {}, resources: {}, prompts: {} });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    expect((await client.request("resources/list")).result).toMatchObject({ resources: [] });
    expect((await client.request("prompts/list")).result).toMatchObject({ prompts: [] });
  });

  it("[B285] and pings without end cost the server nothing, or are refused once there are too many", async () => {
    const server = await startMcpServer();
    const gateway = await serve(server, { p: safeOnly });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const before = server.seen.length;
    for (let ping = 0; ping < 200; ping += 1) expect((await client.request("ping")).result).toEqual({});
    expect(server.seen.length).toBe(before);
    const stdio = startRun({ policy: safeOnly });
    const local = await openStdio(stdio.process, "legacy");
    // What the handshake sent has arrived by then.
    await local.call("safe");
    const bytes = stdio.spy.size();
    for (let ping = 0; ping < 50; ping += 1) expect((await local.request("ping")).result).toEqual({});
    expect(stdio.spy.size()).toBe(bytes);
  });

  it("[B285] by the hundred from one grant leave it no more than fifty sessions", async () => {
    let ended = 0;
    const server = await startMcpServer({
      request: ({ method, id }, res) => {
        if (method !== "initialize") return false;
        const body = {
          protocolVersion: "2025-11-25",
          capabilities: { tools: {} },
          serverInfo: { name: "s", version: "1" },
        };
        sendJson(res, result(id, body), 200, { "mcp-session-id": `s${String(server.seen.length)}` });
        return true;
      },
    });
    const gateway = await serve(server, { p: safeOnly });
    for (let session = 0; session < 120; session += 1) await openHttpLegacy(gateway.url(), gateway.token());
    await until("the oldest sessions to end at the server", () => {
      ended = server.seen.filter(({ method }) => method === "DELETE").length;
      return ended >= 70 ? true : undefined;
    });
    expect(ended).toBe(70);
  });
});
