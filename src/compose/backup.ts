import { randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { systemClock } from "../clock.ts";
import { AppError } from "../errors.ts";
import { copyDatabase, type DatabaseSummary } from "../store/sqlite/database-copy.ts";
import { NodeLock } from "../store/sqlite/node-lock.ts";
import { endStoredSessions, findRevived, replaceDatabase, type Revived } from "../store/sqlite/replace-database.ts";
import type { VaultSettings } from "../vault/key-source.ts";
import { checkSecrets, keyPlace, type SecretsCheck } from "./check-secrets.ts";

/** A store and the key of what is sealed in it. */
export interface StorePlace {
  /** Absolute path of the store's file. */
  readonly storeFile: string;
  readonly vault: VaultSettings;
}

/** A backup that was made and checked. */
export interface BackupReport extends DatabaseSummary {
  readonly file: string;
  readonly storeFile: string;
  readonly bytes: number;
  /** Where the key lies that the backup does not hold, for people. */
  readonly key: string;
}

/**
 * Copies a store into a new file (mode 0600), also while gateways work on it, and checks the copy. Until it is
 * whole, an empty file holds its name. Rejects with `FILE_EXISTS`, `NOT_FOUND`, and the store's errors.
 */
export async function backUp({ storeFile, vault }: StorePlace, file: string): Promise<BackupReport> {
  if (!existsSync(storeFile)) throw new AppError("NOT_FOUND", `there is no store at \`${storeFile}\``);
  reserve(file);
  const draft = draftOf(file);
  try {
    const summary = await copyDatabase(storeFile, draft);
    renameSync(draft, file);
    return { ...summary, file, storeFile, bytes: statSync(file).size, key: keyPlace(vault.current) };
  } catch (error) {
    for (const path of [draft, file]) rmSync(path, { force: true });
    throw error;
  }
}

/** What came of a restore. */
export interface RestoreReport extends DatabaseSummary {
  readonly file: string;
  readonly storeFile: string;
  /** Where the store lies that was there before; undefined when there was none. */
  readonly formerFile: string | undefined;
  readonly secrets: SecretsCheck;
  /** Undefined when it cannot be known. */
  readonly revived: Revived | undefined;
}

/**
 * Puts a backup in the place of a store that nobody uses; what was there is kept beside it. Rejects with `STORE_IN_USE`,
 * `NOT_FOUND`, and for a file that is damaged, newer or not Callgate's with the store's errors; nothing is changed then.
 */
export async function restore(place: StorePlace, file: string): Promise<RestoreReport> {
  if (!existsSync(file)) throw new AppError("NOT_FOUND", `there is no backup at \`${file}\``);
  const { storeFile, vault } = place;
  mkdirSync(dirname(storeFile), { recursive: true, mode: 0o700 });
  const path = existsSync(storeFile) ? realpathSync(storeFile) : storeFile;
  const lock = NodeLock.take(`${path}-nodes`, systemClock);
  const draft = draftOf(path);
  try {
    refuseInUse(lock, path);
    const summary = await copyDatabase(file, draft);
    const secrets = await checkSecrets(draft, vault);
    endStoredSessions(draft);
    const stamp = new Date(systemClock.wallMs()).toISOString().replaceAll(/[-:.]/g, "");
    const former = `${path}.before-restore-${stamp}`;
    const had = existsSync(path);
    // Copying took a while. A gateway that starts from here on notices that its file was replaced, and refuses.
    refuseInUse(lock, path);
    replaceDatabase(path, draft, former);
    const revived = had ? findRevived(path, former) : undefined;
    return { ...summary, file, storeFile: path, formerFile: had ? former : undefined, secrets, revived };
  } finally {
    rmSync(draft, { force: true });
    lock.release();
  }
}

function refuseInUse(lock: NodeLock, path: string): void {
  if (!lock.hasOthers()) return;
  throw new AppError("STORE_IN_USE", `a running \`callgate\` uses the store \`${path}\`: stop it first`);
}

/** Makes the empty file whose name the backup takes; nobody else's is ever written over. */
function reserve(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") throw new AppError("FILE_EXISTS", `\`${file}\` is there already: name a new file`);
    throw new AppError("FILE_UNREADABLE", `\`${file}\` cannot be written (${String(code)}): name another file`, {
      cause: error,
    });
  }
}

function draftOf(path: string): string {
  return `${path}.${randomBytes(6).toString("hex")}.tmp`;
}
