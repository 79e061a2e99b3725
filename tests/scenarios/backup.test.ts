import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { startAdmin } from "../kit/admin.ts";
import { openHttpModern } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { readRows } from "../kit/rows.ts";
import { runCommand } from "../kit/run-command.ts";
import { dumpTables, inspectFile, makeFixture } from "../store/dump.ts";

afterEach(closeAll);

const policy = {
  version: "1",
  default: "deny",
  tools: { safe: { limits: [{ counter: "calls", window: "day", max: 1_000_000, scope: "grant" }] } },
} as const;

/** How much a counter of the store has used, by its one key. */
function used(file: string): number {
  const [counter] = dumpTables(file)["counters"] ?? [];
  const state = /"state":"c1 \d+ \d+ (\d+)"/.exec(JSON.stringify(counter));
  return Number(state?.[1] ?? Number.NaN);
}

function allowedRows(file: string): number {
  return readRows(file)
    .calls()
    .filter((row) => row.outcome === "allow").length;
}

/** Calls without a pause until it is told to stop; how many calls were allowed. */
function keepCalling(gateway: ServeGateway): { stop(): Promise<number> } {
  const client = openHttpModern(gateway.url(), gateway.token());
  let isOver = false;
  const work = async (): Promise<number> => {
    let allowed = 0;
    while (!isOver) if ((await client.call("safe")).result !== undefined) allowed += 1;
    return allowed;
  };
  const workers = Promise.all(Array.from({ length: 4 }, work));
  return {
    stop: async () => {
      isOver = true;
      return (await workers).reduce((sum, count) => sum + count, 0);
    },
  };
}

describe("callgate backup", () => {
  it("copies a store that a gateway works on: every counter fits the rows in it [D28]", async () => {
    const gateway = await startServe({ policies: { p: policy } });
    const load = keepCalling(gateway);
    await gateway.rows.waitFor(50, (row) => row.kind === "call");
    const copies = [1, 2, 3].map((n) => join(gateway.folder, `copy-${n}.sqlite`));
    for (const copy of copies) {
      const { code, out, err } = await runCommand(["backup", copy], gateway.folder);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toContain("checked");
      expect(out).toContain(
        `the key of stored secrets is not in it: it is the file \`${gateway.folder}/callgate.key\``,
      );
    }
    const calls = await load.stop();
    expect(calls).toBeGreaterThan(50);
    const live = JSON.stringify(gateway.rows.after());
    let before = 0;
    for (const copy of copies) {
      expect(inspectFile(copy).check).toBe("ok");
      expect(statSync(copy).mode & 0o777).toBe(0o600);
      const count = allowedRows(copy);
      expect(count).toBeGreaterThan(before);
      expect(used(copy)).toBe(count);
      // What the copy has is what the store has, from the first row on.
      expect(live.startsWith(JSON.stringify(readRows(copy).after()).slice(0, -1))).toBe(true);
      before = count;
    }
    // Nothing else is left: no draft, and no log beside a copy.
    expect(readdirSync(gateway.folder).filter((name) => name.startsWith("copy-"))).toEqual(
      copies.map((copy) => copy.slice(gateway.folder.length + 1)),
    );
    const key = readFileSync(join(gateway.folder, "callgate.key"), "utf8").trim();
    expect(readFileSync(copies[0] ?? "").includes(Buffer.from(key, "base64"))).toBe(false);
  });

  it("never writes over a file, and copies only a store", async () => {
    const home = makeFolder();
    const store = join(home, "callgate.sqlite");
    expect(await runCommand(["backup", join(home, "x")], home)).toMatchObject({
      code: 3,
      err: expect.stringContaining("NOT_FOUND"),
    });
    makeFixture(store);
    const taken = join(home, "taken");
    writeFileSync(taken, "mine");
    expect(await runCommand(["backup", taken], home)).toMatchObject({
      code: 3,
      err: expect.stringContaining("FILE_EXISTS"),
    });
    expect(readFileSync(taken, "utf8")).toBe("mine");
    const other = join(home, "other.sqlite");
    const db = new DatabaseSync(other);
    db.exec("CREATE TABLE t(x)");
    db.close();
    const copy = join(home, "copy");
    expect(await runCommand(["backup", copy, "--store", other], home)).toMatchObject({
      code: 3,
      err: expect.stringContaining("no database of Callgate's"),
    });
    expect(existsSync(copy)).toBe(false);
    expect(await runCommand(["backup"], home)).toMatchObject({
      code: 2,
      err: expect.stringContaining("name one file"),
    });
  });
});

