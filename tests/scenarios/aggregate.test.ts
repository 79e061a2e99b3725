import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { type HttpClient, openHttpLegacy, openHttpModern } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { type ServeGateway, type ServerInput, startServe } from "../kit/gateway.ts";
import { headerValue, initialize, modernHeaders, modernRequest, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { echoServer } from "../kit/spy.ts";
import { newsId, openNews, readStream, streamHeaders } from "../kit/streams.ts";
import { until, within } from "../kit/wait.ts";

// The one address of all servers of a grant: `/mcp`, tools named `<server>__<tool>`.

afterEach(closeAll);

const eras = ["legacy", "modern"] as const;
type Era = (typeof eras)[number];

/** The gateway as an agent at the address of all servers, or of one. */
function open(gateway: ServeGateway, era: Era, url: string = gateway.everyUrl, grant?: string): Promise<HttpClient> {
  return Promise.resolve((era === "legacy" ? openHttpLegacy : openHttpModern)(url, gateway.token(grant)));
}

/** A call as text, for its bytes. */
async function callBytes(client: HttpClient, tool: string, args: object = {}): Promise<string> {
  const params = { name: tool, arguments: args };
  const reply =
    client.sessionId === undefined
      ? await client.post(modernRequest(77, "tools/call", params), modernHeaders("tools/call", tool))
      : await client.post(request(77, "tools/call", params));
  expect(reply.status).toBe(200);
  return reply.body;
}

/** A server whose list is the one given. */
function toolsServer(names: readonly string[]): ServerInput {
  const file = join(makeFolder(), "tools.json");
  writeFileSync(file, JSON.stringify(names.map((name) => ({ name, inputSchema: { type: "object" } }))));
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL("../bypass/tools-server.ts", import.meta.url)), file],
  };
}

const allow = { version: "1", default: "allow" };
const two = {
  servers: { files: [], mail: [] },
  policies: {
    reading: { version: "1", default: "deny", tools: { safe: {}, slow: {} } },
    sending: {
      version: "1",
      default: "deny",
      hide: ["evil"],
      tools: { send: { limits: [{ counter: "sent", window: "hour", max: 1 }] }, safe: {} },
    },
  },
  grants: { alice: { servers: { mail: "sending", files: "reading" } } },
} as const;

