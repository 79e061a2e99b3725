import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Actor, gatewayActor } from "../../src/audit/admin-event.ts";
import { systemClock } from "../../src/clock.ts";
import { ControlPlane } from "../../src/control/control-plane.ts";
import { createLogger } from "../../src/logger.ts";
import { openSqliteControlDatabase } from "../../src/store/sqlite/sqlite-control-database.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Role } from "../../src/values/roles.ts";
import { createVaultKey } from "../../src/vault/key-ring.ts";
import { createVault } from "../../src/vault/vault.ts";
import { makeFolder } from "../kit/folder.ts";
import { closeLater } from "../kit/opened.ts";
import { fakeClock, type FakeClock } from "../store/fake-clock.ts";

/** A control plane on a file of its own, and the clock it goes by. Closed by `closeAll`. */
export async function openPlane(): Promise<{ readonly plane: ControlPlane; readonly clock: FakeClock }> {
  const path = join(makeFolder(), "store.db");
  const clock = fakeClock();
  const store = await openSqliteStore({ path, clock: systemClock, durability: "process" });
  closeLater(() => store.close());
  const database = await openSqliteControlDatabase({ path, clock });
  closeLater(() => database.close());
  const vault = createVault({
    installId: database.installId,
    keys: { current: createVaultKey(randomBytes(32)), previous: [] },
  });
  const plane = await ControlPlane.open({ database, vault, clock, logger: createLogger("silent") });
  closeLater(() => plane.close());
  return { plane, clock };
}

/** A member straight into the table. Their actor, as a session of theirs has it. */
export async function addMember({ database }: ControlPlane, id: string, role: Role): Promise<Actor> {
  const email = `${id}@example.com`;
  await database.note((tx, nowMs) =>
    tx
      .insertInto("members")
      .values({
        id,
        email,
        name: id,
        role,
        password_hash: null,
        oidc_subject: null,
        created_ms: nowMs,
        last_seen_ms: null,
        revision: 1,
      })
      .execute(),
  );
  return { ...gatewayActor, kind: "member", memberId: id, name: email, role };
}
