import type { ControlQueries } from "../store/control-database.ts";
import type { PolicyVersionRow } from "../store/control-tables.ts";
import { notFound } from "./control-context.ts";

/** Which part of a history is read. */
export interface VersionPart {
  /** Only versions below this number. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** The versions of a policy, also of one that was removed, latest first. Rejects with `NOT_FOUND` when there is none. */
export async function readVersions(
  read: ControlQueries,
  policy: string,
  { before, limit }: VersionPart,
): Promise<readonly Omit<PolicyVersionRow, "document">[]> {
  const rows = await read
    .selectFrom("policy_versions")
    .select(["policy_id", "version", "sha256", "note", "created_by", "created_ms"])
    .where("policy_id", "=", policy)
    .where("version", "<", before ?? Number.MAX_SAFE_INTEGER)
    .orderBy("version", "desc")
    .limit(limit)
    .execute();
  if (rows.length === 0 && before === undefined) throw notFound("policy", policy);
  return rows;
}
