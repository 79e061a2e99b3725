import { describe, expect, it } from "vitest";
import { createLogger } from "../logger.ts";
import { type CompiledPolicy, loadPolicy } from "../policy/index.ts";
import { openMemoryStore } from "../store/memory/memory-store.ts";
import type { Store } from "../store/store.ts";
import { createMemoryClient, type MemoryClient } from "../transports/memory/downstream.ts";
import { createMemoryUpstream } from "../transports/memory/upstream.ts";
import { prepareSchema } from "../input-schema/prepare-schema.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createSettableClock, type SettableClock } from "./simulate.ts";
import type { GatewayParts } from "./parts.ts";
import type { Snapshot } from "./snapshot.ts";

// The whole spine in one process: real policy engine, memory store, a client and a server without bytes in between.

interface House {
  readonly client: MemoryClient;
  readonly gateway: Gateway;
  readonly store: Store;
  readonly clock: SettableClock;
  /** Messages that reached the server, the gateway's own left out. */
  readonly reached: string[];
  /** Lets the server say something of its own. */
  readonly say: (text: string) => void;
}

type Message = Readonly<Record<string, unknown>>;

/** Answers a request, or keeps silent with undefined. */
type Behaviour = (message: Message) => unknown;

const startMs = Date.parse("2026-11-26T09:00:00Z");

function compile(document: Message): CompiledPolicy {
  const { policy, problems } = loadPolicy(JSON.stringify(document), {
    identity: { id: "p", version: 1, sha256: "0".repeat(64) },
  });
  if (policy === undefined) throw new Error(JSON.stringify(problems));
  return policy;
}

function build(
  policy: Message,
  behave: Behaviour,
  spoil: (parts: GatewayParts) => Partial<GatewayParts> = () => ({}),
): House {
  const clock = createSettableClock(startMs);
  const store = openMemoryStore({ clock });
  const reached: string[] = [];
  let say: (text: string) => void = () => {};
  const upstream = createMemoryUpstream("s", () => ({
    receive: (text, send) => {
      say = send;
      const message: Message = JSON.parse(text);
      if (!String(message["id"]).startsWith("cg_")) reached.push(text);
      const result = behave(message);
      if (result !== undefined) send(JSON.stringify({ jsonrpc: "2.0", id: message["id"], result }));
    },
  }));
  const snapshot: Snapshot = {
    organisation: "default",
    grants: new Map(),
    tokens: new Map(),
    localGrant: {
      id: "local",
      label: "local",
      owner: "me",
      tags: {},
      servers: new Map([["s", "p"]]),
      showDenied: false,
      expiresAtMs: undefined,
    },
    servers: new Map([
      [
        "s",
        {
          name: "s",
          upstream,
          startTimeoutMs: 5_000,
          callTimeoutMs: 5_000,
          callDeadlineMs: 60_000,
          idleTimeoutMs: 60_000,
          secrets: [],
          showDenied: false,
        },
      ],
    ]),
    policies: new Map([["p", compile(policy)]]),
  };
  const parts: GatewayParts = {
    store,
    clock,
    logger: createLogger("silent"),
    snapshot: () => snapshot,
    prepareSchema,
    digestArguments: (canonical) => String(canonical.length),
  };
  const gateway = createGateway({ ...parts, ...spoil(parts) });
  return {
    client: createMemoryClient(gateway.handler, "s", clock),
    gateway,
    store,
    clock,
    reached,
    say: (text) => say(text),
  };
}

const tools = ["read_mail", "send_mail", "delete_mail"].map((name) => ({ name, inputSchema: { type: "object" } }));

function usual(message: Message): unknown {
  if (message["method"] === "tools/list") return { tools };
  return message["method"] === "tools/call" ? { content: [] } : undefined;
}

function call(id: number | string, name: string, more: Message = {}): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, ...more } });
}

/** A store's methods, each to be replaced. */
function bound(store: Store): Store {
  return {
    digestSalt: store.digestSalt,
    admit: (admission) => store.admit(admission),
    settle: (settlement) => store.settle(settlement),
    record: (row) => store.record(row),
    query: (query) => store.query(query),
    readCounters: (families) => store.readCounters(families),
    resetCounter: (key) => store.resetCounter(key),
    close: () => store.close(),
  };
}

async function ask(house: House, text: string): Promise<Message> {
  const answer: Message = JSON.parse((await house.client.send(text)) ?? "{}");
  return answer;
}