describe.each(eras)("all servers at one address, to a client of the %s era", (era) => {
  it("[R111] shows and runs the tools of every server, each under its own policy", async () => {
    const gateway = await startServe(two);
    const client = await open(gateway, era);
    expect(await client.list()).toEqual(["files__safe", "files__slow", "mail__safe", "mail__send"]);
    expect((await client.call("files__safe", { text: "x" })).text).toBe('{"tool":"safe","arguments":{"text":"x"}}');
    expect((await client.call("mail__send", { to: ["a"] })).isError).toBe(false);
    const limited = await client.call("mail__send", { to: ["a"] });
    expect(limited).toMatchObject({ isError: true, decision: { code: "limit_reached", rule: "/tools/send/limits/0" } });
    expect(limited.text).toContain("`mail__send`");
    const denied = await client.call("files__send", { to: ["a"] });
    expect(denied.decision).toMatchObject({ code: "default_deny" });
    expect(denied.text).toContain("`files__send`");
    expect(gateway.rows.calls().map(({ server, tool, outcome }) => `${server} ${tool} ${outcome}`)).toEqual([
      "files safe allow",
      "mail send allow",
      "mail send deny",
      "files send deny",
    ]);
    expect(gateway.rows.calls()[0]).toMatchObject({ era, client: { name: "kit", version: "1" } });
    expect(gateway.spy("files").calls()).toHaveLength(1);
    expect(gateway.spy("mail").calls()).toHaveLength(1);
  });

  it("[R111] leaves every entry as its server wrote it but for its name", async () => {
    const gateway = await startServe({ policies: { p: allow }, servers: { one: ["--page-size=2"] } });
    const single = await open(gateway, era, gateway.url());
    const alone = new Map<unknown, unknown>();
    for (let cursor: unknown; ;) {
      const page = await single.request("tools/list", cursor === undefined ? {} : { cursor });
      const tools: unknown = page.result?.["tools"];
      for (const tool of Array.isArray(tools) ? tools : [])
        alone.set(`one__${tool.name}`, { ...tool, name: `one__${tool.name}` });
      cursor = page.result?.["nextCursor"];
      if (cursor === undefined) break;
    }
    const page = await (await open(gateway, era)).request("tools/list");
    expect(page.result?.["tools"]).toEqual([...alone.values()]);
    expect(page.result?.["nextCursor"]).toBeUndefined();
    expect(page.result?.["cacheScope"]).toBe(era === "modern" ? "private" : undefined);
  });

  it("[B109] a tool that is hidden, unknown, or named without its server answers with the same bytes", async () => {
    const gateway = await startServe(two);
    const client = await open(gateway, era);
    const names = [
      "mail__evil",
      "mail__nothing",
      "other__safe",
      "safe",
      "send",
      "__safe",
      "mail__",
      "Mail__safe",
      "mail_safe",
    ];
    for (const name of names) {
      const error = { code: -32602, message: `Unknown tool: ${name}` };
      expect(await callBytes(client, name), name).toBe(JSON.stringify({ jsonrpc: "2.0", id: 77, error }));
    }
    expect(gateway.spy("mail").calls()).toEqual([]);
    expect(gateway.spy("files").calls()).toEqual([]);
    const recorded = gateway.rows
      .after()
      .filter((row) => row.kind === "call" || (row.kind === "event" && row.event === "message_rejected"));
    expect(recorded).toHaveLength(names.length);
  });

  it("[B286] judges as at the server's own address, with the same counters", async () => {
    const gateway = await startServe({
      ...two,
      grants: { ...two.grants, bob: { servers: { mail: "sending" } } },
    });
    const verdicts = async (client: HttpClient, prefix: string): Promise<unknown> => {
      const seen: unknown[] = [];
      const calls = [
        ["send", { to: ["a"] }],
        ["send", { to: ["a"] }],
        ["safe", {}],
        ["refund", {}],
        ["evil", {}],
        ["nothing", {}],
      ] as const;
      for (const [tool, args] of calls) {
        const { isError, error, decision } = await client.call(prefix + tool, args);
        seen.push([tool, isError, error?.code, decision?.["code"], decision?.["rule"]]);
      }
      return seen;
    };
    const atAll = await verdicts(await open(gateway, era), "mail__");
    expect(await verdicts(await open(gateway, era, gateway.url("mail"), "bob"), "")).toEqual(atAll);
    const single = await open(gateway, era, gateway.url("mail"));
    expect((await single.call("send", { to: ["a"] })).decision).toMatchObject({ code: "limit_reached" });
  });

  it("lists what answers in time, and leaves a row for what does not", async () => {
    const slow = { command: process.execPath, args: [echoServer, "--hang-on-start"], start_timeout: "1s" };
    const gateway = await startServe({
      servers: {
        bad: ["--bad-list"],
        dead: { command: "no-such-program-anywhere", args: [] },
        slow,
        well: [],
      },
      policies: { p: { version: "1", default: "deny", tools: { safe: {} } } },
    });
    const client = await open(gateway, era);
    expect(await within("the list", client.list())).toEqual(["well__safe"]);
    // The one that cannot start has a row for its end, and one for its absence from the list.
    const failures = await gateway.rows.waitFor(
      4,
      (row) => row.kind === "event" && row.event === "upstream_failed" && row.grant === "p",
    );
    expect(
      failures.map((row) => `${"server" in row ? row.server : ""} ${"reason" in row ? row.reason : ""}`).toSorted(),
    ).toEqual([
      "bad UPSTREAM_GARBAGE",
      "dead UPSTREAM_START_FAILED",
      "dead UPSTREAM_START_FAILED",
      "slow UPSTREAM_TIMEOUT",
    ]);
    expect((await client.call("well__safe")).isError).toBe(false);
    expect((await client.call("dead__safe")).error).toMatchObject({
      code: -31001,
      data: { code: "UPSTREAM_START_FAILED" },
    });
  });

  it("[B112] two tools of a server whose names are alike are neither listed nor called", async () => {
    const gateway = await startServe({
      servers: { s: toolsServer(["foo-bar", "foo_bar", "getUser", "getuser", "plain", "hid-den", "hid_den"]) },
      policies: { p: { version: "1", default: "allow", hide: ["hid_den"] } },
    });
    const client = await open(gateway, era);
    expect(await client.list()).toEqual(["s__plain", "s__hid-den"]);
    for (const name of ["foo-bar", "foo_bar", "getUser", "getuser", "hid_den"]) {
      expect((await client.call(`s__${name}`)).error?.message).toBe(`Unknown tool: s__${name}`);
    }
    expect((await client.call("s__hid-den")).error).toBeUndefined();
    await gateway.rows.waitFor(5, (row) => row.kind === "event" && row.reason === "name_collision");
  });

  it("[B114] a server cannot take the name of another's tool, nor one of the gateway's own", async () => {
    const gateway = await startServe({
      servers: { a: toolsServer(["b__safe", "approve", "tools/list"]), b: [] },
      policies: { p: allow },
      grants: { alice: { servers: { a: "p", b: null } } },
    });
    const client = await open(gateway, era);
    expect(await client.list()).toEqual(["a__b__safe", "a__approve", "a__tools/list"]);
    expect((await client.call("b__safe")).decision).toMatchObject({ code: "no_policy" });
    expect((await client.call("a__b__safe")).error).toBeUndefined();
    expect((await client.call("approve")).error?.message).toBe("Unknown tool: approve");
    expect(gateway.spy("b").calls()).toEqual([]);
  });

  it("speaks to servers of either era", async () => {
    const gateway = await startServe({
      servers: {
        fickle: ["--era=legacy", "--exit-on-discover"],
        modern: ["--era=modern"],
        old: ["--era=legacy"],
      },
      policies: { p: { version: "1", default: "deny", tools: { safe: {}, fail: {} } } },
    });
    const client = await open(gateway, era);
    expect(await client.list()).toEqual(
      ["fickle", "modern", "old"].flatMap((name) => [`${name}__safe`, `${name}__fail`]),
    );
    for (const name of ["fickle", "modern", "old"]) {
      const answer = await client.call(`${name}__safe`, { text: 'é"', n: 1 });
      expect(answer.text, name).toBe('{"tool":"safe","arguments":{"text":"é\\"","n":1}}');
      expect(answer.result?.["resultType"], name).toBe(era === "modern" ? "complete" : undefined);
      expect((await client.call(`${name}__fail`)).isError, name).toBe(true);
    }
    const [sent = ""] = gateway.spy("old").calls();
    expect(sent).not.toContain("io.modelcontextprotocol/");
    expect(sent).toContain('"name":"safe"');
  });

  it("shows progress, and gives a call up that the client gives up", async () => {
    const gateway = await startServe({ policies: { p: allow } });
    const client = await open(gateway, era);
    const stop = new AbortController();
    let received = "";
    const ended = startSlowCall(gateway, client, stop.signal, (text) => (received = text));
    await until("progress", () => (received.includes('"progressToken":"mine"') ? true : undefined));
    if (client.sessionId === undefined) stop.abort();
    else {
      const params = { requestId: 5 };
      await client.post(JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params }));
    }
    await gateway.rows.waitFor(1, (row) => row.kind === "outcome" && row.status === "cancelled");
    await until("the server to be told", () =>
      gateway.spy().bytes().includes("notifications/cancelled") ? true : undefined,
    );
    stop.abort();
    await ended;
  });

  it("tells a client that listens when tools change", async () => {
    const gateway = await startServe({ policies: { p: allow }, servers: { echo: ["--change-list"] } });
    const client = await open(gateway, era);
    const stream = await openNews(gateway.everyUrl, gateway.token(), client);
    await client.list();
    await until("the news", () => (stream.text().includes("notifications/tools/list_changed") ? true : undefined));
    if (era === "modern") {
      expect(stream.text()).toContain("notifications/subscriptions/acknowledged");
      expect(stream.text()).toContain(`"io.modelcontextprotocol/subscriptionId":${newsId}`);
    }
    stream.close();
  });

  it("a server that is taken from the grant is gone, and a grant that is taken away is refused", async () => {
    const gateway = await startServe(two);
    const client = await open(gateway, era);
    const stream = await openNews(gateway.everyUrl, gateway.token(), client);
    expect((await client.call("mail__safe")).isError).toBe(false);
    const file = join(gateway.folder, "callgate.yaml");
    const { grants, ...rest }: { grants: Record<string, object> } = JSON.parse(readFileSync(file, "utf8"));
    const write = (now: object): void => writeFileSync(file, JSON.stringify({ ...rest, grants: now }));
    write({ alice: { ...grants["alice"], servers: { files: "reading" } } });
    await gateway.process.sees(/reloaded/);
    await until("the news", () => (stream.text().includes("list_changed") ? true : undefined));
    expect(await client.list()).toEqual(["files__safe", "files__slow"]);
    expect((await client.call("mail__safe")).error?.message).toBe("Unknown tool: mail__safe");
    write({});
    await within("the stream to end", stream.ended);
    expect((await client.post("{}")).status).toBe(401);
  });

  it("answers lists of what it does not serve empty, and refuses the rest", async () => {
    const gateway = await startServe({ policies: { p: allow } });
    const client = await open(gateway, era);
    const listOf = async (method: string, list: string): Promise<unknown> =>
      (await client.request(method)).result?.[list];
    expect(await listOf("resources/list", "resources")).toEqual([]);
    expect(await listOf("resources/templates/list", "resourceTemplates")).toEqual([]);
    expect(await listOf("prompts/list", "prompts")).toEqual([]);
    for (const method of ["completion/complete", "tasks/get", "sampling/createMessage"]) {
      expect((await client.request(method)).error?.code, method).toBe(-32601);
    }
    expect((await client.request("tools/list", { cursor: "1" })).error?.code).toBe(-32602);
    const hello = await client.request(era === "legacy" ? "ping" : "server/discover");
    expect(hello.error).toBeUndefined();
    if (era === "modern") expect(hello.result?.["capabilities"]).toEqual({ tools: { listChanged: true } });
    expect(gateway.spy().bytes()).toHaveLength(0);
  });
});

