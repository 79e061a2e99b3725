import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Actor, gatewayActor } from "../../src/audit/admin-event.ts";
import { systemClock } from "../../src/clock.ts";
import { ControlPlane } from "../../src/control/control-plane.ts";
import { emptyFileState, type ServerEntry } from "../../src/control/state.ts";
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

/** Tells such a plane of servers in the gateway's own file, which only the gateway's process has read. */
export function nameFileServers(plane: ControlPlane, ids: readonly string[]): void {
  const servers = new Map(ids.map((id) => [id, serverEntry(id)] as const));
  plane.applyFiles({ ...emptyFileState, servers }, plane.rules());
}

function serverEntry(id: string): ServerEntry {
  const access = { kind: "url", url: "http://127.0.0.1:1/", transport: "streamable-http", headers: {} } as const;
  const times = { startTimeoutMs: 1, callTimeoutMs: 1, callDeadlineMs: 1, idleTimeoutMs: 1 };
  const pin = { mode: "block", volatile: [], locked: undefined } as const;
  const settings = { name: id, access, ...times, showDenied: false, pin };
  const moments = { createdMs: undefined, updatedMs: undefined };
  return { id, title: id, source: "file", settings, isDisabled: false, ...moments, revision: 0 };
}