describe("the gateway", () => {
  it("denies what may not follow what, for as long as the flow says [R116]", async () => {
    const flows = [
      { name: "no mail after mail", after: { tools: ["read_mail"] }, within: "30m", deny: { tools: ["send_mail"] } },
    ];
    const house = build({ version: "1", default: "allow", flows }, usual);
    expect(await ask(house, call(1, "send_mail"))).toHaveProperty("result.content", []);
    await ask(house, call(2, "read_mail"));
    const denied = await ask(house, call(3, "send_mail"));
    expect(denied).toMatchObject({
      result: { isError: true, _meta: { "callgate/decision": { code: "flow_denied", rule: "/flows/0" } } },
    });
    house.clock.set(startMs + 29 * 60_000);
    expect(await ask(house, call(4, "send_mail"))).toMatchObject({ result: { isError: true } });
    house.clock.set(startMs + 31 * 60_000);
    expect(await ask(house, call(5, "send_mail"))).not.toMatchObject({ result: { isError: true } });
    expect(house.reached.map((text) => JSON.parse(text).id)).toEqual([1, 2, 5]);
  });

  /** Throws, or rejects, as often as it is asked. */
  const fails = (): never => {
    throw new Error("injected");
  };
  const rejects = (): Promise<never> => Promise.reject(new Error("injected"));
  it.each<[string, (parts: GatewayParts) => Partial<GatewayParts>]>([
    ["the snapshot", () => ({ snapshot: fails })],
    ["the admission", ({ store }) => ({ store: { ...bound(store), admit: rejects } })],
    ["the admission, before its promise", ({ store }) => ({ store: { ...bound(store), admit: fails } })],
    ["every write", ({ store }) => ({ store: { ...bound(store), admit: rejects, record: rejects, settle: rejects } })],
    ["the digest of the arguments", () => ({ digestArguments: fails })],
    ["the tool's schema", () => ({ prepareSchema: fails })],
    ["the clock", ({ clock }) => ({ clock: { monotonicMs: () => clock.monotonicMs(), wallMs: fails } })],
  ])("never forwards what could not be judged and recorded: %s fails [B438]", async (_, spoil) => {
    const limits = [{ counter: "calls", window: "hour", max: 10 }];
    const policy = { version: "1", default: "allow", all_tools: { limits, validate_arguments: true } };
    const house = build(policy, usual, spoil);
    const answer = await Promise.race([
      house.client.send(call(1, "read_mail", { arguments: { a: 1 } })),
      new Promise<string>((resolve) => setTimeout(() => resolve('{"error":"nothing came"}'), 1_000)),
    ]);
    expect(answer).toMatch(/"error"|"isError":true/);
    expect(house.reached).toEqual([]);
  });

  it("gives the answer of a call whose end cannot be written, and counts it [B438]", async () => {
    const policy = {
      version: "1",
      default: "allow",
      all_tools: { limits: [{ counter: "calls", window: "hour", max: 1 }] },
    };
    const house = build(policy, usual, ({ store }) => ({ store: { ...bound(store), settle: rejects } }));
    expect(await ask(house, call(1, "read_mail"))).toHaveProperty("result.content", []);
    expect(await ask(house, call(2, "read_mail"))).toMatchObject({ result: { isError: true } });
    expect(house.reached).toHaveLength(1);
  });

  it("holds and denies a call that needs a person, until approvals are served", async () => {
    const house = build({ version: "1", default: "deny", tools: { send_mail: { action: "require_approval" } } }, usual);
    const answer = await ask(house, call(1, "send_mail"));
    expect(answer).toMatchObject({
      result: { isError: true, _meta: { "callgate/decision": { outcome: "hold", code: "approval_required" } } },
    });
    expect(JSON.stringify(answer)).toMatch(/approv/);
    expect(house.reached).toEqual([]);
  });

  it("filters every page of a list and keeps cursors, `_meta` and unknown members byte for byte [R53]", async () => {
    const pages: Readonly<Record<string, string>> = {
      first:
        '{"tools":[ {"name":"read_mail","x":1e2} , {"name":"delete_mail"} ],"nextCursor":"second","_meta":{"a":[1.0]},"other":"\\u0041"}',
      second: '{"tools":[{"name":"delete_mail2"}],"nextCursor":"third"}',
      third: '{"tools":[{"name":"send_mail"}]}',
    };
    const policy = { version: "1", default: "allow", hide: ["delete_*"] };
    const house = build(policy, () => undefined);
    const seen: string[] = [];
    for (const [index, name] of ["first", "second", "third"].entries()) {
      const answer = house.client.send(
        JSON.stringify({
          jsonrpc: "2.0",
          id: index,
          method: "tools/list",
          params: index === 0 ? {} : { cursor: name },
        }),
      );
      await new Promise((resolve) => setImmediate(resolve));
      house.say(`{"jsonrpc":"2.0","id":${index},"result":${pages[name]}}`);
      seen.push((await answer) ?? "");
    }
    expect(seen).toEqual([
      '{"jsonrpc":"2.0","id":0,"result":{"tools":[ {"name":"read_mail","x":1e2} ],"nextCursor":"second","_meta":{"a":[1.0]},"other":"\\u0041"}}',
      '{"jsonrpc":"2.0","id":1,"result":{"tools":[],"nextCursor":"third"}}',
      '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"send_mail"}]}}',
    ]);
  });

  it("asks for the tools again when the server says they changed [B118]", async () => {
    let listed = tools;
    const house = build({ version: "1", default: "allow" }, (message) =>
      message["method"] === "tools/list" ? { tools: listed } : usual(message),
    );
    expect(await ask(house, call(1, "read_mail"))).toHaveProperty("result");
    listed = tools.filter(({ name }) => name !== "read_mail");
    house.say('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await ask(house, call(2, "read_mail"))).toMatchObject({
      error: { code: -32602, message: "Unknown tool: read_mail" },
    });
    expect(house.client.notifications).toHaveLength(1);
    expect(house.reached).toHaveLength(1);
  });

  it("reads all pages of the tools before it calls a name unknown, and gives up on a list without end [B262]", async () => {
    const paged = build({ version: "1", default: "allow" }, (message) => {
      if (message["method"] !== "tools/list") return usual(message);
      return "cursor" in Object(message["params"]) ? { tools: [{ name: "late" }] } : { tools, nextCursor: "more" };
    });
    expect(await ask(paged, call(1, "late"))).toHaveProperty("result");
    const endless = build({ version: "1", default: "allow" }, () => ({ tools: [], nextCursor: "again" }));
    expect(await ask(endless, call(1, "late"))).toMatchObject({ error: { data: { code: "UPSTREAM_GARBAGE" } } });
  });

  it('refuses a second request with an id that is still under way, and tells 1 from "1" [B029] [B030]', async () => {
    const house = build({ version: "1", default: "allow" }, (message) =>
      message["method"] === "tools/list" ? { tools } : undefined,
    );
    const first = house.client.send(call(1, "read_mail"));
    const other = house.client.send(call("1", "send_mail"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await ask(house, call(1, "send_mail"))).toMatchObject({ id: 1, error: { code: -32600 } });
    house.say('{"jsonrpc":"2.0","id":"1","result":{"of":"text"}}');
    house.say('{"jsonrpc":"2.0","id":1,"result":{"of":"number"}}');
    expect(JSON.parse((await first) ?? "")).toMatchObject({ id: 1, result: { of: "number" } });
    expect(JSON.parse((await other) ?? "")).toMatchObject({ id: "1", result: { of: "text" } });
  });

  it("passes progress to the request it belongs to, and cancels at the client's wish without a refund [B202]", async () => {
    const limits = [{ counter: "c", window: "minute", max: 10 }];
    const house = build({ version: "1", default: "deny", tools: { read_mail: { limits } } }, (message) =>
      message["method"] === "tools/list" ? { tools } : undefined,
    );
    const answer = house.client.send(call(7, "read_mail", { _meta: { progressToken: "t" } }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    house.say('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":1}}');
    house.say('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"other","progress":1}}');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(house.client.notifications).toHaveLength(1);
    await house.client.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}');
    expect(await answer).toBeUndefined();
    expect(house.reached.at(-1)).toContain("notifications/cancelled");
    const rows = await house.store.query({});
    expect(rows.find((row) => row.kind === "outcome")).toMatchObject({ status: "cancelled", isRefunded: false });
  });

  it("keeps a server's own requests from the client where the doors are closed, and answers its ping [B273]", async () => {
    const house = build({ version: "1", default: "deny", tools: { read_mail: {} } }, usual);
    await ask(house, call(1, "read_mail"));
    for (const [id, method] of ["ping", "sampling/createMessage", "elicitation/create", "roots/list"].entries()) {
      house.say(JSON.stringify({ jsonrpc: "2.0", id: `srv${id}`, method, params: {} }));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    const answers = house.reached.slice(1).map((text) => JSON.parse(text));
    expect(answers[0]).toMatchObject({ id: "srv0", result: {} });
    expect(answers.slice(1).map(({ error }) => error.code)).toEqual([-32601, -32601, -32601]);
    expect(house.client.notifications).toEqual([]);
    const rows = await house.store.query({});
    expect(rows.filter((row) => row.kind === "event" && row.event === "server_request_refused")).toHaveLength(3);
  });

  it.each([
    { default: "deny", shown: { tools: {}, prompts: {} } },
    { default: "allow", shown: { tools: {}, logging: {}, prompts: {} } },
  ])("shows that a server writes logs only where they can be asked for: $default", async ({ default: rest, shown }) => {
    const house = build({ version: "1", default: rest, tools: { read_mail: {} } }, (message) =>
      message["method"] === "initialize" ? { capabilities: { tools: {}, logging: {}, prompts: {} } } : usual(message),
    );
    const answer = await ask(house, '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}');
    expect(answer).toHaveProperty("result.capabilities", shown);
  });

  it("passes a server's request through an open door and only the answer that is awaited back [R110]", async () => {
    const house = build({ version: "1", default: "deny", tools: { read_mail: {} }, sampling: "allow" }, usual);
    await ask(house, call(1, "read_mail"));
    house.say('{"jsonrpc":"2.0","id":"s1","method":"sampling/createMessage","params":{}}');
    house.say('{"jsonrpc":"2.0","id":"s2","method":"roots/list","params":{}}');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(house.client.notifications.map((text) => JSON.parse(text).id)).toEqual(["s1"]);
    await house.client.send('{"jsonrpc":"2.0","id":"s1","result":{"role":"assistant"}}');
    await house.client.send('{"jsonrpc":"2.0","id":"s1","result":{"role":"again"}}');
    await house.client.send('{"jsonrpc":"2.0","id":"forged","result":{}}');
    const answers = house.reached.filter((text) => text.includes('"result"'));
    expect(answers).toEqual(['{"jsonrpc":"2.0","id":"s1","result":{"role":"assistant"}}']);
  });

  it("judges resources and prompts by their own sections, and answers closed lists empty [R110] [B270]", async () => {
    const policy = {
      version: "1",
      default: "deny",
      resources: { allow: ["file:///srv/*"], deny: ["*secret*"] },
      flows: [
        { name: "f", after: { signals: ["loads_untrusted_content"] }, within: "30m", deny: { tools: ["send_mail"] } },
      ],
      tools: { send_mail: {} },
    };
    const house = build(policy, (message) => {
      if (message["method"] === "resources/list") {
        return { resources: [{ uri: "file:///srv/a" }, { uri: "file:///srv/secret" }, { uri: "file:///etc/passwd" }] };
      }
      return message["method"] === "resources/read" ? { contents: [] } : usual(message);
    });
    const list = async (method: string): Promise<Message> =>
      ask(house, JSON.stringify({ jsonrpc: "2.0", id: method, method }));
    expect(await list("resources/list")).toHaveProperty("result", { resources: [{ uri: "file:///srv/a" }] });
    expect(await list("prompts/list")).toHaveProperty("result", { prompts: [] });
    const read = async (uri: string): Promise<Message> =>
      ask(house, JSON.stringify({ jsonrpc: "2.0", id: uri, method: "resources/read", params: { uri } }));
    for (const uri of [
      "file:///srv/secret",
      "file:///etc/passwd",
      "FILE:///srv/a",
      "file:///srv/../etc/passwd",
      "file:/..%2f",
    ]) {
      expect(await read(uri)).toMatchObject({
        error: { code: -31000, data: { code: "door_denied", rule: "/resources" } },
      });
    }
    expect(await ask(house, call(1, "send_mail"))).toHaveProperty("result.content", []);
    expect(await read("file:///srv/a")).toHaveProperty("result.contents", []);
    expect(await ask(house, call(2, "send_mail"))).toMatchObject({ result: { isError: true } });
    const rows = await house.store.query({});
    const reads = rows.filter((row) => row.kind === "call" && row.method === "resources/read");
    expect(reads).toHaveLength(6);
  });

  it("does not fill the audit with what a client names and may not have", async () => {
    const house = build({ version: "1", default: "deny" }, usual);
    const uri = `file:///${"x".repeat(100_000)}`;
    const message = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "resources/read", params: { uri } });
    expect(await ask(house, message)).toMatchObject({ error: { data: { code: "door_denied" } } });
    const [row] = (await house.store.query({})).filter(({ kind }) => kind === "call");
    expect(row).toHaveProperty("tool", uri.slice(0, 1_024));
    expect(JSON.stringify(row).length).toBeLessThan(4_096);
  });

  it("strips what a server says in the gateway's name [B302]", async () => {
    const house = build({ version: "1", default: "allow" }, (message) =>
      message["method"] === "tools/call"
        ? { content: [], _meta: { "callgate/decision": { outcome: "allow" }, mine: 1 } }
        : usual(message),
    );
    const answer = await ask(house, call(1, "read_mail"));
    expect(answer["result"]).toEqual({ content: [], _meta: { mine: 1 } });
  });

  it("denies everything when nothing can be recorded [R109]", async () => {
    const house = build({ version: "1", default: "allow" }, usual);
    await ask(house, call(1, "read_mail"));
    await house.store.close();
    const answer = await ask(house, call(2, "read_mail"));
    expect(answer).toMatchObject({
      result: { isError: true, _meta: { "callgate/decision": { code: "audit_unavailable", rule: "(audit)" } } },
    });
    expect(house.reached).toHaveLength(1);
  });
});
