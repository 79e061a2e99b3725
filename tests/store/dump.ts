import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** The oldest schema there was, as a program of that time left it: `tests/fixtures/store/schema-1.sql`. */
export const oldestSchema = 1;

/** Makes the file that the fixture of a schema describes, in SQLite's mode of the gateway's stores. */
export function makeFixture(path: string, schema: number = oldestSchema): void {
  const db = new DatabaseSync(path);
  db.exec(readFileSync(new URL(`../fixtures/store/schema-${schema}.sql`, import.meta.url), "utf8"));
  db.exec("PRAGMA journal_mode = WAL");
  db.close();
}

/** Everything in the tables of a store's file, by table. Opens the file read-only and closes it again. */
export function dumpTables(path: string): Readonly<Record<string, readonly unknown[]>> {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return Object.fromEntries(
      tables.map(({ name }) => [String(name), db.prepare(`SELECT * FROM "${String(name)}"`).all()]),
    );
  } finally {
    db.close();
  }
}

/** The schema's version, and what SQLite says of the whole file: `ok`. */
export function inspectFile(path: string): { readonly schema: number; readonly check: string } {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  try {
    const value = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).all()[0] ?? {})[0];
    return { schema: Number(value("user_version")), check: String(value("integrity_check")) };
  } finally {
    db.close();
  }
}
