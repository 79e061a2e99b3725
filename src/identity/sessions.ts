import type { ControlQueries } from "../store/control-database.ts";
import type { MemberRow, SessionRow } from "../store/control-tables.ts";
import { sessionIdleMs, sessionLifetimeMs } from "./session-cookie.ts";
import { newSecretText, sha256Hex } from "./token.ts";

/** A signed-in browser. Times in milliseconds since 1970. */
export interface Session {
  /** The digest of what the cookie holds; names the session in lists. */
  readonly idSha256: string;
  readonly memberId: string;
  /** Comes back with every request that changes something. */
  readonly csrfToken: string;
  readonly createdMs: number;
  readonly seenMs: number;
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

/** Where a sign-in comes from, for the list of sessions. */
export interface SignInPlace {
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

const userAgentLengthMax = 200;

/** Begins a session. `id` goes into the cookie and is kept nowhere. */
export async function beginSession(
  tx: ControlQueries,
  nowMs: number,
  memberId: string,
  { address, userAgent }: SignInPlace,
): Promise<{ readonly id: string; readonly idSha256: string; readonly csrfToken: string }> {
  const id = newSecretText();
  const idSha256 = sha256Hex(id);
  const csrfToken = newSecretText();
  await removeOldSessions(tx, nowMs);
  await tx
    .insertInto("sessions")
    .values({
      id_sha256: idSha256,
      member_id: memberId,
      csrf_token: csrfToken,
      created_ms: nowMs,
      seen_ms: nowMs,
      address: address ?? null,
      user_agent: userAgent?.slice(0, userAgentLengthMax) ?? null,
    })
    .execute();
  return { id, idSha256, csrfToken };
}

/** The session that a cookie names, with its member as they are now; undefined for one that ended or never was. */
export async function findSession(
  read: ControlQueries,
  id: string,
  nowMs: number,
): Promise<{ readonly session: Session; readonly member: MemberRow } | undefined> {
  const row = await read.selectFrom("sessions").selectAll().where("id_sha256", "=", sha256Hex(id)).executeTakeFirst();
  if (row === undefined || hasEnded(row, nowMs)) return undefined;
  const member = await read.selectFrom("members").selectAll().where("id", "=", row.member_id).executeTakeFirst();
  return member === undefined ? undefined : { session: toSession(row), member };
}

/** The sessions of a member that have not ended, latest used first. */
export async function listSessions(read: ControlQueries, memberId: string, nowMs: number): Promise<readonly Session[]> {
  const rows = await read
    .selectFrom("sessions")
    .selectAll()
    .where("member_id", "=", memberId)
    .orderBy("seen_ms", "desc")
    .execute();
  return rows.filter((row) => !hasEnded(row, nowMs)).map(toSession);
}

/** Ends all sessions of a member but one; returns how many. */
export async function endSessions(tx: ControlQueries, memberId: string, exceptIdSha256?: string): Promise<number> {
  const result = await tx
    .deleteFrom("sessions")
    .where("member_id", "=", memberId)
    .where("id_sha256", "!=", exceptIdSha256 ?? "")
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

async function removeOldSessions(tx: ControlQueries, nowMs: number): Promise<void> {
  await tx
    .deleteFrom("sessions")
    .where((row) =>
      row.or([row("seen_ms", "<=", nowMs - sessionIdleMs), row("created_ms", "<=", nowMs - sessionLifetimeMs)]),
    )
    .execute();
}

function hasEnded({ seen_ms, created_ms }: SessionRow, nowMs: number): boolean {
  return nowMs - seen_ms >= sessionIdleMs || nowMs - created_ms >= sessionLifetimeMs;
}

function toSession(row: SessionRow): Session {
  return {
    idSha256: row.id_sha256,
    memberId: row.member_id,
    csrfToken: row.csrf_token,
    createdMs: row.created_ms,
    seenMs: row.seen_ms,
    address: row.address ?? undefined,
    userAgent: row.user_agent ?? undefined,
  };
}
