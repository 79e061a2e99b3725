import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { inheritedVariables } from "../../src/transports/stdio/child.ts";
import { type Client, openHttpLegacy, openHttpModern, openStdio } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { type RunGateway, type ServeGateway, startRun, startServe } from "../kit/gateway.ts";
import { type Answer, modernHeaders, modernMeta, modernRequest, readAnswer, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { openRaw, postBytes } from "../kit/raw-http.ts";
import { until } from "../kit/wait.ts";

// Cases of groups 1 to 4 that take more than one message, or a server of another kind.

afterEach(closeAll);

const policy = { version: "1", default: "deny", tools: { safe: {}, slow: {} } };
const slow = (id: number | string, ms = 300): string => request(id, "tools/call", { name: "slow", arguments: { ms } });
const modernSlow = (id: number | string, ms = 300): string =>
  modernRequest(id, "tools/call", { name: "slow", arguments: { ms } });

function openServe(): Promise<ServeGateway> {
  return startServe({ policies: { alice: policy } });
}

/** A gateway in front of a server with these tools, all allowed unless a policy says otherwise. */
async function openTools(
  tools: readonly Readonly<Record<string, unknown>>[],
  rules: Readonly<Record<string, unknown>> = { version: "1", default: "allow" },
): Promise<{ gateway: RunGateway; client: Client; change: (tools: readonly object[]) => void }> {
  const file = join(makeFolder(), "tools.json");
  const change = (now: readonly object[]): void => writeFileSync(file, JSON.stringify(now));
  change(tools.map((tool) => ({ inputSchema: { type: "object" }, ...tool })));
  const args = [fileURLToPath(new URL("tools-server.ts", import.meta.url)), file];
  const gateway = startRun({ policy: rules, server: { command: process.execPath, args } });
  return { gateway, client: await openStdio(gateway.process, "legacy"), change };
}

describe("ids in flight", () => {
  it("[B029] the same id twice on one legacy connection: the second is refused, the first answered", async () => {
    const gateway = await openServe();
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const first = client.post(slow(5));
    await until("the call to be under way", () => (gateway.spy().calls().length === 1 ? true : undefined));
    const second = await client.post(request(5, "tools/call", { name: "safe" }));
    expect(second.status).toBe(400);
    expect(readAnswer(second.body)).toMatchObject({ id: 5, error: { code: -32600 } });
    expect(readAnswer((await first).body).result).toMatchObject({ structuredContent: { tool: "slow" } });
    expect(gateway.rows.events("message_rejected").map((row) => row.reason)).toEqual(["id_in_use"]);
    expect(gateway.spy().calls()).toHaveLength(1);
  });

  it("[B029] the same id twice on one stdio connection: the second is refused, the first answered", async () => {
    const gateway = startRun({ policy });
    const client = await openStdio(gateway.process, "legacy");
    client.write(`${slow(5)}\n`);
    await until("the call to be under way", () => (gateway.spy.calls().length === 1 ? true : undefined));
    const from = client.lines().length;
    client.write(`${request(5, "tools/call", { name: "safe" })}\n`);
    expect(readAnswer(await client.line(from))).toMatchObject({ id: 5, error: { code: -32600 } });
    expect(readAnswer(await client.line(from + 1)).result).toMatchObject({ structuredContent: { tool: "slow" } });
    expect(gateway.spy.calls()).toHaveLength(1);
  });

  it("[B029] the same id twice in one breath: one is forwarded and answered, the other refused", async () => {
    const gateway = startRun({ policy });
    const client = await openStdio(gateway.process, "legacy");
    const from = client.lines().length;
    client.write(`${slow(5, 100)}\n${request(5, "tools/call", { name: "safe" })}\n`);
    const answers = [readAnswer(await client.line(from)), readAnswer(await client.line(from + 1))];
    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [5, -32600],
      [5, undefined],
    ]);
    expect(gateway.spy.calls()).toEqual([slow(5, 100)]);
  });

  it("[B029] an id that was given up is not used again before the server has answered it", async () => {
    const gateway = startRun({ policy, flags: ["--timeout", "1s"] });
    const client = await openStdio(gateway.process, "legacy");
    const ask = async (text: string): Promise<Answer> => {
      const from = client.lines().length;
      client.write(`${text}\n`);
      return readAnswer(await client.line(from));
    };
    expect((await ask(slow(5, 2_500))).error?.message).toContain("did not answer");
    expect((await ask(request(5, "tools/call", { name: "safe" }))).error?.code).toBe(-32600);
    expect((await ask(request(6, "tools/call", { name: "safe" }))).isError).toBe(false);
    expect(gateway.spy.calls()).toHaveLength(2);
  });

  it("[B029] an id that was answered may be used again at once", async () => {
    const gateway = await openServe();
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    for (let i = 0; i < 20; i += 1) {
      const allowed = await client.post(request(1, "tools/call", { name: "safe" }));
      expect(readAnswer(allowed.body), `call ${i}`).toMatchObject({ id: 1, isError: false, error: undefined });
      const denied = await client.post(request(1, "tools/call", { name: "evil" }));
      expect(readAnswer(denied.body).decision, `call ${i}`).toMatchObject({ code: "default_deny" });
    }
  });

  it("[B029] the same id from two modern clients of one server: each gets its own answer", async () => {
    const gateway = await startServe({ policies: { alice: policy, bob: policy } });
    const answers = await Promise.all(
      ["alice", "bob"].map(async (grant, index) => {
        const client = openHttpModern(gateway.url(), gateway.token(grant));
        const reply = await client.post(modernSlow(5, 100 + index), modernHeaders("tools/call", "slow"));
        return readAnswer(reply.body);
      }),
    );
    expect(
      answers.map(({ id, result }) => ({ id, args: Reflect.get(Object(result?.["structuredContent"]), "arguments") })),
    ).toEqual([
      { id: 5, args: { ms: 100 } },
      { id: 5, args: { ms: 101 } },
    ]);
  });

  it('[B030] 1 and "1" in flight together: each gets its own answer with its own type', async () => {
    const gateway = startRun({ policy });
    const client = await openStdio(gateway.process, "legacy");
    const from = client.lines().length;
    client.write(`${slow(1, 200)}\n${slow("1", 100)}\n`);
    const answers = [readAnswer(await client.line(from)), readAnswer(await client.line(from + 1))];
    expect(answers.map(({ id, text }) => [id, text])).toEqual([
      ["1", '{"tool":"slow","arguments":{"ms":100}}'],
      [1, '{"tool":"slow","arguments":{"ms":200}}'],
    ]);
  });
});

