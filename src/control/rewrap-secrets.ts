import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { ControlDatabase } from "../store/control-database.ts";
import type { Vault } from "../vault/vault.ts";

const tables = ["secrets", "sealed_values"] as const;

/**
 * Moves everything that is sealed to the vault's current key, at the start; what cannot be moved stays as it is and is
 * reported. Other processes may read and replace rows meanwhile. Rejects with `SECRET_UNREADABLE` when there is something
 * and nothing of it opens: that is the wrong key, and a gateway that went on with it would ask for every secret anew.
 */
export async function rewrapSecrets(database: ControlDatabase, vault: Vault, logger: Logger): Promise<void> {
  await database.note((tx, nowMs) => tx.deleteFrom("sealed_values").where("expires_ms", "<=", nowMs).execute());
  let readable = 0;
  let moved = 0;
  const faults: string[] = [];
  for (const table of tables) {
    for (const { id, sealed } of await database.read.selectFrom(table).select(["id", "sealed"]).execute()) {
      try {
        const next = vault.rewrap(sealed);
        readable += 1;
        if (next === undefined) continue;
        moved += 1;
        await database.note((tx) =>
          // Replaced meanwhile: then it is under the current key already.
          tx.updateTable(table).set({ sealed: next }).where("id", "=", id).where("sealed", "=", sealed).execute(),
        );
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "SECRET_UNREADABLE") throw error;
        faults.push(error.message);
        logger.error({ record: id, reason: error.message }, "a stored secret cannot be opened");
      }
    }
  }
  if (moved > 0) logger.info({ moved, keyId: vault.currentKeyId }, "stored secrets were moved to the current key");
  const [first] = faults;
  if (readable > 0 || first === undefined) return;
  throw new AppError(
    "SECRET_UNREADABLE",
    `the vault's key \`${vault.currentKeyId}\` opens nothing of what is stored, so the gateway does not start; ${first}`,
  );
}