describe("a session at the address of all servers", () => {
  it("belongs to its grant, counts for limits of a session, and ends when its client ends it", async () => {
    const limits = [{ counter: "calls", window: "hour", max: 1, scope: "session" }];
    const policy = { version: "1", default: "deny", tools: { safe: { limits } } };
    const gateway = await startServe({
      policies: { p: policy },
      servers: { s: [] },
      grants: { alice: { servers: { s: "p" } }, bob: { servers: { s: "p" } } },
    });
    const first = await open(gateway, "legacy");
    const second = await open(gateway, "legacy");
    expect((await first.call("s__safe")).isError).toBe(false);
    expect((await first.call("s__safe")).decision).toMatchObject({ code: "limit_reached" });
    expect((await second.call("s__safe")).isError).toBe(false);
    expect(gateway.spy("s").pids()).toHaveLength(1);
    const foreign = { authorization: `Bearer ${gateway.token("bob")}` };
    expect((await first.post(request(1, "tools/list"), foreign)).status).toBe(404);
    const session = { "mcp-session-id": first.sessionId ?? "" };
    const end = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(gateway.everyUrl, { method: "DELETE", headers })).status;
    expect(await end({ ...session, ...foreign })).toBe(404);
    expect(await end({ ...session, authorization: `Bearer ${gateway.token("alice")}` })).toBe(204);
    expect((await first.post(request(1, "tools/list"))).status).toBe(404);
    expect((await second.list()).length).toBe(1);
  });

  it("is needed in the legacy era, and opened once", async () => {
    const gateway = await startServe({ policies: { p: allow } });
    const client = await open(gateway, "legacy");
    const without = { ...streamHeaders(client, gateway.token()), "mcp-session-id": "" };
    const list = { method: "POST", body: request(1, "tools/list"), headers: without };
    expect((await fetch(gateway.everyUrl, list)).status).toBe(404);
    const { "mcp-session-id": _, ...none } = without;
    expect((await fetch(gateway.everyUrl, { ...list, headers: none })).status).toBe(400);
    expect((await fetch(gateway.everyUrl, { headers: none })).status).toBe(405);
    expect((await fetch(gateway.everyUrl, { headers: without })).status).toBe(404);
    expect((await client.post(initialize())).status).toBe(400);
    expect((await client.post('{"jsonrpc":"2.0","id":1,"result":{}}')).status).toBe(202);
    const slow = client.post(request(5, "tools/call", { name: "echo__slow", arguments: { ms: 500 } }));
    await until("the call to be under way", () => (gateway.spy().calls().length === 1 ? true : undefined));
    expect((await client.post(request(5, "tools/list"))).status).toBe(400);
    expect((await slow).status).toBe(200);
    expect((await client.post(request(5, "ping"))).status).toBe(200);
    await gateway.rows.waitFor(5, (row) => row.kind === "event" && row.event === "message_rejected");
    expect(gateway.rows.events("message_rejected").map((row) => row.reason)).toEqual([
      "session_unknown",
      "session_missing",
      "session_unexpected",
      "response_unasked",
      "id_in_use",
    ]);
  });

  it("ends with its grant, and so does what it listens to", async () => {
    const expires = new Date(Date.now() + 5_000).toISOString();
    const gateway = await startServe({
      policies: { p: allow },
      grants: { soon: { servers: { echo: "p" }, expires } },
    });
    const legacy = await open(gateway, "legacy");
    const modern = await open(gateway, "modern");
    const [one, other] = await Promise.all(
      [legacy, modern].map((client) => openNews(gateway.everyUrl, gateway.token(), client)),
    );
    expect([one?.status, other?.status]).toEqual([200, 200]);
    await within("the streams to end", Promise.all([one?.ended, other?.ended]));
    expect(other?.text()).toContain('"resultType":"complete"');
    expect((await legacy.post("{}")).status).toBe(401);
  });

  it("is not opened by a token that has expired, whose row names no server", async () => {
    const expires = new Date(Date.now() - 1).toISOString();
    const gateway = await startServe({
      policies: { p: allow },
      grants: { past: { servers: { echo: "p" }, expires } },
    });
    const client = await open(gateway, "modern");
    expect((await client.post("{}")).status).toBe(401);
    expect(gateway.rows.events("token_rejected")).toMatchObject([
      { reason: "grant_expired", grant: "past", server: null },
    ]);
  });

  it("needs a token, and a header that names the tool as the body does", async () => {
    const gateway = await startServe({ policies: { p: allow } });
    expect(
      (await fetch(gateway.everyUrl, { method: "POST", body: "{}", headers: { "content-type": "application/json" } }))
        .status,
    ).toBe(401);
    const client = await open(gateway, "modern");
    const text = modernRequest(1, "tools/call", { name: "echo__safe" });
    const headers = { ...modernHeaders("tools/call"), "mcp-name": headerValue("safe") };
    expect((await client.post(text, headers)).status).toBe(400);
    expect(gateway.spy().bytes()).toHaveLength(0);
  });
});

