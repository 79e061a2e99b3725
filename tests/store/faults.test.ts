import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { NodeLock } from "../../src/store/sqlite/node-lock.ts";
import { migrate } from "../../src/store/sqlite/migrate.ts";
import { migration0001 } from "../../src/store/migrations/sqlite/0001-first.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { newFolder } from "../suites/store-kinds.ts";
import { ended, nextMessage, startChild } from "./child.ts";
import { fakeClock } from "./fake-clock.ts";
import { admission, charge, decimal, inFlight, settlement } from "./fixtures.ts";
import { cleanUpsAfterEach, newPath, openAt } from "./temporary.ts";

const cleanUps = cleanUpsAfterEach();
const many = [charge({ max: decimal(1_000_000) })];
let requests = 0;

/** Admits one call and ends it: `admitted`, or the code of the fault. */
async function tryCall(store: Store): Promise<string> {
  const requestId = `req_${(requests += 1)}`;
  try {
    const { kind } = await store.admit(admission(requestId, { charges: many }));
    await store.settle(settlement(requestId));
    return kind;
  } catch (error) {
    return faultCode(error);
  }
}

function faultCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** Calls until one is admitted again; fails after about 5 seconds. */
async function recovers(store: Store): Promise<void> {
  for (let i = 0; i < 50; i += 1) {
    if ((await tryCall(store)) === "admitted") return;
    await wait(100);
  }
  throw new Error("the store did not recover");
}

async function openFault(path: string): Promise<string> {
  try {
    await (await openSqliteStore({ path, clock: fakeClock() })).close();
    return "opened";
  } catch (error) {
    return faultCode(error);
  }
}

/** Mounts a small file system, or tells that this user cannot. */
async function mountSmall(...options: readonly string[]): Promise<string | undefined> {
  const folder = await newFolder();
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options.join(","), "none", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  cleanUps.push(() => execFileSync("umount", ["--lazy", folder]));
  return folder;
}

it("[R91] [B360] [B436] [D09] a full disk denies, and room on it is enough to go on", async (test) => {
  const folder = await mountSmall("size=1m");
  if (folder === undefined) return test.skip("mounting a small file system needs root");
  const path = join(folder, "store.db");
  const store = await openAt(path, cleanUps, { durability: "power-loss" });
  let admitted = 0;
  for (let answer = "admitted"; answer === "admitted"; admitted += 1) answer = await tryCall(store);
  expect(admitted).toBeGreaterThan(10);
  for (let i = 0; i < 3; i += 1) expect(await tryCall(store)).toBe("STORE_UNAVAILABLE");
  await expect(store.admit(admission("why", { charges: many }))).rejects.toThrow("the disk is full");
  execFileSync("mount", ["-o", "remount,size=8m", folder]);
  await recovers(store);
  const rows = await store.query({ limit: 1_000_000 });
  expect(rows.filter((row) => row.kind === "call").length).toBeGreaterThanOrEqual(admitted);
});

it("[R91] [B436] a file system that is read-only is a fault at open", async (test) => {
  const folder = await mountSmall("size=1m", "ro");
  if (folder === undefined) return test.skip("mounting a small file system needs root");
  expect(await openFault(join(folder, "store.db"))).toBe("STORE_UNAVAILABLE");
});

it("[R91] [B436] a folder that cannot be made is a fault at open", async () => {
  const path = await newPath(cleanUps);
  writeFileSync(path, "");
  expect(await openFault(join(path, "below", "a-file.db"))).toBe("STORE_UNAVAILABLE");
});

it("[R91] a store locked by another process denies after its time-out, and goes on when it is free", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps, { lockTimeoutMs: 100 });
  const child = startChild("./lock-child.ts", path);
  await nextMessage(child);
  const group = await Promise.all([tryCall(store), tryCall(store), tryCall(store)]);
  expect(group).toEqual(["STORE_UNAVAILABLE", "STORE_UNAVAILABLE", "STORE_UNAVAILABLE"]);
  child.send("let go");
  await ended(child);
  expect(await tryCall(store)).toBe("admitted");
});

