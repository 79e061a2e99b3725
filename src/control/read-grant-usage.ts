import type { ControlQueries } from "../store/control-database.ts";

/** How much a grant was used. */
export interface GrantUsage {
  /** Milliseconds since 1970. */
  readonly lastUsedMs: number;
  readonly allowed: number;
  readonly denied: number;
}

/** By grant id; grants that were never used are not in it. Rejects with the database's errors. */
export async function readGrantUsage(
  read: ControlQueries,
  ids: readonly string[],
): Promise<ReadonlyMap<string, GrantUsage>> {
  if (ids.length === 0) return new Map();
  const rows = await read.selectFrom("grant_usage").selectAll().where("grant_id", "in", ids).execute();
  return new Map(
    rows.map(({ grant_id, last_used_ms, allowed, denied }) => [
      grant_id,
      { lastUsedMs: last_used_ms, allowed, denied },
    ]),
  );
}
