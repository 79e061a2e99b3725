import type { Actor } from "../audit/admin-event.ts";
import { AppError } from "../errors.ts";
import { newShortId } from "../identity/token.ts";
import { endSessions } from "../identity/sessions.ts";
import type { Change, ControlQueries } from "../store/control-database.ts";
import type { MemberRow } from "../store/control-tables.ts";
import { includesRole, may, type Role } from "../values/roles.ts";
import { type ControlContext, demand, demandRevision, type ExpectedRevision, notFound } from "./control-context.ts";
import { revokeWithin } from "./grants.ts";
import { readGrants } from "./load-state.ts";
import { storedEmail } from "./person.ts";
import type { GrantEntry } from "./state.ts";

/** A person who administers. Times in milliseconds since 1970. */
export interface MemberEntry {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly hasPassword: boolean;
  /** Whether they sign in by OpenID Connect. */
  readonly hasOidc: boolean;
  readonly createdMs: number;
  readonly lastSeenMs: number | undefined;
  readonly revision: number;
}

/** What a member is made of. */
export interface NewMember {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string | undefined;
  /** Issuer and `sub`, joined by a space. */
  readonly oidcSubject: string | undefined;
}

/** Adds a member within a change; their id. Throws `NAME_TAKEN` when the address has a member. */
export async function insertMember(change: Change, input: NewMember): Promise<string> {
  const { tx, nowMs } = change;
  const id = newShortId();
  const email = storedEmail(input.email);
  const name = input.name.trim();
  const other = await tx.selectFrom("members").select("id").where("email", "=", email).executeTakeFirst();
  if (other !== undefined) throw new AppError("NAME_TAKEN", "there is a member with this e-mail address: sign in");
  await tx
    .insertInto("members")
    .values({
      id,
      email,
      name,
      role: input.role,
      password_hash: input.passwordHash ?? null,
      oidc_subject: input.oidcSubject ?? null,
      created_ms: nowMs,
      last_seen_ms: null,
      revision: 1,
    })
    .execute();
  change.record({ action: "member.create", objectId: id, after: { email, name, role: input.role } });
  return id;
}

/** All members, by e-mail address. Throws `FORBIDDEN`. */
export async function listMembers({ database }: ControlContext, actor: Actor): Promise<readonly MemberEntry[]> {
  demand(actor, "members.read");
  const rows = await database.read.selectFrom("members").selectAll().orderBy("email").execute();
  return rows.map(memberEntry);
}

/** One member. Throws `FORBIDDEN` and `NOT_FOUND`. */
export async function readMember({ database }: ControlContext, actor: Actor, id: string): Promise<MemberEntry> {
  demand(actor, "members.read");
  return memberEntry(await storedMember(database.read, id));
}

/**
 * Gives a member another role. Their sessions end, so that whoever has an old cookie has nothing; their API tokens
 * follow with the next request; invitations of who may invite nobody any more are taken back. Throws `FORBIDDEN`, `NOT_FOUND`, `REVISION_STALE`, and `LAST_ADMIN`.
 */
export async function changeRole(
  context: ControlContext,
  actor: Actor,
  id: string,
  role: Role,
  expected: ExpectedRevision,
): Promise<MemberEntry> {
  demand(actor, "members.write");
  return context.database.change(actor, async (change) => {
    const member = await storedMember(change.tx, id);
    demandRevision(member.revision, expected);
    await setRole(context, change, member, role);
    return memberEntry(await storedMember(change.tx, id));
  });
}

/**
 * As {@link changeRole}, within a change and whoever asks. Whoever may do less from now on also ends the clients that they
 * allowed: what those may do was chosen by the greater role. Throws `LAST_ADMIN`.
 */
export async function setRole(context: ControlContext, change: Change, member: MemberRow, role: Role): Promise<void> {
  const { tx } = change;
  if (role !== "admin") await demandOtherAdmin(tx, member);
  await tx
    .updateTable("members")
    .set({ role, revision: member.revision + 1 })
    .where("id", "=", member.id)
    .execute();
  await endSessions(tx, member.id);
  if (!includesRole(role, member.role)) await endClientsOf(context, change, member.id);
  if (!may(role, "members.write")) await withdrawInvitationsOf(change, member.id);
  change.record({ action: "member.change_role", objectId: member.id, before: { role: member.role }, after: { role } });
}

