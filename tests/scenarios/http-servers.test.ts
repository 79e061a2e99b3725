import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern } from "../kit/clients.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { initialize, modernHeaders, modernRequest, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import { type HttpEchoOptions, startHttpEcho } from "../servers/http-echo.ts";
import { sendJson, startScriptedServer } from "../servers/http-script.ts";

// `callgate serve` in front of a server over HTTP: what reaches the server, and what comes back.

afterEach(closeAll);

const policy = {
  version: "1",
  default: "deny",
  tools: { safe: {}, slow: {}, fetch: { limits: [{ counter: "fetches", window: "hour", max: 2, scope: "grant" }] } },
};

function serve(url: string, headers: Readonly<Record<string, string>> = {}): Promise<ServeGateway> {
  return startServe({ policies: { some: policy }, settings: { servers: { echo: { url, headers } } } });
}

const open = { legacy: openHttpLegacy, modern: openHttpModern } as const;
const lanes: readonly (readonly [era: "legacy" | "modern", options: HttpEchoOptions])[] = [
  ["legacy", { answers: "json" }],
  ["legacy", { answers: "events" }],
  ["legacy", { hasSessions: false }],
  ["modern", { answers: "json" }],
  ["modern", { answers: "events" }],
];

describe("a server over HTTP", () => {
  it.each(lanes)("sees the calls that the policy allows, and those only: %s %j", async (era, options) => {
    const echo = await startHttpEcho(options);
    const gateway = await serve(echo.url, { "X-Api-Key": "server-key" });
    const client = await open[era](gateway.url(), gateway.token());
    expect((await client.list()).toSorted((a, b) => a.localeCompare(b))).toEqual(["fetch", "safe", "slow"]);
    expect(await client.call("safe", { text: "caf\u{e9} \u{1f600}" })).toMatchObject({ isError: false });
    expect((await client.call("delete_repo", { owner: "a", repo: "b" })).decision).toMatchObject({ outcome: "deny" });
    const calls = echo.seen.filter(({ body }) => body.includes('"tools/call"'));
    expect(calls).toHaveLength(1);
    expect(calls[0]?.body).toContain('"caf\u{e9} \u{1f600}"');
    for (const { headers } of echo.seen) {
      expect(headers["x-api-key"]).toBe("server-key");
      expect(headers.authorization).toBeUndefined();
    }
    expect(JSON.stringify(echo.seen)).not.toContain(gateway.token());
  });

  it("gives each legacy client a session of its own, which it never shows, and ends it", async () => {
    const echo = await startHttpEcho();
    const gateway = await serve(echo.url);
    const one = await openHttpLegacy(gateway.url(), gateway.token());
    const other = await openHttpLegacy(gateway.url(), gateway.token());
    expect(echo.sessions()).toHaveLength(2);
    expect(echo.sessions()).not.toContain(one.sessionId);
    await fetch(gateway.url(), {
      method: "DELETE",
      headers: { authorization: `Bearer ${gateway.token()}`, "mcp-session-id": other.sessionId ?? "" },
    });
    await until("the end of its session", () => (echo.sessions().length === 1 ? true : undefined));
    expect(await one.call("safe")).toMatchObject({ isError: false });
  });

  it("that forgets a session has the client begin anew", async () => {
    const echo = await startHttpEcho();
    const gateway = await serve(echo.url);
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    await client.call("safe");
    echo.forgetSessions();
    const reply = await client.post(request(7, "tools/call", { name: "safe" }));
    expect(reply.status).toBe(404);
    expect(await (await openHttpLegacy(gateway.url(), gateway.token())).call("safe")).toMatchObject({ isError: false });
  });

  it("is told of a cancelled call by the closed stream in the modern era", async () => {
    const echo = await startHttpEcho();
    const gateway = await serve(echo.url);
    const gone = new AbortController();
    const asking = fetch(gateway.url(), {
      method: "POST",
      signal: gone.signal,
      headers: {
        authorization: `Bearer ${gateway.token()}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...modernHeaders("tools/call", "slow"),
      },
      body: modernRequest("c", "tools/call", { name: "slow", arguments: { ms: 60_000 } }),
    });
    await until("the call", () => echo.seen.find(({ body }) => body.includes('"slow"')));
    gone.abort();
    await expect(asking).rejects.toThrow("aborted");
    await until("the closed stream", () => echo.abandoned[0]);
  });

  it("that cuts its stream answers on the one that the client opens next", async () => {
    const echo = await startHttpEcho({ cutsStreams: true, answers: "events" });
    const gateway = await serve(echo.url);
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const headers = {
      authorization: `Bearer ${gateway.token()}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-session-id": client.sessionId ?? "",
      "mcp-protocol-version": "2025-11-25",
    };
    const body = request(7, "tools/call", { name: "safe", arguments: { text: "later" } });
    const cut = await (await fetch(gateway.url(), { method: "POST", headers, body })).text();
    expect(cut).toMatch(/^retry: 10$/m);
    expect(cut).not.toContain("later");
    const mark = /^id: (.+)$/m.exec(cut)?.[1] ?? "";
    const resumed = await fetch(gateway.url(), { headers: { ...headers, "last-event-id": mark } });
    expect(await resumed.text()).toContain("later");
  });

  it("[B185] [B296] shows nothing of its quarrel with the gateway's credentials", async () => {
    const server = await startScriptedServer((_, res) => {
      const headers = { "www-authenticate": 'Bearer resource_metadata="https://evil.example"', "set-cookie": "a=b" };
      sendJson(res, '{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"token canary-5e1 is bad"}}', 401, headers);
    });
    const gateway = await serve(`${server.origin}/mcp`, { Authorization: "Bearer canary-5e1" });
    const response = await fetch(gateway.url(), {
      method: "POST",
      body: initialize(1),
      headers: { authorization: `Bearer ${gateway.token()}`, "content-type": "application/json" },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("www-authenticate")).toBeNull();
    expect(response.headers.get("set-cookie")).toBeNull();
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ id: 1, error: { code: -31007, data: { code: "UPSTREAM_REFUSED" } } });
    expect(text).not.toContain("canary");
  });

  // The transport says that nothing left (`not_sent`), but UpstreamSession has settled the call as sent by then.
  it("that is not there costs nothing", async () => {
    const echo = await startHttpEcho();
    const gateway = await serve(echo.url);
    const client = openHttpModern(gateway.url(), gateway.token());
    await client.call("safe");
    await echo.close();
    for (let i = 0; i < 4; i += 1) {
      const answer = await client.call("fetch", { url: "https://example.org" });
      // Two are allowed in an hour: none of these is charged.
      expect(answer).toMatchObject({ error: { code: -31001, data: { code: "UPSTREAM_START_FAILED" } } });
    }
  });
});
