import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern, openStdio } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { type RunGateway, startRun, startServe } from "../kit/gateway.ts";
import { request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { within } from "../kit/wait.ts";

// Through whole gateways, with the server's own log as the witness of what reached it.

afterEach(closeAll);

function limited(max: number) {
  return {
    version: "1",
    default: "deny",
    tools: { safe: { limits: [{ counter: "safe_rate", window: "minute", max, scope: "grant" }] } },
  } as const;
}

describe("limits", () => {
  it("deny call 31 of a minute with the limit's pointer and a time to try again [R77] [R94]", async () => {
    const gateway = await startServe({ policies: { p: limited(30) } });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    for (let i = 0; i < 30; i += 1) expect((await client.call("safe")).isError).toBe(false);
    const last = await client.call("safe");
    expect(last.isError).toBe(true);
    expect(last.text).toMatch(/^\[POLICY DENIED\] `safe`: at most 30 per minute; try again in \d+ s$/);
    expect(last.decision).toMatchObject({ outcome: "deny", code: "limit_reached", rule: "/tools/safe/limits/0" });
    expect(Number(last.decision?.["retryAfterMs"])).toBeGreaterThan(0);
    expect(gateway.spy().calls()).toHaveLength(30);
  });

  it("let exactly 10 of 50 racing calls through, over HTTP, in both eras together [R85] [B196]", async () => {
    for (let round = 0; round < 5; round += 1) {
      const gateway = await startServe({ policies: { p: limited(10) } });
      const legacy = await openHttpLegacy(gateway.url(), gateway.token());
      const modern = openHttpModern(gateway.url(), gateway.token());
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? legacy : modern).call("safe", { text: String(i) })),
      );
      expect(answers.filter(({ isError }) => !isError)).toHaveLength(10);
      expect(gateway.spy().calls()).toHaveLength(10);
      await closeAll();
    }
  });

  it("let exactly 10 of 80 calls through that race in four processes on one store [B197]", async () => {
    for (let round = 0; round < 3; round += 1) {
      const folder = makeFolder();
      const runs = Array.from({ length: 4 }, () => startRun({ policy: limited(10), folder }));
      const clients = await Promise.all(runs.map((run) => openStdio(run.process, "legacy")));
      const answers = await Promise.all(
        clients.flatMap((client) => Array.from({ length: 20 }, () => client.call("safe"))),
      );
      expect(answers.filter(({ isError }) => !isError)).toHaveLength(10);
      expect(runs[0]?.spy.calls()).toHaveLength(10);
      await closeAll();
    }
  });

  it("count two grants apart, and one grant on two servers apart [R81] [R92]", async () => {
    const gateway = await startServe({
      servers: { one: [], two: [] },
      policies: { p: limited(1) },
      grants: { alice: { servers: { one: "p", two: "p" } }, bob: { servers: { one: "p" } } },
    });
    const allowed = async (server: string, grant: string): Promise<boolean> => {
      const client = openHttpModern(gateway.url(server), gateway.token(grant));
      return !(await client.call("safe")).isError;
    };
    expect(await allowed("one", "alice")).toBe(true);
    expect(await allowed("one", "alice")).toBe(false);
    expect(await allowed("two", "alice")).toBe(true);
    expect(await allowed("one", "bob")).toBe(true);
    expect(await allowed("one", "bob")).toBe(false);
  });

  it("survive a restart and an edit of the policy [R90]", async () => {
    const first = await startServe({ policies: { p: limited(3) } });
    const token = first.token();
    const client = openHttpModern(first.url(), token);
    for (let i = 0; i < 2; i += 1) expect((await client.call("safe")).isError).toBe(false);
    await first.process.kill();
    const second = await startServe({ policies: { p: limited(4) }, folder: first.folder, tokens: { p: token } });
    const again = openHttpModern(second.url(), token);
    const outcomes = [];
    for (let i = 0; i < 3; i += 1) outcomes.push((await again.call("safe")).isError);
    expect(outcomes).toEqual([false, false, true]);
  });

  it("cap calls in flight and free the place with the answer [R93]", async () => {
    const limits = [{ counter: "at_once", concurrent: true, max: 2 }];
    const gateway = await startServe({
      policies: { p: { version: "1", default: "deny", tools: { slow: { limits } } } },
    });
    const client = openHttpModern(gateway.url(), gateway.token());
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.call("slow", { ms: 300 })));
    expect(answers.filter(({ isError }) => !isError)).toHaveLength(2);
    expect((await client.call("slow", { ms: 1 })).isError).toBe(false);
  });

  it("hold when the gateway is killed at any of 100 moments, and every call that went out has its row [B198] [D03]", async () => {
    const folder = makeFolder();
    const max = 700;
    const policy = {
      version: "1",
      default: "deny",
      tools: { safe: { limits: [{ counter: "safe_rate", window: "day", max, scope: "grant" }] } },
    } as const;
    const start = (): RunGateway => startRun({ policy, folder });
    let next = 0;
    for (let run = 0; run < 100; run += 1) {
      const gateway = start();
      const { stdin } = gateway.process.child;
      const pour = setInterval(() => {
        next += 1;
        if (stdin.writable)
          stdin.write(`${request(next, "tools/call", { name: "safe", arguments: { text: `${next}` } })}\n`);
      }, 1);
      // From the first answer on: before it nothing is under way.
      await within("the first answer", once(gateway.process.child.stdout, "data"));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
      gateway.process.child.kill("SIGKILL");
      clearInterval(pour);
      await gateway.process.exit;
    }
    const { spy, rows } = start();
    const reached = spy.calls().map((line) => Number(/"text":"(\d+)"/.exec(line)?.[1]));
    const allowed = rows.calls().filter(({ outcome }) => outcome === "allow");
    expect(reached.length).toBeGreaterThan(100);
    expect(new Set(reached).size).toBe(reached.length);
    expect(reached.length).toBeLessThanOrEqual(allowed.length);
    expect(allowed.length).toBeLessThanOrEqual(max);
    // The counter is never below what reached the server.
    expect(Math.max(...allowed.map(({ limits }) => Number(limits[0]?.after)))).toBeGreaterThanOrEqual(reached.length);
  }, 600_000);
});
