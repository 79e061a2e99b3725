import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { gatewayActor } from "../audit/admin-event.ts";
import { systemClock } from "../clock.ts";
import { resetPassword } from "../control/sign-in.ts";
import { AppError } from "../errors.ts";
import { createPasswordHasher } from "../identity/password.ts";
import { openSqliteControlDatabase } from "../store/sqlite/sqlite-control-database.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";

/**
 * Gives a member of a store a new password, which it answers, also while gateways work on it. Rejects with `NOT_FOUND`
 * for no such store or member, and with the store's errors.
 */
export async function resetPasswordIn(path: string, email: string): Promise<string> {
  if (!existsSync(path)) throw new AppError("NOT_FOUND", `there is no store at \`${path}\``);
  const store = await openSqliteStore({ path, clock: systemClock, durability: "power-loss" });
  try {
    const database = await openSqliteControlDatabase({ path, clock: systemClock });
    try {
      const actor = { ...gatewayActor, kind: "operator", name: userInfo().username } as const;
      return await resetPassword({ database }, createPasswordHasher(), actor, email);
    } finally {
      await database.close();
    }
  } finally {
    await store.close();
  }
}