it("[R91] a lock held for a moment only delays, and the event loop goes on meanwhile", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps, { lockTimeoutMs: 10_000 });
  const child = startChild("./lock-child.ts", path);
  await nextMessage(child);
  const call = tryCall(store);
  let turns = 0;
  while (turns < 20) {
    await wait(5);
    turns += 1;
  }
  child.kill("SIGKILL");
  await ended(child);
  expect(await call).toBe("admitted");
});

it("[B437] a file damaged while it is closed is refused at open", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps);
  for (let i = 0; i < 50; i += 1) await tryCall(store);
  await store.close();
  const good = readFileSync(path);
  writeFileSync(path, damaged(good));
  expect(await openFault(path)).toBe("STORE_CORRUPT");
  // One page that nothing at open would read by itself.
  writeFileSync(path, Buffer.from(good).fill(0xa5, good.length - 4096));
  expect(await openFault(path)).toBe("STORE_CORRUPT");
  writeFileSync(path, "this is no database, but it is long enough to be taken for one by its size".repeat(100));
  expect(await openFault(path)).toBe("STORE_CORRUPT");
  writeFileSync(path, good);
  expect(await openFault(path)).toBe("opened");
});

it("[R91] [B437] a file damaged while it is in use denies, and goes on when it is whole again", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps);
  for (let i = 0; i < 50; i += 1) await tryCall(store);
  const other = new DatabaseSync(path);
  other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  other.close();
  const good = readFileSync(path);
  writeFileSync(path, damaged(good));
  for (let i = 0; i < 3; i += 1) {
    expect(await tryCall(store)).toBe("STORE_CORRUPT");
    await expect(store.query({})).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  }
  writeFileSync(path, good);
  await recovers(store);
});

/** Every page but the first overwritten. */
function damaged(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  return copy.fill(0xa5, 4096);
}

it("a counter that cannot be read is corruption, never a fresh counter", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps);
  await tryCall(store);
  const other = new DatabaseSync(path);
  other.exec("UPDATE counters SET state = 's1 60000'");
  expect(await tryCall(store)).toBe("STORE_CORRUPT");
  other.exec("DELETE FROM counters");
  other.close();
  await recovers(store);
});

it("an open call of a dead process that cannot be read is corruption at open, every time", async () => {
  const path = await newPath(cleanUps);
  await (await openAt(path, cleanUps)).close();
  const db = new DatabaseSync(path);
  db.exec("INSERT INTO open_calls (request_id, node, receipt) VALUES ('lost', 'node_dead', '[1,')");
  expect(await openFault(path)).toBe("STORE_CORRUPT");
  expect(await openFault(path)).toBe("STORE_CORRUPT");
  expect(readdirSync(`${path}-nodes`)).toEqual([]);
  db.exec("DELETE FROM open_calls");
  db.close();
  expect(await openFault(path)).toBe("opened");
});

it.each([
  { name: "deleted", spoil: (path: string) => rmSync(path) },
  { name: "renamed", spoil: (path: string) => renameSync(path, `${path}.old`) },
  { name: "made read-only", spoil: (path: string) => chmodSync(path, 0o400) },
  {
    name: "replaced by another file",
    spoil: (path: string) => {
      writeFileSync(`${path}.new`, readFileSync(path));
      renameSync(`${path}.new`, path);
    },
  },
  {
    name: "replaced by a link",
    spoil: (path: string) => {
      renameSync(path, `${path}.old`);
      symlinkSync(`${path}.old`, path);
    },
  },
])("[B362] a file that is $name while in use is noticed at the next call", async ({ spoil }) => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps);
  expect(await tryCall(store)).toBe("admitted");
  spoil(path);
  expect(await tryCall(store)).toBe("STORE_UNAVAILABLE");
  expect(await tryCall(store)).toBe("STORE_UNAVAILABLE");
});

it("[B362] a file that is put back goes on", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps);
  renameSync(path, `${path}.old`);
  expect(await tryCall(store)).toBe("STORE_UNAVAILABLE");
  renameSync(`${path}.old`, path);
  expect(await tryCall(store)).toBe("admitted");
});

