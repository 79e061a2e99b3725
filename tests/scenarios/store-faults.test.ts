import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpModern } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { startRun, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";

// A store that cannot take a decision means that nothing is forwarded; when it is well again, so is the gateway.

afterEach(closeAll);

const policies = {
  p: {
    version: "1",
    default: "deny",
    tools: { safe: { limits: [{ counter: "c", window: "minute", max: 1000 }] }, refund: {} },
  },
} as const;

describe("a gateway whose store fails", () => {
  it("denies while another process keeps the file locked, and goes on afterwards [R91] [R109]", async () => {
    const gateway = await startServe({ policies });
    const client = openHttpModern(gateway.url(), gateway.token());
    expect((await client.call("safe")).isError).toBe(false);
    const sent = gateway.spy().calls().length;
    const locker = new DatabaseSync(join(gateway.folder, "callgate.sqlite"), { timeout: 5_000 });
    locker.exec("BEGIN IMMEDIATE");
    const limited = await client.call("safe");
    expect(limited.decision).toMatchObject({ outcome: "deny", code: "store_unavailable", rule: "(store)" });
    const unlimited = await client.call("refund", { amount: 1 });
    expect(unlimited.decision).toMatchObject({ outcome: "deny", code: "audit_unavailable", rule: "(audit)" });
    expect(gateway.spy().calls()).toHaveLength(sent);
    locker.exec("ROLLBACK");
    locker.close();
    expect((await client.call("safe")).isError).toBe(false);
    expect(gateway.spy().calls()).toHaveLength(sent + 1);
  });

  it("denies when the file is taken away or replaced under it [B362]", async () => {
    const gateway = await startServe({ policies });
    const client = openHttpModern(gateway.url(), gateway.token());
    expect((await client.call("safe")).isError).toBe(false);
    const file = join(gateway.folder, "callgate.sqlite");
    renameSync(file, `${file}.away`);
    const sent = gateway.spy().calls().length;
    const answer = await client.call("safe");
    expect(answer.decision).toMatchObject({ code: "store_unavailable" });
    expect(gateway.spy().calls()).toHaveLength(sent);
    renameSync(`${file}.away`, file);
    const again = await client.call("safe");
    expect(again.isError).toBe(false);
  });

  it("does not start on a corrupt file, and says which", async () => {
    const folder = makeFolder();
    mkdirSync(folder, { recursive: true });
    const store = join(folder, "callgate.sqlite");
    writeFileSync(store, "this is not a database, whatever its name says".repeat(100));
    const gateway = startRun({ policy: policies.p, folder });
    expect(await gateway.process.exit).toMatchObject({ code: 3 });
    expect(gateway.process.stderr()).toContain("STORE_CORRUPT");
  });

  it("does not start on a file that is cut in the middle of a page", async () => {
    const folder = makeFolder();
    const first = await startServe({ policies, folder });
    const client = openHttpModern(first.url(), first.token());
    for (let i = 0; i < 20; i += 1) await client.call("safe");
    await first.process.kill();
    const store = join(folder, "callgate.sqlite");
    rmSync(`${store}-wal`, { force: true });
    truncateSync(store, Math.floor(statSync(store).size / 2) + 100);
    const descriptor = openSync(store, "r+");
    writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, 4096);
    closeSync(descriptor);
    const gateway = startRun({ policy: policies.p, folder });
    expect(await gateway.process.exit).toMatchObject({ code: 3 });
    expect(gateway.process.stderr()).toMatch(/STORE_(CORRUPT|UNAVAILABLE)/);
  });
});
