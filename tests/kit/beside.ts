import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Actor, gatewayActor } from "../../src/audit/admin-event.ts";
import { systemClock } from "../../src/clock.ts";
import { ControlPlane } from "../../src/control/control-plane.ts";
import { createLogger } from "../../src/logger.ts";
import { openSqliteControlDatabase } from "../../src/store/sqlite/sqlite-control-database.ts";
import { createVaultKey } from "../../src/vault/key-ring.ts";
import { createVault } from "../../src/vault/vault.ts";
import { closeLater } from "./opened.ts";

/** An admin, for changes that a test makes beside the gateway. */
export const admin: Actor = { ...gatewayActor, kind: "operator", name: "test" };

/**
 * The control plane of another process on the store in that folder: what it changes, a running gateway has to notice by
 * itself. Opens no secret of the gateway's. Closed by `closeAll`.
 */
export async function openBeside(folder: string): Promise<ControlPlane> {
  const database = await openSqliteControlDatabase({ path: join(folder, "callgate.sqlite"), clock: systemClock });
  const keys = { current: createVaultKey(randomBytes(32)), previous: [] };
  const vault = createVault({ installId: database.installId, keys });
  const plane = await ControlPlane.open({ database, vault, clock: systemClock, logger: createLogger("silent") });
  closeLater(async () => {
    plane.close();
    await database.close();
  });
  return plane;
}