/** The grants that a member minted and that still work, as the database has them now. */
async function grantsOf({ tx }: Change, memberId: string): Promise<readonly GrantEntry[]> {
  const rows = await tx
    .selectFrom("grants")
    .select("id")
    .where("created_by", "=", memberId)
    .where("revoked_ms", "is", null)
    .orderBy("id")
    .execute();
  const grants: GrantEntry[] = [];
  for (const { id } of rows) grants.push(...(await readGrants(tx, id)));
  return grants;
}

/** Ends what a member let OAuth clients do, within a change. */
export async function endClientsOf(context: ControlContext, change: Change, memberId: string): Promise<void> {
  const rows = await change.tx
    .selectFrom("grants")
    .select("id")
    .where("created_by", "=", memberId)
    .where("client", "is not", null)
    .where("revoked_ms", "is", null)
    .execute();
  await revokeWithin(
    context,
    change,
    rows.map(({ id }) => id),
  );
}

/** Whoever may invite nobody any more has no invitation out either, by which they could come back as an admin. */
async function withdrawInvitationsOf({ tx, record }: Change, memberId: string): Promise<void> {
  const rows = await tx
    .deleteFrom("invitations")
    .where("kind", "=", "invitation")
    .where("created_by", "=", memberId)
    .returningAll()
    .execute();
  for (const { id, email, role } of rows) {
    record({ action: "invitation.withdraw", objectId: id, before: { email, role } });
  }
}

/**
 * Removes a member: sessions, API tokens and their open invitations end with it. The grants that they minted are answered, and with
 * `withGrants` revoked in the same step; those of their OAuth clients are in any case. Throws `FORBIDDEN`, `NOT_FOUND`, and `LAST_ADMIN`.
 */
export async function removeMember(
  context: ControlContext,
  actor: Actor,
  id: string,
  withGrants: boolean,
): Promise<readonly GrantEntry[]> {
  demand(actor, "members.write");
  return context.database.change(actor, async (change) => {
    const { tx } = change;
    const member = await storedMember(tx, id);
    await demandOtherAdmin(tx, member);
    const grants = await grantsOf(change, id);
    await withdrawInvitationsOf(change, id);
    await endSessions(tx, id);
    await tx.deleteFrom("api_tokens").where("member_id", "=", id).execute();
    await tx.deleteFrom("members").where("id", "=", id).execute();
    const { email, name, role } = member;
    change.record({ action: "member.remove", objectId: id, before: { email, name, role } });
    // What a client of theirs was given by consent is theirs alone, and ends with them in any case.
    const ended = grants.filter(({ client }) => withGrants || client !== undefined);
    await revokeWithin(
      context,
      change,
      ended.map((grant) => grant.id),
    );
    return grants;
  });
}

/** A member's row. Throws `NOT_FOUND`. */
export async function storedMember(read: ControlQueries, id: string): Promise<MemberRow> {
  const row = await read.selectFrom("members").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw notFound("member", id);
  return row;
}

async function demandOtherAdmin(tx: ControlQueries, member: MemberRow): Promise<void> {
  if (member.role !== "admin") return;
  const other = await tx
    .selectFrom("members")
    .select("id")
    .where("role", "=", "admin")
    .where("id", "!=", member.id)
    .limit(1)
    .executeTakeFirst();
  if (other !== undefined) return;
  throw new AppError("LAST_ADMIN", "this is the last admin: make somebody else an admin first");
}

function memberEntry(row: MemberRow): MemberEntry {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    hasPassword: row.password_hash !== null,
    hasOidc: row.oidc_subject !== null,
    createdMs: row.created_ms,
    lastSeenMs: row.last_seen_ms ?? undefined,
    revision: row.revision,
  };
}
