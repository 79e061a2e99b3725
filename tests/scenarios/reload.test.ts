import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern, openStdio } from "../kit/clients.ts";
import { type ServeGateway, startRun, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";

afterEach(closeAll);

const allowSafe = { version: "1", default: "deny", tools: { safe: {} } } as const;
const allowEvil = { version: "1", default: "deny", tools: { evil: {} } } as const;

async function loads(gateway: ServeGateway, count: number): Promise<void> {
  await gateway.rows.waitFor(count, (row) => row.kind === "event" && row.event === "policy_loaded");
}

describe("a policy file that changes", () => {
  it("judges the next call by the new version, with no reconnect [R39]", async () => {
    const gateway = await startServe({ policies: { p: allowSafe } });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    expect(await client.list()).toEqual(["safe"]);
    expect((await client.call("safe")).isError).toBe(false);
    gateway.writePolicy("p", allowEvil);
    await loads(gateway, 1);
    expect(await client.list()).toEqual(["evil"]);
    expect((await client.call("safe")).decision).toMatchObject({ code: "default_deny", policyVersion: 2 });
    expect((await client.call("evil")).isError).toBe(false);
    const versions = gateway.rows.calls().map(({ policy }) => policy?.version);
    expect(versions).toEqual([1, 2, 2]);
  });

  it("works the same in `callgate run` [R39]", async () => {
    const gateway = startRun({ policy: allowSafe });
    const client = await openStdio(gateway.process, "legacy");
    expect((await client.call("evil")).isError).toBe(true);
    gateway.writePolicy(allowEvil);
    await gateway.process.sees(/reloaded/);
    expect((await client.call("evil")).isError).toBe(false);
  });

  const broken = [
    { name: "truncated", text: '{"version":"1","default":"al' },
    { name: "empty", text: "" },
    { name: "with a mistyped key", text: '{"version":"1","default":"allow","toolz":{}}' },
    { name: "that only says `{}`", text: "{}" },
  ];
  it.each(broken)("$name is refused and the last good one stays [B408] [B409] [B414]", async ({ text }) => {
    const gateway = await startServe({ policies: { p: allowSafe } });
    const client = openHttpModern(gateway.url(), gateway.token());
    expect((await client.call("evil")).isError).toBe(true);
    gateway.writePolicy("p", text);
    await gateway.process.sees(/the last good one stays in force/);
    await gateway.rows.waitFor(1, (row) => row.kind === "event" && row.event === "policy_rejected");
    expect((await client.call("evil")).decision).toMatchObject({ code: "default_deny", policyVersion: 1 });
    expect((await client.call("safe")).isError).toBe(false);
    gateway.writePolicy("p", allowEvil);
    await loads(gateway, 1);
    expect((await client.call("evil")).isError).toBe(false);
  });

  it("is followed through a rename, a swapped link and a deleted file [B409]", async () => {
    const gateway = await startServe({ policies: { p: allowSafe } });
    const client = openHttpModern(gateway.url(), gateway.token());
    const file = join(gateway.folder, "p.policy.json");
    const other = join(gateway.folder, "other.json");
    const isAllowed = async (tool: string): Promise<boolean> => !(await client.call(tool)).isError;

    writeFileSync(other, JSON.stringify(allowEvil));
    renameSync(other, file);
    await loads(gateway, 1);
    expect([await isAllowed("safe"), await isAllowed("evil")]).toEqual([false, true]);

    rmSync(file);
    await gateway.process.sees(/the last good one stays in force/);
    expect([await isAllowed("safe"), await isAllowed("evil")]).toEqual([false, true]);

    writeFileSync(other, JSON.stringify(allowSafe));
    symlinkSync(other, file);
    await loads(gateway, 2);
    expect([await isAllowed("safe"), await isAllowed("evil")]).toEqual([true, false]);
  });

  it("judges each of many calls by one version, while it changes all the time [B410]", async () => {
    const gateway = await startServe({ policies: { p: allowSafe } });
    const client = openHttpModern(gateway.url(), gateway.token());
    let isDone = false;
    const rewriting = (async () => {
      for (let i = 0; !isDone; i += 1) {
        gateway.writePolicy("p", { ...(i % 2 === 0 ? allowSafe : allowEvil), description: `edit ${i}` });
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    })();
    for (let i = 0; i < 300; i += 1) await client.call(i % 2 === 0 ? "safe" : "evil");
    isDone = true;
    await rewriting;
    const hashOfVersion = new Map<number, string>();
    for (const { policy, tool, outcome } of gateway.rows.calls()) {
      if (policy === null) throw new Error("a call without a policy");
      expect(hashOfVersion.get(policy.version) ?? policy.sha256).toBe(policy.sha256);
      hashOfVersion.set(policy.version, policy.sha256);
      expect(["safe", "evil"]).toContain(tool);
      expect(["allow", "deny"]).toContain(outcome);
    }
    expect(hashOfVersion.size).toBeGreaterThan(1);
  });
});

describe("a gateway with a broken policy", () => {
  it("does not start, and lists every problem [R35] [R36] [R37]", async () => {
    const policy = '{"version":"2","default":"maybe","tools":{"safe":{"deny_iff":[]}}}';
    const gateway = startRun({ policy });
    expect(await gateway.process.exit).toMatchObject({ code: 1 });
    const text = gateway.process.stderr();
    for (const pointer of ["/version", "/default", "/tools/safe/deny_iff"]) expect(text).toContain(pointer);
    expect(text).toContain("did you mean `deny_if`?");
    await until("nothing to be started", () => (gateway.spy.pids().length === 0 ? true : undefined));
  });
});
