import { existsSync } from "node:fs";
import { AppError } from "../errors.ts";
import { readStoredSecrets, type StoredSecrets } from "../store/sqlite/stored-secrets.ts";
import type { KeyRing } from "../vault/key-ring.ts";
import { loadKeys } from "../vault/load-keys.ts";
import type { KeySource, VaultSettings } from "../vault/key-source.ts";
import { createVault, type Vault } from "../vault/vault.ts";

/** Whether the present keys open what a database has sealed. */
export interface SecretsCheck {
  /** How many secrets there are. */
  readonly count: number;
  /** What cannot be opened, for people, with the reason; empty when all is well. */
  readonly unreadable: readonly string[];
  /** Why there is no key at all; undefined when there is one, or none is made yet and nothing is sealed. */
  readonly keyProblem: string | undefined;
}

/** Tries the keys on every stored secret; makes no key. Throws as the store does when the database cannot be read. */
export async function checkSecrets(database: string, settings: VaultSettings): Promise<SecretsCheck> {
  const { installId, secrets } = readStoredSecrets(database);
  const count = secrets.length;
  try {
    const keys = await presentKeys(settings);
    if (keys === undefined) {
      const keyProblem = `the key, ${keyPlace(settings.current)}, is not there`;
      return { count, unreadable: [], keyProblem: count === 0 ? undefined : keyProblem };
    }
    const vault = createVault({ installId: installId ?? "", keys });
    return { count, unreadable: unreadableIn(secrets, vault), keyProblem: undefined };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "VAULT_KEY_INVALID") throw error;
    return { count, unreadable: [], keyProblem: error.message };
  }
}

/** The keys as `loadKeys` reads them, but none is made: undefined where the next start would make one. */
export async function presentKeys(settings: VaultSettings): Promise<KeyRing | undefined> {
  const { current } = settings;
  if (current.kind === "default" && !existsSync(current.path)) return undefined;
  return loadKeys(settings, { ...process.env });
}

function unreadableIn(secrets: StoredSecrets["secrets"], vault: Vault): readonly string[] {
  return secrets.flatMap(({ what, sealed, binding }) => {
    try {
      if (binding === undefined) vault.rewrap(sealed);
      else vault.open(sealed, binding);
      return [];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return [`${what}: ${error.message}`];
    }
  });
}

/** Pure. Where a key comes from, for people. */
export function keyPlace(source: KeySource): string {
  switch (source.kind) {
    case "file":
    case "default":
      return `the file \`${source.path}\``;
    case "environment":
      return `the environment variable \`${source.variable}\``;
    case "command":
      return `the command \`${source.command}\``;
  }
}