describe("what is nested in a message", () => {
  const inner = request(9, "tools/call", { name: "evil", arguments: {} });
  it.each([
    ["LF", "\n"],
    ["CR LF", "\r\n"],
    ["CR", "\r"],
  ])("[B018] never becomes a message of its own behind %s", async (_, end) => {
    const gateway = await openServe();
    const clients = [
      { client: await openHttpLegacy(gateway.url(), gateway.token()), meta: "" },
      {
        client: openHttpModern(gateway.url(), gateway.token()),
        meta: `"_meta":${JSON.stringify(modernMeta)},`,
      },
    ];
    for (const { client, meta } of clients) {
      const before = gateway.spy().size();
      const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{${meta}"name":"safe","arguments":{"text":${end}${inner}${end}}}}`;
      const reply = await client.post(body, client.sessionId === undefined ? modernHeaders("tools/call", "safe") : {});
      expect(readAnswer(reply.body)).toMatchObject({ id: 7, isError: false, error: undefined });
      const lines = gateway
        .spy()
        .linesAfter(before)
        .flatMap((line) => line.split(/[\r\n]/));
      expect(lines.filter((line) => line.includes('"evil"'))).toHaveLength(1);
      expect(lines.filter((line) => line.trim() === inner)).toEqual([]);
    }
  });
});

describe("a server whose tools are hostile", () => {
  it("[B096] schemas that cannot be compiled deny their tool alone, and nothing hangs", async () => {
    const branches = Array.from({ length: 10_000 }, () => ({ type: "object" }));
    const deep = JSON.parse(`${'{"allOf":['.repeat(60)}{}${"]}".repeat(60)}`);
    const { client } = await openTools(
      [
        { name: "many", inputSchema: { type: "object", allOf: branches } },
        { name: "deep", inputSchema: deep },
        { name: "remote", inputSchema: { type: "object", $ref: "https://evil.example/schema.json" } },
        { name: "loop", inputSchema: { type: "object", $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } } },
        {
          name: "pattern",
          inputSchema: { type: "object", properties: { text: { type: "string", pattern: "^(a+)+$" } } },
        },
        { name: "lookahead", inputSchema: { type: "object", properties: { text: { pattern: "(?=a)b" } } } },
        { name: "plain", inputSchema: { type: "object", properties: { text: { type: "string" } } } },
      ],
      { version: "1", default: "allow", all_tools: { validate_arguments: true } },
    );
    for (const name of ["many", "deep", "remote", "loop", "lookahead"]) {
      const answer = await client.call(name, { text: "x" });
      expect(answer.decision, name).toMatchObject({ outcome: "deny", code: "arguments_invalid" });
    }
    const hostile = await client.call("pattern", { text: `${"a".repeat(50_000)}!` });
    expect(hostile.decision).toMatchObject({ outcome: "deny", code: "arguments_invalid" });
    expect(await client.call("pattern", { text: "aaaa" })).toMatchObject({ isError: false, error: undefined });
    expect(await client.call("plain", { text: "x" })).toMatchObject({ isError: false, error: undefined });
  });

  it("[B112] names that differ by case or by one sign are different tools", async () => {
    const tools = ["foo-bar", "foo_bar", "getUser", "getuser"].map((name) => ({ name }));
    const rules = { version: "1", default: "deny", tools: { "foo-bar": {}, getUser: {} } };
    const { client } = await openTools(tools, rules);
    expect(await client.list()).toEqual(["foo-bar", "getUser"]);
    for (const name of ["foo_bar", "getuser"]) {
      expect((await client.call(name)).decision, name).toMatchObject({ code: "default_deny" });
    }
    for (const name of ["foo-bar", "getUser"]) expect((await client.call(name)).isError, name).toBe(false);
  });

  it("[B113] one name with two schemas is neither listed nor callable", async () => {
    const gateway = startRun({ policy, server: ["--duplicate-tools"] });
    const client = await openStdio(gateway.process, "legacy");
    const answer = await client.call("safe");
    expect(answer.error).toEqual({ code: -32602, message: "Unknown tool: safe", data: undefined });
    expect(await client.list()).toEqual(["slow"]);
    expect(gateway.spy.calls()).toEqual([]);
  });

  it("[B118] a tool that the server took away is not forwarded any more", async () => {
    const { client, change, gateway } = await openTools([{ name: "here" }, { name: "gone" }]);
    expect((await client.call("gone")).isError).toBe(false);
    change([{ name: "here", inputSchema: { type: "object" } }]);
    const isGone = async (): Promise<boolean> => (await client.call("gone")).error?.code === -32602;
    const giveUpAt = performance.now() + 10_000;
    while (!(await isGone())) expect(performance.now(), "the change is seen").toBeLessThan(giveUpAt);
    const before = gateway.spy.calls().length;
    expect(await client.call("gone")).toMatchObject({ error: { message: "Unknown tool: gone" } });
    expect(gateway.spy.calls()).toHaveLength(before);
    expect((await client.call("here")).isError).toBe(false);
  });

  it("[B122] a description of 200,000 characters does not keep the list from being answered", async () => {
    const { client } = await openTools([{ name: "long", description: "x".repeat(200_000) }, { name: "other" }]);
    expect(await client.list()).toEqual(["long", "other"]);
  });

  it("[B106] tools called like members of every object are tools like any other", async () => {
    const names = ["constructor", "__proto__", "toString"];
    const rules = '{"version":"1","default":"deny","tools":{"toString":{}}}';
    const { client } = await openTools(
      names.map((name) => ({ name })),
      JSON.parse(rules),
    );
    expect(await client.list()).toEqual(["toString"]);
    expect((await client.call("constructor")).decision).toMatchObject({ code: "default_deny" });
    expect((await client.call("__proto__")).decision).toMatchObject({ code: "default_deny" });
    expect((await client.call("toString")).isError).toBe(false);
  });
});

describe("headers that mirror arguments", () => {
  it("[B129] contradict: the call is refused, unless the tool is hidden, which no header may tell", async () => {
    const amount = { type: "integer", "x-mcp-header": "Amount" };
    const inputSchema = { type: "object", properties: { amount } };
    const file = join(makeFolder(), "tools.json");
    writeFileSync(file, JSON.stringify(["pay", "secret"].map((name) => ({ name, inputSchema }))));
    const args = [fileURLToPath(new URL("tools-server.ts", import.meta.url)), file];
    const gateway = await startServe({
      servers: { echo: { command: process.execPath, args } },
      policies: { alice: { version: "1", default: "allow", hide: ["secret"] } },
    });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const post = async (name: string, header: string): Promise<[number, unknown]> => {
      const text = request(1, "tools/call", { name, arguments: { amount: 1000 } });
      const { status, body } = await client.post(text, { "mcp-param-amount": header });
      return [status, readAnswer(body).error];
    };
    expect(await post("pay", "1000")).toEqual([200, undefined]);
    expect(await post("pay", "1")).toEqual([400, expect.objectContaining({ code: -32600 })]);
    const unknown = (name: string): unknown => expect.objectContaining({ message: `Unknown tool: ${name}` });
    for (const header of ["1", "1000"]) {
      expect(await post("secret", header)).toEqual([200, unknown("secret")]);
      expect(await post("nothing", header)).toEqual([200, unknown("nothing")]);
    }
    expect(gateway.spy().calls()).toHaveLength(1);
  });
});

describe("a configuration", () => {
  const names = ["a__b", "catalogue", "../x", "con\n", "", "a b", "-x", "/etc/passwd", "x".repeat(1_000_000)];
  it.each(names.map((name) => ({ shown: name.slice(0, 20), name })))(
    "[B110] [B334] that names a server $shown is refused at load",
    async ({ name }) => {
      const folder = makeFolder();
      const file = join(folder, "callgate.yaml");
      writeFileSync(file, JSON.stringify({ servers: { [name]: { command: "node" } } }));
      const { exit, child } = startCallgate(["validate", "--config", file, "--json"], folder);
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      expect(await exit).toMatchObject({ code: 1 });
      expect(JSON.parse(output)).toMatchObject({ valid: false, problems: [{ code: "CONFIG_INVALID" }] });
      // The problem's place has the name in it once; nothing says it again and again.
      expect(output.length).toBeLessThan(2_000_000);
    },
  );
});

describe("a client that goes away", () => {
  it("[B161] in the modern era: the server is told, the charge stays, the end is recorded", async () => {
    const limited = { ...policy, all_tools: { limits: [{ counter: "calls", window: "7d", max: 100 }] } };
    const gateway = await startServe({ policies: { alice: limited } });
    const connection = openRaw(gateway.origin);
    const headers = { authorization: `Bearer ${gateway.token()}`, "content-type": "application/json" };
    connection.write(
      postBytes(gateway.url(), { ...headers, ...modernHeaders("tools/call", "slow") }, modernSlow(1, 60_000)),
    );
    await until("the call to be under way", () => (gateway.spy().calls().length === 1 ? true : undefined));
    connection.close();
    const [ended] = await gateway.rows.waitFor(1, (row) => row.kind === "outcome");
    expect(ended).toMatchObject({ status: "cancelled", isRefunded: false });
    await until("the server to be told", () =>
      gateway
        .spy()
        .linesAfter(0)
        .some((line) => line.includes("notifications/cancelled"))
        ? true
        : undefined,
    );
    await openHttpModern(gateway.url(), gateway.token()).call("safe");
    expect(gateway.rows.calls().at(-1)?.limits).toMatchObject([{ before: "1", after: "2" }]);
  });
});

describe("a session", () => {
  it("of one grant is nothing to another, neither to use nor to end", async () => {
    const gateway = await startServe({ policies: { alice: policy, bob: policy } });
    const alice = await openHttpLegacy(gateway.url(), gateway.token("alice"));
    const stolen = { "mcp-session-id": alice.sessionId ?? "" };
    const bob = await openHttpLegacy(gateway.url(), gateway.token("bob"));
    const reply = await bob.post(request(1, "tools/call", { name: "safe" }), stolen);
    expect(reply.status).toBe(404);
    const end = (grant: string): Promise<Response> =>
      fetch(gateway.url(), {
        method: "DELETE",
        headers: { ...stolen, authorization: `Bearer ${gateway.token(grant)}` },
      });
    expect((await end("bob")).status).toBe(404);
    const stranger = await fetch(gateway.url(), { method: "DELETE", headers: stolen });
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get("www-authenticate")).toMatch(/^Bearer /);
    await gateway.rows.waitFor(1, (row) => row.kind === "event" && row.event === "token_rejected");
    expect((await alice.call("safe")).isError).toBe(false);
    expect((await end("alice")).status).toBe(204);
    expect((await alice.post(request(2, "tools/call", { name: "safe" }))).status).toBe(404);
    expect(gateway.spy().calls()).toHaveLength(1);
  });
});

describe("a server's process", () => {
  it("[B326] [B328] gets the environment that is named for it, and no descriptor but its three", async () => {
    const folder = makeFolder();
    const witness = join(folder, "witness.json");
    const look = `
      const fds = process.platform === "linux" ? require("node:fs").readdirSync("/proc/self/fd").map(Number) : [];
      const open = fds.filter((fd) => { try { require("node:fs").fstatSync(fd); return true; } catch { return false; } });
      const links = open.map((fd) => { try { return require("node:fs").readlinkSync("/proc/self/fd/" + fd); } catch { return ""; } });
      require("node:fs").writeFileSync(process.env.WITNESS, JSON.stringify({ env: process.env, links }));
      process.stdin.resume();`;
    const server = { command: process.execPath, args: ["-e", look], env: { WITNESS: witness } };
    const gateway = await startServe({ servers: { echo: server }, policies: { alice: policy } });
    openHttpModern(gateway.url(), gateway.token())
      .call("safe")
      .catch(() => {});
    const seen: { env: Record<string, string>; links: string[] } = await until("the server to look", () =>
      existsSync(witness) && readFileSync(witness, "utf8") !== ""
        ? JSON.parse(readFileSync(witness, "utf8"))
        : undefined,
    );
    const names = Object.keys(seen.env).filter((name) => !inheritedVariables.includes(name));
    expect(names.toSorted()).toEqual(["CALLGATE_SPY_LOG", "CALLGATE_SPY_PIDS", "WITNESS"]);
    expect(JSON.stringify(seen.env)).not.toContain(gateway.token());
    expect(seen.links.filter((link) => link.includes("callgate.sqlite") || link.startsWith("socket:["))).toHaveLength(
      seen.links.length === 0 ? 0 : 3,
    );
  });
});
