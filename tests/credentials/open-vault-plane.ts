import { join } from "node:path";
import { type Actor, gatewayActor } from "../../src/audit/admin-event.ts";
import { systemClock } from "../../src/clock.ts";
import { type OperatorRules, operatorRulesDefault } from "../../src/config/operator-rules.ts";
import { ControlPlane } from "../../src/control/control-plane.ts";
import { emptyFileState } from "../../src/control/state.ts";
import { createLogger } from "../../src/logger.ts";
import { openSqliteControlDatabase } from "../../src/store/sqlite/sqlite-control-database.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { KeySource } from "../../src/vault/key-source.ts";
import { loadKeys } from "../../src/vault/load-keys.ts";
import { createVault } from "../../src/vault/vault.ts";
import { closeLater } from "../kit/opened.ts";

/** An admin, for changes that a test makes. */
export const admin: Actor = { ...gatewayActor, kind: "operator", name: "ada@example.com" };

/** Private addresses, and one command with one variable. */
export const openRules: OperatorRules = {
  ...operatorRulesDefault,
  allowPrivateAddresses: true,
  commands: [{ command: "/usr/bin/notes", args: ["--stdio"], env: ["NOTES_TOKEN", "NODE_OPTIONS"] }],
};

/**
 * The control plane of one process on the store in that folder, with the key that lies there: what it changes, a gateway
 * that runs there has to notice by itself. Closed by `closeAll`.
 */
export async function openVaultPlane(
  folder: string,
  rules: OperatorRules = openRules,
  key: KeySource = { kind: "default", path: join(folder, "callgate.key") },
): Promise<ControlPlane> {
  const path = join(folder, "callgate.sqlite");
  // Brings the schema up to date where no gateway has run yet.
  await (await openSqliteStore({ path, clock: systemClock, durability: "process" })).close();
  const database = await openSqliteControlDatabase({ path, clock: systemClock });
  const vault = createVault({ installId: database.installId, keys: await loadKeys({ current: key, previous: [] }) });
  const plane = await ControlPlane.open({ database, vault, clock: systemClock, logger: createLogger("silent") });
  plane.applyFiles(emptyFileState, rules);
  closeLater(async () => {
    plane.close();
    await database.close();
  });
  return plane;
}
