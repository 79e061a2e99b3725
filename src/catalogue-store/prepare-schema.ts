import type { DatabaseSync } from "node:sqlite";
import { AppError } from "../errors.ts";
import {
  catalogueApplicationId,
  catalogueSchema,
  catalogueSchemaFrom1,
  catalogueSchemaFrom2,
  catalogueSchemaVersion,
} from "./schema.ts";

/**
 * Makes the tables in an empty file, and brings those of an earlier version up to date. Throws `STORE_TOO_NEW` for the file of a later program, `STORE_UNAVAILABLE` for
 * another program's, and SQLite's errors.
 */
export function prepareSchema(db: DatabaseSync): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version === catalogueSchemaVersion) return;
  if (version > catalogueSchemaVersion) {
    throw new AppError(
      "STORE_TOO_NEW",
      `the catalogue was written by a later version (schema ${version}, this one knows ${catalogueSchemaVersion}); use that version, or another file`,
    );
  }
  db.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have made it meanwhile.
    const found = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (found === 1) db.exec(catalogueSchemaFrom1);
    if (found === 1 || found === 2) db.exec(catalogueSchemaFrom2);
    if (found === 0) {
      if (Number(db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"]) > 0) {
        throw new AppError("STORE_UNAVAILABLE", "the file is a database of another program; name another file");
      }
      db.exec(catalogueSchema);
    }
    db.exec(`PRAGMA application_id = ${catalogueApplicationId}; PRAGMA user_version = ${catalogueSchemaVersion}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