describe("names of servers", () => {
  it.each([
    ["a-", "ends"],
    ["a_", "ends"],
    ["a--b", "splits"],
    ["a-_b", "splits"],
  ])("[B110] %j is refused at load: a name shown for it would split in two ways", async (name) =>
    expect(await codeOfServers([name])).toBe(1),
  );

  it.each([[["my-mail", "my_mail"]], [["Mail", "mail"]]])("[B112] %j are refused at load", async (names) => {
    expect(await codeOfServers(names)).toBe(1);
  });

  it("that differ by more are taken", async () => {
    expect(await codeOfServers(["my-mail", "my.mail", "mymail", "a_b-c"])).toBe(0);
  });
});

async function codeOfServers(names: readonly string[]): Promise<number | null> {
  const folder = makeFolder();
  const file = join(folder, "callgate.yaml");
  writeFileSync(
    file,
    JSON.stringify({ servers: Object.fromEntries(names.map((name) => [name, { command: "node" }])) }),
  );
  return (await startCallgate(["validate", "--config", file], folder).exit).code;
}

/** A call of `slow` that asks for progress; all that was received before it ended or was given up. */
async function startSlowCall(
  gateway: ServeGateway,
  client: HttpClient,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<string> {
  const isModern = client.sessionId === undefined;
  const params = { name: "echo__slow", arguments: { ms: 60_000 } };
  const body: { params: { _meta?: object } } = JSON.parse(
    isModern ? modernRequest(5, "tools/call", params) : request(5, "tools/call", params),
  );
  body.params._meta = { ...body.params._meta, progressToken: "mine" };
  const headers = {
    ...streamHeaders(client, gateway.token()),
    ...(isModern ? modernHeaders("tools/call", "echo__slow") : {}),
  };
  const response = await fetch(gateway.everyUrl, { method: "POST", body: JSON.stringify(body), headers, signal });
  return readStream(response, onText);
}
