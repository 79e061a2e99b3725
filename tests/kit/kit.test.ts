import { afterEach, describe, expect, it } from "vitest";
import { openStdio } from "./clients.ts";
import { startRun, startServe } from "./gateway.ts";
import { openEveryLane } from "./lanes.ts";
import { closeAll } from "./opened.ts";
import { isAlive } from "./spy.ts";

const policy = { version: "1", default: "deny", tools: { safe: {} } };

afterEach(closeAll);

describe("the kit", () => {
  it("speaks to a gateway on all four lanes, and sees a list cut, a call allowed and one denied", async () => {
    for (const { client } of await openEveryLane(policy)) {
      expect(await client.list(), client.lane).toEqual(["safe"]);
      expect(await client.call("safe", { text: "hello" })).toMatchObject({ isError: false, error: undefined });
      const denied = await client.call("evil");
      expect(denied.decision, client.lane).toMatchObject({ outcome: "deny", code: "default_deny" });
    }
  });

  it("reads the spy and the audit rows, and leaves no process behind", async () => {
    const gateway = startRun({ policy });
    const client = await openStdio(gateway.process, "legacy");
    await client.call("evil");
    await client.call("safe");
    await gateway.rows.waitFor(1, (row) => row.kind === "outcome");
    expect(gateway.rows.calls().map(({ tool, outcome }) => `${tool} ${outcome}`)).toEqual(["evil deny", "safe allow"]);
    expect(gateway.spy.calls()).toHaveLength(1);
    const pids = gateway.spy.pids();
    expect(pids.map(isAlive)).toEqual([true]);
    // The client's end of the pipe is open all the while: the gateway does not wait for it.
    expect(await gateway.process.kill()).toEqual({ code: 0, signal: null });
    expect(pids.map(isAlive)).toEqual([false]);
  });

  it("says what a gateway said when it does not start", async () => {
    await expect(startServe({ policies: { alice: "{" } })).rejects.toThrow("alice.policy.json");
  });
});
