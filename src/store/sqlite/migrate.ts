import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { AppError } from "../../errors.ts";
import { sqliteMigrations } from "../migrations/sqlite/all.ts";
import { unavailable } from "./sqlite-error.ts";

/** Marks a file as Callgate's ("CGAT" in ASCII), in SQLite's header. */
export const applicationId = 0x43474154;

/**
 * Brings the schema to this program's version, all steps in one transaction, so that a kill leaves the old schema or the
 * new one. Throws `STORE_TOO_NEW` for a schema of a later program, `STORE_UNAVAILABLE` for a database that is not
 * Callgate's, and SQLite's errors.
 */
export function migrate(db: DatabaseSync, migrations: readonly string[] = sqliteMigrations): void {
  if (versionOf(db) === migrations.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(db);
    if (version === 0) refuseForeignFile(db);
    refuseLaterSchema(version, migrations.length);
    for (const sql of migrations.slice(version)) db.exec(sql);
    if (version === 0) {
      db.exec(`PRAGMA application_id = ${applicationId}`);
      db.prepare("INSERT INTO store (id, digest_salt, steady_ms) VALUES (1, ?, 0)").run(randomBytes(32));
    }
    db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** Throws `STORE_TOO_NEW` for a schema of a later program than one that knows so many. */
export function refuseLaterSchema(version: number, known: number): void {
  if (version <= known) return;
  const message = `the store was written by a later version (schema ${version}, this one knows ${known}); use that version, or another file`;
  throw new AppError("STORE_TOO_NEW", message);
}

function versionOf(db: DatabaseSync): number {
  return pragma(db, "user_version");
}

function refuseForeignFile(db: DatabaseSync): void {
  const tables = db.prepare("SELECT count(*) AS count FROM sqlite_schema").all()[0]?.["count"];
  if (tables === 0 && pragma(db, "application_id") === 0) return;
  throw unavailable("the file is a database of another program; name another file for the store");
}

function pragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(db.prepare(`PRAGMA ${name}`).all()[0]?.[name]);
}
