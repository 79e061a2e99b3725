import { type Actor, gatewayActor } from "../audit/admin-event.ts";
import type { ControlContext } from "../control/control-context.ts";
import { revokeWithin } from "../control/grants.ts";
import type { ControlQueries } from "../store/control-database.ts";

/** Who ends a grant at the wish of the client that holds it, or because one of its tokens came twice. */
const protocolActor: Actor = { ...gatewayActor, name: "oauth" };

/**
 * Whether a grant that was made by consent still holds: neither revoked nor expired, and the person who consented is
 * still a member.
 */
export async function isGrantLive(read: ControlQueries, grantId: string, nowMs: number): Promise<boolean> {
  const row = await read
    .selectFrom("grants")
    .innerJoin("members", "members.id", "grants.created_by")
    .select(["grants.revoked_ms", "grants.expires_ms"])
    .where("grants.id", "=", grantId)
    .executeTakeFirst();
  return row !== undefined && row.revoked_ms === null && (row.expires_ms ?? Infinity) > nowMs;
}

/** Ends the grant of an authorization, and with it every token of it in every process. Nothing happens when it is over. */
export async function revokeAuthorization(control: ControlContext, grantId: string): Promise<void> {
  const { database } = control;
  const row = await database.read
    .selectFrom("grants")
    .select("revoked_ms")
    .where("id", "=", grantId)
    .executeTakeFirst();
  if (row === undefined || row.revoked_ms !== null) return;
  await database.change(protocolActor, async (change) => {
    await revokeWithin(control, change, [grantId]);
    await change.tx.deleteFrom("oauth_objects").where("grant_key", "=", grantId).execute();
  });
}

/** Removes what has expired, and what belongs to grants that are over. */
export function pruneObjects({ database }: ControlContext): Promise<unknown> {
  return database.note((tx, nowMs) =>
    tx
      .deleteFrom("oauth_objects")
      .where((row) =>
        row.or([
          row("expires_ms", "<=", nowMs),
          row(
            "grant_key",
            "in",
            row
              .selectFrom("grants")
              .select("grants.id")
              .where((grant) => grant.or([grant("revoked_ms", "is not", null), grant("expires_ms", "<=", nowMs)])),
          ),
        ]),
      )
      .execute(),
  );
}

/** How many registered clients there are that have not expired. */
export async function countClients({ database, clock }: ControlContext): Promise<number> {
  const { count } = await database.read
    .selectFrom("oauth_objects")
    .select((row) => row.fn.countAll<number>().as("count"))
    .where("model", "=", "Client")
    .where("expires_ms", ">", clock.wallMs())
    .executeTakeFirstOrThrow();
  return count;
}