it("[B434] a schema of a later version is refused", async () => {
  const path = await newPath(cleanUps);
  await (await openAt(path, cleanUps)).close();
  const db = new DatabaseSync(path);
  db.exec("PRAGMA user_version = 99");
  db.close();
  expect(await openFault(path)).toBe("STORE_TOO_NEW");
});

it("[B433] a migration that stops half-way leaves the old schema", async () => {
  const db = new DatabaseSync(await newPath(cleanUps));
  migrate(db, [migration0001]);
  expect(() => migrate(db, [migration0001, "CREATE TABLE half (a); CREATE TABLE half (a)"])).toThrow("already exists");
  expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all()).toEqual([]);
  expect(db.prepare("PRAGMA user_version").all()).toEqual([{ user_version: 1 }]);
  migrate(db, [migration0001, "CREATE TABLE whole (a)"]);
  expect(db.prepare("PRAGMA user_version").all()).toEqual([{ user_version: 2 }]);
  db.close();
});

it("the database of another program is left alone", async () => {
  const path = await newPath(cleanUps);
  const db = new DatabaseSync(path);
  db.exec("CREATE TABLE photos (id INTEGER)");
  db.close();
  expect(await openFault(path)).toBe("STORE_UNAVAILABLE");
});

it("only its owner can read the store", async () => {
  const path = join(dirname(await newPath(cleanUps)), "made", "store.db");
  const store = await openAt(path, cleanUps);
  await tryCall(store);
  const modes = [dirname(path), path, `${path}-wal`, `${path}-shm`, `${path}-nodes`].map(
    (file) => statSync(file).mode & 0o777,
  );
  expect(modes).toEqual([0o700, 0o600, 0o600, 0o600, 0o700]);
});

it("a store that was readable for others is closed to them at open", async () => {
  const path = await newPath(cleanUps);
  await (await openAt(path, cleanUps)).close();
  chmodSync(path, 0o644);
  await openAt(path, cleanUps);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("leaves nothing but its file when it is closed", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps);
  await tryCall(store);
  await store.close();
  expect(execFileSync("ls", ["-R", dirname(path)], { encoding: "utf8" }).match(/node_|wal|shm/)).toBeNull();
});

// Guards against a measured trap: a statement that is left half-read keeps SQLite from ever starting its log anew.
it("the write-ahead log stays small however many calls are made one by one", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps);
  for (let i = 0; i < 1_000; i += 1) await tryCall(store);
  expect(statSync(`${path}-wal`).size).toBeLessThan(8 * 1024 * 1024);
});

it("makes the folders it needs", async () => {
  const path = join(dirname(await newPath(cleanUps)), "a", "b", "store.db");
  mkdirSync(dirname(dirname(path)));
  expect(await tryCall(await openAt(path, cleanUps))).toBe("admitted");
});

it("[R91] the place of a call whose end could not be written is free once the store can be written again", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps, { lockTimeoutMs: 100 });
  const alone = { charges: [inFlight(1)] };
  expect((await store.admit(admission("req_first", alone))).kind).toBe("admitted");
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  await expect(store.settle(settlement("req_first"))).rejects.toThrow(/./);
  other.exec("ROLLBACK");
  other.close();
  expect((await store.admit(admission("req_second", alone))).kind).toBe("admitted");
  expect((await store.admit(admission("req_third", alone))).kind).toBe("limit_reached");
  const rows = await store.query({ limit: 10 });
  expect(rows.filter((row) => row.kind === "outcome" && row.requestId === "req_first")).toHaveLength(1);
});

it("a process that cannot be asked whether it lives is not taken for dead", async () => {
  const folder = await newFolder();
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  const lock = NodeLock.take(folder, fakeClock());
  cleanUps.push(() => lock.release());
  // SQLite cannot read a folder, as it cannot read a file when no descriptor is free.
  mkdirSync(join(folder, "node_other"));
  expect(lock.isAlive("node_other")).toBe(true);
  expect(lock.isAlive("node_gone")).toBe(false);
});
