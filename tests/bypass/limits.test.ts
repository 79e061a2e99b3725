import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { createSimulation } from "../../src/compose/simulation.ts";
import { type Decision, loadPolicy } from "../../src/policy/index.ts";
import { systemClock } from "../../src/clock.ts";
import { journal } from "../../src/gateway/steps/journal.ts";
import type { GatewayParts } from "../../src/gateway/parts.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import type { JsonObject } from "../../src/values/json.ts";
import { type Client, openHttpModern, openStdio } from "../kit/clients.ts";
import { startRun, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";

// Group 6, as far as it takes a whole gateway or its engine with a clock of the test's; races, restarts, refunds, clocks
// and windows of every length are in the suites of the stores and in the scenarios.

afterEach(closeAll);

const day = Date.parse("2026-03-29T00:00:00Z");

/** Judges calls one after another, each at its own time, with counters that last. */
async function judge(
  text: object,
  calls: readonly { readonly args?: JsonObject; readonly atMs?: number; readonly tool?: string }[],
): Promise<readonly Decision[]> {
  const identity = { id: "p", version: 1, sha256: "0".repeat(64) };
  const { policy, problems } = loadPolicy(JSON.stringify(text), { identity });
  if (policy === undefined) throw new Error(JSON.stringify(problems));
  const simulation = createSimulation(policy, undefined, day);
  const decisions: Decision[] = [];
  const grant = { id: "alice", label: "alice", owner: undefined, tags: {} };
  const client = { ip: undefined, name: undefined, version: undefined };
  for (const { args = {}, atMs = day, tool = "refund" } of calls) {
    decisions.push(await simulation.judge({ tool, args, server: "shop", grant, client, session: undefined }, atMs));
  }
  await simulation.close();
  return decisions;
}

async function codesOf(client: Client, tool: string, times: number): Promise<readonly unknown[]> {
  const codes: unknown[] = [];
  for (let i = 0; i < times; i += 1) {
    const answer = await client.call(tool);
    codes.push(answer.decision?.["code"] ?? answer.error?.code ?? "forwarded");
  }
  return codes;
}

describe("what is refused", () => {
  it("[B209] leaves the counter as it was", async () => {
    const safe = {
      limits: [{ counter: "c", window: "hour", max: 3 }],
      deny_if: [{ conditions: [{ path: "args.text", op: "eq", value: "no" }] }],
    };
    const gateway = startRun({ policy: { version: "1", default: "deny", hide: ["evil"], tools: { safe } } });
    const client = await openStdio(gateway.process, "legacy");
    client.write('{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/call","params":{"name":"safe"}}\n');
    client.write('[{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"safe"}}]\n');
    client.write('{"jsonrpc":"2.0","method":"tools/call","params":{"name":"safe"}}\n');
    for (let i = 0; i < 5; i += 1) expect((await client.call("safe", { text: "no" })).isError).toBe(true);
    expect(await codesOf(client, "evil", 5)).toEqual(Array.from({ length: 5 }, () => -32602));
    expect(await codesOf(client, "none", 5)).toEqual(Array.from({ length: 5 }, () => -32602));
    expect(await codesOf(client, "safe", 5)).toEqual([
      "forwarded",
      "forwarded",
      "forwarded",
      "limit_reached",
      "limit_reached",
    ]);
    expect(gateway.spy.calls()).toHaveLength(3);
  });
});

describe("a limit of a person or a server", () => {
  it("[B210] holds across that person's grants, and for one that is new after it was used up", async () => {
    const rules = (scope: string): object => ({ limits: [{ counter: "c", window: "hour", max: 3, scope }] });
    const policy = {
      version: "1",
      default: "deny",
      tools: { safe: rules("owner"), evil: rules("server"), refund: rules("grant") },
    };
    const grant = (owner: string): { owner: string; servers: Record<string, string> } => ({
      owner,
      servers: { echo: "p" },
    });
    const gateway = await startServe({
      policies: { p: policy },
      grants: { laptop: grant("ann"), phone: grant("ann"), other: grant("bob") },
    });
    const open = (token: string): Client => openHttpModern(gateway.url(), token);
    const [laptop, phone, other] = ["laptop", "phone", "other"].map((id) => open(gateway.token(id)));
    if (laptop === undefined || phone === undefined || other === undefined) throw new Error("three grants");
    expect(await codesOf(laptop, "safe", 2)).toEqual(["forwarded", "forwarded"]);
    expect(await codesOf(phone, "safe", 2)).toEqual(["forwarded", "limit_reached"]);
    expect(await codesOf(other, "safe", 1)).toEqual(["forwarded"]);
    expect(await codesOf(laptop, "evil", 2)).toEqual(["forwarded", "forwarded"]);
    expect(await codesOf(other, "evil", 2)).toEqual(["forwarded", "limit_reached"]);

    const token = "a-new-token-of-ann-0123456789";
    const file = join(gateway.folder, "callgate.yaml");
    const config: { grants: Record<string, unknown> } = JSON.parse(readFileSync(file, "utf8"));
    config.grants["tablet"] = { ...grant("ann"), token };
    writeFileSync(file, JSON.stringify(config));
    await gateway.process.sees(/reloaded/);
    const tablet = open(token);
    expect(await codesOf(tablet, "safe", 1)).toEqual(["limit_reached"]);
    expect(await codesOf(tablet, "evil", 1)).toEqual(["limit_reached"]);
    expect(await codesOf(tablet, "refund", 1)).toEqual(["forwarded"]);
  });
});

describe("a sum", () => {
  const limit = { counter: "spent", window: "day", max: 1, increment_from: "args.amount" };
  const spending = { version: "1", default: "deny", tools: { refund: { limits: [limit] } } };
  const amounts = (...values: readonly JsonObject[string][]): { args: JsonObject }[] =>
    values.map((amount) => ({ args: { amount } }));
  const codes = (decisions: readonly Decision[]): string[] => decisions.map((decision) => decision.code);

  it("[B214] is exact: 0.1 fits ten times in 1, and not once more", async () => {
    const tenths = Array.from({ length: 11 }, () => 0.1);
    expect(codes(await judge(spending, amounts(...tenths)))).toEqual([
      ...Array.from({ length: 10 }, () => "allowed"),
      "limit_reached",
    ]);
  });

  it("[B214] counts small parts and text as what they say, and never rounds them away", async () => {
    const decisions = await judge(spending, amounts("0.999999999", 1e-9, 1e-9, 0.005));
    expect(codes(decisions)).toEqual(["allowed", "allowed", "limit_reached", "limit_reached"]);
  });

  it.each([-5, "-5", 1e-10, "0.0000000001", "1e3", " 1", "", "NaN", null, true, [], {}])(
    "[B214] of %j is denied, and credits nothing",
    async (amount) => {
      const decisions = await judge(spending, amounts(amount, 1, 1e-9));
      expect(codes(decisions)).toEqual(["increment_invalid", "allowed", "limit_reached"]);
    },
  );
});

describe("the time of day", () => {
  const at = (time: string): { tool: string; atMs: number } => ({ tool: "safe", atMs: Date.parse(time) });
  const atTwo = { conditions: [{ path: "time.hour", op: "eq", value: 2 }] };
  const nightly = { version: "1", default: "deny", tools: { safe: { require: [atTwo] } } };

  it("[B229] is UTC unless a zone is named", async () => {
    const decisions = await judge(nightly, [at("2026-03-29T01:30:00Z"), at("2026-03-29T02:30:00Z")]);
    expect(decisions.map((decision) => decision.code)).toEqual(["require_failed", "allowed"]);
  });

  it("[B229] has no hour that the clocks jump over, and one twice where they go back", async () => {
    const oslo = { ...nightly, time_zone: "Europe/Oslo" };
    const spring = ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"];
    const autumn = ["2026-10-24T23:59:59Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z"];
    const decisions = await judge(oslo, [...spring, ...autumn].map(at));
    expect(decisions.map((decision) => decision.outcome)).toEqual("deny deny deny deny allow allow deny".split(" "));
  });
});

describe("a fault while counting", () => {
  it("[B225] in the second of two limits gives the first back and denies", async () => {
    const limits = ["first", "second"].map((counter) => ({ counter, window: "hour", max: 2 }));
    const gateway = startRun({ policy: { version: "1", default: "deny", tools: { safe: { limits } } } });
    const client = await openStdio(gateway.process, "legacy");
    expect(await client.list()).toEqual(["safe"]);
    const db = new DatabaseSync(join(gateway.folder, "callgate.sqlite"), { timeout: 5_000 });
    db.exec(`CREATE TRIGGER fault BEFORE INSERT ON counters WHEN NEW.key LIKE '%second%'
      BEGIN SELECT RAISE(ABORT, 'a fault made by a test'); END`);
    expect(await codesOf(client, "safe", 2)).toEqual(["store_unavailable", "store_unavailable"]);
    db.exec("DROP TRIGGER fault");
    db.close();
    // After a fault the store is left alone for a moment.
    const after: unknown[] = [];
    const giveUpAt = performance.now() + 15_000;
    while (after.at(-1) !== "limit_reached") {
      expect(performance.now(), after.join(" ")).toBeLessThan(giveUpAt);
      after.push(...(await codesOf(client, "safe", 1)));
    }
    expect(after.filter((code) => code !== "store_unavailable")).toEqual(["forwarded", "forwarded", "limit_reached"]);
    expect(gateway.spy.calls()).toHaveLength(2);
  });

  it("[B230] that nobody foresaw denies", async () => {
    const store = openMemoryStore({ clock: systemClock });
    const parts: Pick<GatewayParts, "store" | "clock" | "logger" | "digestArguments"> = {
      store: {
        ...store,
        admit: () => {
          throw new RangeError("a fault made by a test");
        },
      },
      clock: systemClock,
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      digestArguments: () => "",
    };
    const [allowed] = await judge({ version: "1", default: "allow" }, [{}]);
    if (allowed === undefined) throw new Error("one decision");
    const call = {
      organisation: "default",
      server: { name: "shop" },
      grant: { id: "alice", label: "alice", owner: undefined, tags: {} },
      client: { ip: undefined, name: undefined, version: undefined },
      session: undefined,
      tool: { name: "refund", isListed: true, isChanged: false, review: undefined, schema: undefined },
      args: {},
    };
    const origin = {
      requestId: "req_1",
      method: "tools/call",
      transport: "memory",
      era: "modern",
      requestBytes: 1,
      receivedAtMs: systemClock.monotonicMs(),
    } as const;
    const decision = await journal(parts, call, allowed, origin);
    expect(decision).toMatchObject({ outcome: "deny", code: "audit_unavailable", rule: "(audit)" });
    await store.close();
  });
});
