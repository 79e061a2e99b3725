import type { ControlQueries } from "../store/control-database.ts";
import type { Selectable } from "kysely";
import type { AdminEventRow } from "../store/control-tables.ts";

/** Which changes are asked for; members left out ask for all. Times in milliseconds since 1970. */
export interface AdminEventFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly objectKind?: string;
  readonly objectId?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** Who changed what, latest first, those before a sequence number. Rejects with the database's errors. */
export async function readAdminEvents(
  read: ControlQueries,
  filter: AdminEventFilter,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<readonly Selectable<AdminEventRow>[]> {
  const { actor, action, objectKind, objectId, sinceMs, untilMs } = filter;
  return read
    .selectFrom("admin_events")
    .selectAll()
    .$if(before !== undefined, (query) => query.where("sequence", "<", before ?? 0))
    .$if(actor !== undefined, (query) => query.where("actor_id", "=", actor ?? ""))
    .$if(action !== undefined, (query) => query.where("action", "=", action ?? ""))
    .$if(objectKind !== undefined, (query) => query.where("object_kind", "=", objectKind ?? ""))
    .$if(objectId !== undefined, (query) => query.where("object_id", "=", objectId ?? ""))
    .$if(sinceMs !== undefined, (query) => query.where("time_ms", ">=", sinceMs ?? 0))
    .$if(untilMs !== undefined, (query) => query.where("time_ms", "<", untilMs ?? 0))
    .orderBy("sequence", "desc")
    .limit(limit)
    .execute();
}
