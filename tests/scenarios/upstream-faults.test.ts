import { afterEach, describe, expect, it } from "vitest";
import { type Client, openHttpLegacy, openHttpModern, openStdio } from "../kit/clients.ts";
import { startRun, startServe } from "../kit/gateway.ts";
import { initialize, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { echoServer, isAlive } from "../kit/spy.ts";
import { until } from "../kit/wait.ts";

// A server that fails must never take the gateway with it: the agent gets a JSON-RPC error that says what happened,
// the audit gets a row, and the next server (or the next start) works.

afterEach(closeAll);

const allowAll = { version: "1", default: "allow" } as const;
const echo = { command: process.execPath, args: [echoServer] };
const missing = { command: "callgate-test-no-such-program", args: [] };

async function serveWith(flags: Parameters<typeof startServe>[0]["servers"], settings: Record<string, unknown> = {}) {
  return startServe({ servers: { ...flags, good: [] }, policies: { all: allowAll }, settings });
}

/** A good server behind the same gateway still answers. */
async function expectAlive(gateway: Awaited<ReturnType<typeof startServe>>): Promise<void> {
  const good = await openHttpLegacy(gateway.url("good"), gateway.token());
  expect((await good.call("safe")).isError).toBe(false);
}

describe("a server that fails", () => {
  it("that cannot be found is named in the answer to the handshake", async () => {
    const gateway = await serveWith({ bad: missing });
    const response = await fetch(gateway.url("bad"), {
      method: "POST",
      body: initialize(1),
      headers: { authorization: `Bearer ${gateway.token()}`, "content-type": "application/json" },
    });
    const answer: unknown = await response.json();
    expect(answer).toMatchObject({ id: 1, error: { code: -31001, data: { code: "UPSTREAM_START_FAILED" } } });
    expect(JSON.stringify(answer)).toContain("`callgate-test-no-such-program` was not found");
    await gateway.rows.waitFor(1, (row) => row.kind === "event" && row.reason === "UPSTREAM_START_FAILED");
    await expectAlive(gateway);
  });

  it.each([
    ["in a folder that is not there", { cwd: "/no/such/folder" }, "the folder it is to run in is not there"],
    ["by what is no program", { command: "/", args: [] }, "`/` may not be run"],
  ])("that is to be started %s says so", async (_, change, says) => {
    const gateway = await serveWith({ bad: { ...echo, ...change } });
    const response = await fetch(gateway.url("bad"), {
      method: "POST",
      body: initialize(1),
      headers: { authorization: `Bearer ${gateway.token()}`, "content-type": "application/json" },
    });
    expect(await response.text()).toContain(says);
  });

  it("that hangs at its start is given up after its time-out", async () => {
    const gateway = await serveWith({ bad: { ...echo, args: [...echo.args, "--hang-on-start"], start_timeout: 1 } });
    const response = await fetch(gateway.url("bad"), {
      method: "POST",
      body: initialize(1),
      headers: { authorization: `Bearer ${gateway.token()}`, "content-type": "application/json" },
    });
    expect(await response.json()).toMatchObject({ error: { code: -31003, data: { code: "UPSTREAM_TIMEOUT" } } });
    await expectAlive(gateway);
    await until("the hanging server to be ended", () => (gateway.spy("bad").pids().some(isAlive) ? undefined : true));
  });

  it("that dies during a call answers it with how it died [R88]", async () => {
    const gateway = await serveWith({ bad: ["--exit-on-call"] });
    const client = await openHttpLegacy(gateway.url("bad"), gateway.token());
    const answer = await client.call("safe");
    expect(answer.error).toMatchObject({ code: -31002, data: { code: "UPSTREAM_EXITED" } });
    expect(answer.error?.message).toContain("exit code 1");
    // The session went with its server: the client is told to begin anew.
    const next = await client.post(request(9, "tools/call", { name: "safe" }));
    expect(next.status).toBe(404);
    await expectAlive(gateway);
  });

  it("that closes its output counts as ended, and is ended [B312]", async () => {
    const gateway = await serveWith({ bad: ["--close-stdout"] });
    const client = await openHttpLegacy(gateway.url("bad"), gateway.token());
    await gateway.rows.waitFor(1, (row) => row.kind === "event" && row.event === "upstream_exited");
    expect((await client.post(request(9, "tools/call", { name: "safe" }))).status).toBe(404);
    await until("its process to be gone", () => (gateway.spy("bad").pids().some(isAlive) ? undefined : true));
    await expectAlive(gateway);
  });

  it("keeps the charge of a call it may have seen, and says so in the audit [R88] [B205]", async () => {
    const limits = [{ counter: "c", window: "minute", max: 5 }];
    const gateway = await startServe({
      servers: { bad: ["--exit-on-call"] },
      policies: { p: { version: "1", default: "deny", tools: { safe: { limits } } } },
    });
    for (let i = 1; i <= 3; i += 1) {
      const client = await openHttpLegacy(gateway.url(), gateway.token());
      expect((await client.call("safe")).error?.data).toMatchObject({ code: "UPSTREAM_EXITED" });
      await gateway.rows.waitFor(i, (row) => row.kind === "outcome");
      expect(gateway.rows.calls().at(-1)?.limits).toMatchObject([{ before: String(i - 1), after: String(i) }]);
    }
    expect(gateway.rows.outcomes().map(({ status, isRefunded }) => ({ status, isRefunded }))).toEqual(
      Array.from({ length: 3 }, () => ({ status: "upstream_exited", isRefunded: false })),
    );
  });

  it("returns the charge of a call that was provably not sent, once [R87] [B206]", async () => {
    const limits = [{ counter: "c", window: "minute", max: 5 }];
    const gateway = startRun({
      policy: { version: "1", default: "deny", tools: { safe: { limits } } },
      server: ["--exit-on-call"],
    });
    const client = await openStdio(gateway.process, "legacy");
    expect((await client.call("safe")).error?.data).toMatchObject({ code: "UPSTREAM_EXITED" });
    // The server is gone and known to be gone: nothing can be sent, so nothing is charged.
    const second = await client.call("safe");
    expect(second.error?.data).toMatchObject({ code: "UPSTREAM_EXITED" });
    const outcomes = await gateway.rows.waitFor(2, (row) => row.kind === "outcome");
    expect(outcomes.at(-1)).toMatchObject({ status: "not_sent", isRefunded: true });
    const calls = gateway.rows.calls();
    expect(calls.map(({ limits: touched }) => touched[0]?.after)).toEqual(["1", "2"]);
    const third = await client.call("safe");
    expect(third.error).toBeDefined();
    // The second call's charge was returned: the third counts from one again.
    expect(gateway.rows.calls().at(-1)?.limits[0]).toMatchObject({ before: "1", after: "2" });
  });

  const noisy = ["--garbage", "--noise", "--flood"] as const;
  it.each(noisy)("with %s on its output still gets its calls answered [B306]", async (flag) => {
    const gateway = startRun({ policy: allowAll, server: [flag] });
    const client: Client = await openStdio(gateway.process, "legacy");
    const answer = await client.call("safe", { text: "x" });
    expect(answer.isError).toBe(false);
    expect(gateway.process.stderr()).not.toContain("INTERNAL");
  });

  it.each(["--bad-list", "--bad-entries"])(
    "with %s has its list withheld and its calls refused [R54]",
    async (flag) => {
      const gateway = await serveWith({ bad: [flag] });
      const client = await openHttpLegacy(gateway.url("bad"), gateway.token());
      const list = await client.request("tools/list");
      expect(list.result).toBeUndefined();
      expect(list.error?.message).toContain("withheld");
      expect((await client.call("safe")).error?.data).toMatchObject({ code: "UPSTREAM_GARBAGE" });
      expect(gateway.spy("bad").calls()).toEqual([]);
      await expectAlive(gateway);
    },
  );

  it("that never reads is given up after its time-out [B309]", async () => {
    const gateway = await serveWith({ bad: { ...echo, args: [...echo.args, "--never-read"], start_timeout: 1 } });
    const client = openHttpModern(gateway.url("bad"), gateway.token());
    expect((await client.call("safe")).error).toBeDefined();
    await expectAlive(gateway);
  });

  it("and what it forked is gone when the gateway has stopped [B310]", async () => {
    const gateway = startRun({ policy: allowAll, server: ["--ignore-sigterm-and-fork"] });
    const client = await openStdio(gateway.process, "legacy");
    expect((await client.call("safe")).isError).toBe(false);
    const pids = gateway.spy.pids();
    expect(pids.length).toBeGreaterThan(1);
    expect(pids.every(isAlive)).toBe(true);
    await gateway.process.kill();
    await until("its processes to be gone", () => (pids.some(isAlive) ? undefined : true));
  });

  it("has its own standard error passed on, without control characters", async () => {
    const gateway = startRun({ policy: allowAll, server: ["--noise"] });
    await openStdio(gateway.process, "legacy");
    await gateway.process.sees(/\[echo\] \uFFFD\[31ma line of the server's log\uFFFD/);
    expect(gateway.process.stderr()).not.toMatch(/[\u0007\u001b]/);
  });
});