describe("callgate restore", () => {
  it("refuses while a gateway runs, then brings back counters, rows and policies, and keeps what was there [D28]", async () => {
    const first = await startServe({ policies: { p: policy } });
    const client = openHttpModern(first.url(), first.token());
    for (let i = 0; i < 5; i += 1) await client.call("safe");
    const copy = join(first.folder, "copy.sqlite");
    expect((await runCommand(["backup", copy], first.folder)).code).toBe(0);
    for (let i = 0; i < 3; i += 1) await client.call("safe");
    const refused = await runCommand(["restore", copy], first.folder);
    expect(refused).toMatchObject({ code: 3, err: expect.stringContaining("STORE_IN_USE") });
    await first.process.kill();

    const { code, out, err } = await runCommand(["restore", copy, "--json"], first.folder);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const report: { readonly formerFile?: unknown; readonly rows?: unknown } = JSON.parse(out);
    const former = String(report.formerFile);
    const store = join(first.folder, "callgate.sqlite");
    expect({ former: allowedRows(former), used: used(former) }).toEqual({ former: 8, used: 8 });
    expect({ store: allowedRows(store), used: used(store) }).toEqual({ store: 5, used: 5 });
    expect(statSync(store).mode & 0o777).toBe(0o600);
    expect(statSync(former).mode & 0o777).toBe(0o600);

    const second = await startServe({
      policies: { p: policy },
      folder: first.folder,
      tokens: { p: first.token() },
    });
    expect((await openHttpModern(second.url(), second.token()).call("safe")).error).toBeUndefined();
    await second.process.kill();
    expect({ rows: allowedRows(store), used: used(store) }).toEqual({ rows: 6, used: 6 });
  });

  it("refuses a file that is damaged, newer or not a store, and leaves the store as it was", async () => {
    const home = makeFolder();
    const store = join(home, "callgate.sqlite");
    makeFixture(store);
    const before = dumpTables(store);
    const good = join(home, "good.sqlite");
    expect((await runCommand(["backup", good], home)).code).toBe(0);
    const damaged = join(home, "damaged.sqlite");
    const bytes = readFileSync(good);
    bytes.fill(0xee, 8_192, 12_288);
    writeFileSync(damaged, bytes);
    const newer = join(home, "newer.sqlite");
    copyFileSync(good, newer);
    const db = new DatabaseSync(newer);
    db.exec("PRAGMA user_version = 99");
    db.close();
    const text = join(home, "text");
    writeFileSync(text, "not a database, but long enough to be looked at as one".repeat(100));
    const cases = {
      [damaged]: "STORE_CORRUPT",
      [newer]: "STORE_TOO_NEW",
      [text]: "STORE_CORRUPT",
      [`${good}-no`]: "NOT_FOUND",
    };
    for (const [file, says] of Object.entries(cases)) {
      expect(await runCommand(["restore", file], home)).toMatchObject({ code: 3, err: expect.stringContaining(says) });
      expect(dumpTables(store)).toEqual(before);
    }
    expect(readdirSync(home).filter((name) => /tmp|before-restore/.test(name))).toEqual([]);
  });

  it("says what works again that had been ended, and which secrets the key does not open", async () => {
    const home = makeFolder();
    const gateway = await startServe({ policies: { p: policy }, folder: home });
    await gateway.process.kill();
    const store = join(home, "callgate.sqlite");
    const db = new DatabaseSync(store);
    db.exec(`INSERT INTO grants (id, label, tags, show_denied, created_by, created_ms, updated_ms, revision)
      VALUES ('g1', 'laptop', '{}', 0, 'ada', 1, 1, 1);
      INSERT INTO grant_tokens (token_sha256, grant_id, created_ms) VALUES ('aa', 'g1', 1);
      INSERT INTO members (id, email, name, role, password_hash, created_ms, revision)
      VALUES ('ada', 'ada@example.com', 'Ada', 'admin', 'of then', 1, 1);
      INSERT INTO sessions (id_sha256, member_id, csrf_token, created_ms, seen_ms) VALUES ('ss', 'ada', 'x', 1, 1);
      INSERT INTO grants (id, label, tags, show_denied, created_by, created_ms, updated_ms, revision)
      VALUES ('g2', 'a client', '{}', 0, 'ada', 1, 1, 1);
      INSERT INTO secrets (id, server, grant_id, kind, name, origin, version, sealed, set_by, created_ms, updated_ms)
      VALUES ('sec_1', 'notes', '', 'header', 'x-api-key', 'https://notes.example.com', 1, 'nonsense', 'ada', 1, 1)`);
    const copy = join(home, "copy.sqlite");
    expect((await runCommand(["backup", copy], home)).code).toBe(0);
    db.exec("UPDATE grants SET revoked_ms = 2; DELETE FROM grant_tokens; DELETE FROM secrets; DELETE FROM sessions");
    db.exec("UPDATE members SET password_hash = 'of now', role = 'viewer'");
    db.close();
    const { code, out } = await runCommand(["restore", copy], home);
    expect(code).toBe(1);
    expect(out).toContain("works again the grant g1 (laptop)");
    expect(out).toContain("works again the grant g2 (a client)");
    expect(out).toContain("works again the former password of ada@example.com");
    expect(out).toContain("works again the former role of ada@example.com");
    expect(dumpTables(store)["sessions"]).toEqual([]);
    expect(out).toContain("the header `x-api-key` of the server `notes`: a stored secret cannot be opened");
  });

  it("needs the key that was kept apart, and says so", async () => {
    const { gateway, tokens } = await startAdmin({ settings: { allow: { private_addresses: true } } });
    const env = { CALLGATE_URL: gateway.origin, CALLGATE_TOKEN: tokens.admin };
    const ask = (args: readonly string[], input = "") => runCommand(args, gateway.folder, { env, input });
    expect((await ask(["servers", "add", "notes", "--address", "http://127.0.0.1:9/mcp"])).code).toBe(0);
    expect((await ask(["credentials", "set", "notes", "x-api-key", "--value-stdin"], "a-secret")).code).toBe(0);
    const copy = join(gateway.folder, "copy.sqlite");
    expect((await ask(["backup", copy])).code).toBe(0);
    const elsewhere = makeFolder();
    const without = await runCommand(["restore", copy], elsewhere);
    expect(without.code).toBe(1);
    expect(without.out).toContain(`problem the key, the file \`${elsewhere}/callgate.key\`, is not there`);
    expect(existsSync(join(elsewhere, "callgate.key"))).toBe(false);
    writeFileSync(join(elsewhere, "callgate.key"), `${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
    const wrong = await runCommand(["restore", copy], elsewhere);
    expect(wrong.code).toBe(1);
    expect(wrong.out).toContain("the header `x-api-key` of the server `notes`: a stored secret cannot be opened");
    copyFileSync(join(gateway.folder, "callgate.key"), join(elsewhere, "callgate.key"));
    const right = await runCommand(["restore", copy], elsewhere);
    expect(right).toMatchObject({ code: 0, err: "" });
    expect(right.out).toMatch(/the present key opens all \d+ secrets in it/);
  });
});
