import { closeSync, fsyncSync, openSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { sqliteMigrations } from "../migrations/sqlite/all.ts";
import { applicationId, refuseLaterSchema } from "./migrate.ts";
import { corrupt, toStoreError, unavailable } from "./sqlite-error.ts";

/** What a whole and readable database of Callgate's holds. */
export interface DatabaseSummary {
  /** The schema's version. */
  readonly schema: number;
  /** How many audit rows it has. */
  readonly rows: number;
  /** How many grants, revoked ones among them; 0 before schema 2. */
  readonly grants: number;
}

/** All pages at once: a copy in steps begins anew whenever somebody writes, and under load it would never end. */
const pagesAtOnce = 2 ** 31 - 1;

const lockWaitMs = 3_000;

/**
 * Copies a database, also one that gateways write to, as it is at one moment, into a new file of mode 0600 that stands
 * alone: it has no log beside it. Checks the copy whole. Rejects with `STORE_TOO_NEW`, `STORE_CORRUPT`,
 * `STORE_UNAVAILABLE` (also when it is not Callgate's) and the file system's errors; the new file may be left then.
 */
export async function copyDatabase(from: string, to: string): Promise<DatabaseSummary> {
  closeSync(openSync(to, "wx", 0o600));
  try {
    const source = new DatabaseSync(from, { readOnly: true, timeout: lockWaitMs });
    try {
      refuseOthers(source);
      await backup(source, to, { rate: pagesAtOnce });
    } finally {
      source.close();
    }
    return settle(to);
  } catch (error) {
    throw toStoreError(error);
  }
}

/** Makes the copy one file, whole and on the disk. */
function settle(path: string): DatabaseSummary {
  const copy = new DatabaseSync(path);
  try {
    copy.exec("PRAGMA journal_mode = DELETE");
    return inspectDatabase(copy);
  } finally {
    copy.close();
    const file = openSync(path, "r+");
    fsyncSync(file);
    closeSync(file);
  }
}

/** Reads and checks all of an open database. Throws as {@link copyDatabase} rejects. */
export function inspectDatabase(db: DatabaseSync): DatabaseSummary {
  refuseOthers(db);
  const answer = firstValue(db, "PRAGMA integrity_check(1)");
  if (answer !== "ok") throw corrupt(`the database is damaged: ${String(answer)}`);
  const schema = Number(firstValue(db, "PRAGMA user_version"));
  const count = (table: string): number => Number(firstValue(db, `SELECT count(*) FROM ${table}`));
  return { schema, rows: count("rows"), grants: schema > 1 ? count("grants") : 0 };
}

/** A database of another program, or of a later Callgate. */
function refuseOthers(db: DatabaseSync): void {
  if (Number(firstValue(db, "PRAGMA application_id")) !== applicationId) {
    throw unavailable("the file is no database of Callgate's: name another file");
  }
  refuseLaterSchema(Number(firstValue(db, "PRAGMA user_version")), sqliteMigrations.length);
}

function firstValue(db: DatabaseSync, sql: string): unknown {
  return Object.values(db.prepare(sql).all()[0] ?? {})[0];
}
