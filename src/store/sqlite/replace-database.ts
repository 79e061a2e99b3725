import { closeSync, copyFileSync, constants, existsSync, fsyncSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** SQLite's own files beside a database. */
const companions = ["-wal", "-shm"] as const;

/**
 * Puts the database in `next` in the place of the one at `path`, in one step; the former stays as `former`. Nobody may
 * have either open. Throws the file system's errors; the former is then still in its place.
 */
export function replaceDatabase(path: string, next: string, former: string): void {
  if (existsSync(path)) {
    foldLog(path);
    copyFileSync(path, former, constants.COPYFILE_EXCL);
    syncFile(former, "r+");
  }
  // A log that could not be folded in belongs to the former alone: on the next database it would be damage.
  for (const ending of companions) if (existsSync(path + ending)) renameSync(path + ending, former + ending);
  renameSync(next, path);
  // On Windows a folder cannot be opened.
  if (process.platform !== "win32") syncFile(dirname(path), "r");
}

/** Writes what lies in SQLite's log into the file itself; a damaged one is left as it is. */
function foldLog(path: string): void {
  try {
    const db = new DatabaseSync(path, { timeout: 0 });
    try {
      db.exec("PRAGMA journal_mode = DELETE");
    } finally {
      db.close();
    }
  } catch {
    // What is kept then is the file with its log, as it was found.
  }
}

function syncFile(path: string, flags: "r" | "r+"): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Ends all browser sessions of a database that nobody has open: those of a copy may have been ended since. Throws SQLite's errors. */
export function endStoredSessions(path: string): void {
  const db = new DatabaseSync(path);
  try {
    // Schema 1 has no people.
    if (Number(db.prepare("PRAGMA user_version").all()[0]?.["user_version"]) > 1) db.exec("DELETE FROM sessions");
  } finally {
    db.close();
  }
}

/** What works again after a restore, although it had been ended. */
export interface Revived {
  /** Grants that had been revoked, and those of which a token works that did not work before. */
  readonly grants: readonly { readonly id: string; readonly label: string }[];
  /** E-mail addresses of members who had been removed. */
  readonly members: readonly string[];
  /** Labels of API tokens that had been revoked. */
  readonly apiTokens: readonly string[];
  /** E-mail addresses of members whose password of then had been replaced or ended. */
  readonly passwords: readonly string[];
  /** E-mail addresses of members who had been given another role. */
  readonly roles: readonly string[];
}

/**
 * Compares a restored database with the one it replaced. Undefined when the former cannot be read, or is of a schema
 * without an administration.
 */
export function findRevived(restored: string, former: string): Revived | undefined {
  if (!existsSync(former)) return undefined;
  const db = new DatabaseSync(restored, { readOnly: true, timeout: 3_000 });
  try {
    db.prepare("ATTACH DATABASE ? AS former").run(former);
    const select = (sql: string): readonly Record<string, unknown>[] => db.prepare(sql).all();
    const grants = select(
      `SELECT id, label FROM main.grants WHERE revoked_ms IS NULL AND (id IN (SELECT grant_id FROM main.grant_tokens
       WHERE token_sha256 NOT IN (SELECT token_sha256 FROM former.grant_tokens))
       OR id IN (SELECT id FROM former.grants WHERE revoked_ms IS NOT NULL)) ORDER BY id`,
    );
    const members = select("SELECT email FROM main.members WHERE id NOT IN (SELECT id FROM former.members)");
    const changed = (what: string): readonly string[] =>
      select(
        `SELECT now.email FROM main.members AS now JOIN former.members AS before USING (id) WHERE ${what} ORDER BY now.email`,
      ).map(({ email }) => String(email));
    const tokens = select("SELECT label FROM main.api_tokens WHERE id NOT IN (SELECT id FROM former.api_tokens)");
    return {
      grants: grants.map(({ id, label }) => ({ id: String(id), label: String(label) })),
      members: members.map(({ email }) => String(email)),
      apiTokens: tokens.map(({ label }) => String(label)),
      passwords: changed("now.password_hash IS NOT NULL AND now.password_hash IS NOT before.password_hash"),
      roles: changed("now.role <> before.role"),
    };
  } catch {
    return undefined;
  } finally {
    db.close();
  }
}
