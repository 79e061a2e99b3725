import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { AppError } from "../../errors.ts";
import { sqliteMigrations } from "../../store/migrations/sqlite/all.ts";
import { inspectDatabase } from "../../store/sqlite/database-copy.ts";
import { toStoreError } from "../../store/sqlite/sqlite-error.ts";
import type { StorePlace } from "../backup.ts";
import { checkSecrets, keyPlace } from "../check-secrets.ts";
import { type Check, ok, problem, warning } from "./check.ts";

/** What was found of a store. */
export interface StoreChecks {
  readonly checks: readonly Check[];
  /** Whether it can be read as this program's. */
  readonly isReadable: boolean;
}

/** Looks at the store's file, all of it, and tries the key on what is sealed in it. Changes nothing and makes no key. */
export async function checkStore({ storeFile, vault }: StorePlace): Promise<StoreChecks> {
  if (!existsSync(storeFile)) {
    const check = ok("store", `\`${storeFile}\` is not there yet: it is made at the first start`);
    return { checks: [check], isReadable: false };
  }
  const { check, schema } = inspect(storeFile);
  if (schema === undefined) return { checks: [check], isReadable: false };
  const checks = [check, ...checkModes(storeFile)];
  return { checks: [...checks, ...(await checkKey(storeFile, vault))], isReadable: schema === sqliteMigrations.length };
}

function inspect(path: string): { readonly check: Check; readonly schema: number | undefined } {
  try {
    // Not read-only, which would leave SQLite's own files behind where nobody else has the store open.
    const db = new DatabaseSync(path, { timeout: 3_000 });
    try {
      db.exec("PRAGMA query_only = ON");
      const { schema, rows, grants } = inspectDatabase(db);
      const found = `\`${path}\` is whole: schema ${schema}, ${rows} rows, ${grants} grants`;
      if (schema === sqliteMigrations.length) return { check: ok("store", found), schema };
      return { check: ok("store", `${found}; the next start brings its schema to ${sqliteMigrations.length}`), schema };
    } finally {
      db.close();
    }
  } catch (error) {
    const { code, message } = toStoreError(error);
    const hint = code === "STORE_CORRUPT" ? "stop the gateway and `callgate restore` a backup" : `see ${code}`;
    return { check: problem("store", `\`${path}\`: ${message}`, hint), schema: undefined };
  }
}

/** On Windows modes say nothing. */
function checkModes(path: string): readonly Check[] {
  if (process.platform === "win32") return [];
  const open = [path, `${path}-wal`, `${path}-shm`].filter(
    (file) => ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0,
  );
  return open.map((file) => problem("store", `other users have access to \`${file}\``, `\`chmod 600 ${file}\``));
}

async function checkKey(path: string, settings: StorePlace["vault"]): Promise<readonly Check[]> {
  const where = keyPlace(settings.current);
  try {
    const { count, unreadable, keyProblem } = await checkSecrets(path, settings);
    const restore = "put the key back that was kept apart, or name it under `vault.previous`";
    if (keyProblem !== undefined) return [problem("key", keyProblem, restore)];
    if (unreadable.length === 0) return [ok("key", `${where}: opens all ${count} stored secrets`)];
    return unreadable.map((one) => problem("key", one, `${restore}, or enter the credential again`));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [warning("key", `${where}: not tried (${error.message})`, "see what is said of the store")];
  }
}
