import { copyFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { sqliteMigrations } from "../../src/store/migrations/sqlite/all.ts";
import { ended, nextMessage, startChild } from "./child.ts";
import { dumpTables, inspectFile, makeFixture, oldestSchema } from "./dump.ts";
import { fakeClock } from "./fake-clock.ts";
import { admission, charge, decimal, inFlight, settlement } from "./fixtures.ts";
import { cleanUpsAfterEach, newPath, openAt } from "./temporary.ts";

const cleanUps = cleanUpsAfterEach();
const newest = sqliteMigrations.length;

/** When the fixture's program was killed. */
const leftAt = "2026-03-01T12:00:21Z";

/** The tables of the oldest schema with what is in them. */
function oldTables(path: string): Readonly<Record<string, readonly unknown[] | undefined>> {
  const { store, counters, leases, marks, open_calls, rows } = dumpTables(path);
  return { store, counters, leases, marks, open_calls, rows };
}

describe("a store of the oldest schema", () => {
  it("is opened with everything that was in it, and worked on", async () => {
    const path = await newPath(cleanUps);
    makeFixture(path);
    const before = dumpTables(path);
    expect(inspectFile(path).schema).toBe(oldestSchema);

    const store = await openAt(path, cleanUps, { clock: fakeClock(leftAt) });
    expect(inspectFile(path)).toEqual({ schema: newest, check: "ok" });
    const after = dumpTables(path);
    for (const table of ["counters", "marks"]) expect(after[table]).toEqual(before[table]);
    const rows = await store.query({ limit: 1_000 });
    expect(rows.slice(0, 38).map(({ sequence }) => sequence)).toEqual(Array.from({ length: 38 }, (_, i) => i + 1));
    expect(after["rows"]?.slice(0, 38)).toEqual(before["rows"]);

    // Two calls were under way when it was killed: they end as unknown, and their places are free.
    const ends = rows.slice(38).map((row) => (row.kind === "outcome" ? [row.requestId, row.status] : []));
    expect(ends).toEqual([
      ["fixture-19", "unknown"],
      ["fixture-20", "unknown"],
    ]);
    expect(after["leases"]).toEqual([]);

    // Counters go on where they stood: 9 of 10, 3 of 3, 37.5 of 500.
    const rate = charge();
    expect((await store.admit(admission("a", { charges: [rate, inFlight(1)] }))).kind).toBe("admitted");
    expect((await store.admit(admission("b", { charges: [rate] }))).kind).toBe("limit_reached");
    const pay = charge({ key: "local/shop/pay/rate", max: decimal(3) });
    expect((await store.admit(admission("c", { charges: [pay] }))).kind).toBe("limit_reached");
    const window = { kind: "calendar", unit: "day", timeZone: "Europe/Berlin" } as const;
    const spend = charge({ key: "local/shop/refund/spend", window, max: decimal(500) });
    const left = { ...spend, amount: decimal("462.5") };
    expect((await store.admit(admission("d", { charges: [{ ...left, amount: decimal("462.6") }] }))).kind).toBe(
      "limit_reached",
    );
    expect((await store.admit(admission("e", { charges: [left] }))).kind).toBe("admitted");
    await store.settle(settlement("a"));
    await store.settle(settlement("e"));
    expect((await store.query({ last: 1 }))[0]).toMatchObject({ kind: "outcome", requestId: "e" });
  });

  it("keeps the salt of its digests", async () => {
    const path = await newPath(cleanUps);
    makeFixture(path);
    const [row] = dumpTables(path)["store"] ?? [];
    const store = await openAt(path, cleanUps, { clock: fakeClock(leftAt) });
    expect(row).toMatchObject({ digest_salt: new Uint8Array(store.digestSalt) });
  });
});

describe("an older program", () => {
  it("refuses a file of a newer one and leaves it as it is [D28]", async () => {
    const path = await newPath(cleanUps);
    await (await openAt(path, cleanUps)).close();
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA user_version = ${newest + 1}`);
    db.close();
    const before = dumpTables(path);
    await expect(openAt(path, cleanUps)).rejects.toMatchObject({ code: "STORE_TOO_NEW" });
    expect(inspectFile(path)).toEqual({ schema: newest + 1, check: "ok" });
    expect(dumpTables(path)).toEqual(before);
  });
});

/** How many processes are killed while they migrate, the last of them when they are done. */
const kills = 100;
const killsWhenDone = 5;
/** Statements of the newest schema change: a process dies behind each of them. */
const points = (
  sqliteMigrations
    .slice(oldestSchema)
    .join("")
    .match(/;\n(?=\n|CREATE|INSERT|UPDATE|ALTER|DROP|$)/g) ?? []
).length;

/** Kills one process on its way through the migration: behind a statement, a little later from outside, or at the end. */
async function migrateAndDie(path: string, kill: number): Promise<void> {
  const child = startChild("./migrate-child.ts", path, String(kill < points ? kill + 1 : -1));
  if (kill >= points) {
    await nextMessage(child);
    if (kill < kills - killsWhenDone) await wait((kill - points) / 4);
    else await nextMessage(child);
    child.kill("SIGKILL");
  }
  await ended(child);
}

// Guards the promise of an upgrade: whatever moment it is cut off at, the store is the old one or the new one, whole.
it("[D28] a migration that is killed at any of 100 points leaves the old schema or the new one, with every row", async () => {
  const original = await newPath(cleanUps);
  makeFixture(original);
  const before = oldTables(original);
  const left: number[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < kills) {
      const kill = (next += 1) - 1;
      const path = `${original}-${kill}`;
      copyFileSync(original, path);
      await migrateAndDie(path, kill);
      const { schema, check } = inspectFile(path);
      expect({ kill, check }).toEqual({ kill, check: "ok" });
      expect([oldestSchema, newest]).toContain(schema);
      expect(oldTables(path)).toEqual(before);
      expect("control" in dumpTables(path)).toBe(schema === newest);
      left.push(schema);
      const store = await openAt(path, cleanUps, { clock: fakeClock(leftAt) });
      expect((await store.query({ limit: 1_000 })).length).toBe(40);
      await store.close();
      expect(inspectFile(path)).toEqual({ schema: newest, check: "ok" });
    }
  };
  await Promise.all([work(), work()]);
  expect(points).toBeGreaterThan(10);
  expect(points).toBeLessThan(kills - killsWhenDone);
  expect(left.filter((schema) => schema === oldestSchema).length).toBeGreaterThanOrEqual(points);
  expect(left.filter((schema) => schema === newest).length).toBeGreaterThanOrEqual(killsWhenDone);
}, 600_000);
