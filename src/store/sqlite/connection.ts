import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "./migrate.ts";
import { corrupt, unavailable } from "./sqlite-error.ts";

/** Which failures a committed row survives. */
export type Durability =
  /** Power loss: every commit is flushed to the disk (`synchronous = FULL`). */
  | "power-loss"
  /** The end of the process in any way (`synchronous = NORMAL`); a power cut may lose the last commits. */
  | "process";

/** Files up to this size are checked whole at open; of larger ones only the tables that decide. */
const wholeCheckBytesMax = 32 * 1024 * 1024;
const decidingTables = ["store", "counters", "leases", "marks", "open_calls"] as const;

/** How long one attempt waits for the lock, with the event loop standing still; longer waits are the caller's. */
const lockWaitMs = 3;

/** What SQLite's log is cut back to after it had to grow. */
const logBytesMax = 16 * 1024 * 1024;

/** Which file a path names, so that a file put in its place is noticed. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

/**
 * Makes the store's file (mode 0600) and its folders (0700) if they are missing, and gives its path without links, by
 * which all processes name it. Throws the file system's errors.
 */
export function prepareFile(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Only ever a new file: closing a second descriptor of an open database would drop the locks of this process on it.
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const realPath = realpathSync(path);
  const mode = statSync(realPath).mode & 0o777;
  if ((mode & 0o077) !== 0) chmodSync(realPath, mode & 0o700);
  return realPath;
}

/**
 * Opens the database in a {@link prepareFile prepared} file and brings its schema up to date. Throws SQLite's errors,
 * `STORE_CORRUPT` for a file that fails the check, and what {@link migrate} throws.
 */
export function openDatabase(path: string, durability: Durability): DatabaseSync {
  const db = connect(path, durability);
  try {
    migrate(db);
    check(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Another connection to a database that {@link openDatabase} has opened. Throws SQLite's errors. */
export function connect(path: string, durability: Durability): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: lockWaitMs });
  try {
    db.exec("PRAGMA journal_mode = WAL");
    db.exec(`PRAGMA synchronous = ${durability === "power-loss" ? "FULL" : "NORMAL"}`);
    db.exec(`PRAGMA journal_size_limit = ${logBytesMax}`);
    db.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The identity of the file (or link) at that path. Throws `STORE_UNAVAILABLE` when it is gone or read-only. */
export function identify(path: string): FileIdentity {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) {
    throw unavailable(`the store's file \`${path}\` is gone`);
  }
  if ((found.mode & 0o200n) === 0n) {
    throw unavailable(`the store's file \`${path}\` is read-only`);
  }
  return { device: found.dev, inode: found.ino };
}

function check(db: DatabaseSync): void {
  const size = db.prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size").all();
  const isSmall = Number(size[0]?.["bytes"]) <= wholeCheckBytesMax;
  const checks = isSmall ? ["quick_check(1)"] : decidingTables.map((table) => `quick_check(${table})`);
  for (const name of checks) {
    const answer = Object.values(db.prepare(`PRAGMA ${name}`).all()[0] ?? {})[0];
    if (answer !== "ok") throw corrupt(`the store's file is damaged: ${String(answer)}`);
  }
}
