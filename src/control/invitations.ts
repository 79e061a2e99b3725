import type { Actor } from "../audit/admin-event.ts";
import { AppError } from "../errors.ts";
import type { PasswordHasher } from "../identity/password.ts";
import { newSecretText, newShortId, sha256Hex } from "../identity/token.ts";
import type { ControlQueries } from "../store/control-database.ts";
import type { InvitationRow } from "../store/control-tables.ts";
import type { Role } from "../values/roles.ts";
import { type ControlContext, demand, invalid, notFound } from "./control-context.ts";
import { insertMember } from "./members.ts";
import { emailProblems, type PersonInput, personProblems, storedEmail } from "./person.ts";

/** How long an invitation can be accepted, milliseconds. */
const lifetimeMs = 7 * 86_400_000;

/** An invitation that nobody has accepted yet. Times in milliseconds since 1970. */
export interface InvitationEntry {
  readonly id: string;
  /** The only address that may accept it; undefined for whoever has the link, at any address that owns no grant. */
  readonly email: string | undefined;
  readonly role: Role;
  readonly createdBy: string | undefined;
  readonly createdMs: number;
  readonly expiresMs: number;
}

/** Invites somebody. The token is shown now and never again. Throws `FORBIDDEN`, `INPUT_INVALID`, `NAME_TAKEN`. */
export async function inviteMember(
  { database, rules }: ControlContext,
  actor: Actor,
  input: { readonly email: string | undefined; readonly role: Role },
): Promise<InvitationEntry & { readonly token: string }> {
  demand(actor, "members.write");
  if (!rules().signIn.password) {
    const hint = "give them a group with a role at your OpenID provider";
    throw invalid([{ path: "", message: "who signs in here is said by your OpenID provider", hint }]);
  }
  const problems = input.email === undefined ? [] : emailProblems(input.email.trim(), "/email");
  if (problems.length > 0) throw invalid(problems);
  const token = newSecretText();
  const email = input.email === undefined ? null : storedEmail(input.email);
  return database.change(actor, async ({ tx, nowMs, record }) => {
    const member = await tx
      .selectFrom("members")
      .select("id")
      .where("email", "=", email ?? "")
      .executeTakeFirst();
    if (member !== undefined) throw new AppError("NAME_TAKEN", "there is a member with this e-mail address");
    await tx.deleteFrom("invitations").where("expires_ms", "<=", nowMs).execute();
    const row: InvitationRow = {
      id: newShortId(),
      token_sha256: sha256Hex(token),
      kind: "invitation",
      email,
      role: input.role,
      created_by: actor.memberId ?? actor.name,
      created_ms: nowMs,
      expires_ms: nowMs + lifetimeMs,
    };
    await tx.insertInto("invitations").values(row).execute();
    record({ action: "invitation.create", objectId: row.id, after: { email, role: input.role } });
    return { ...invitationEntry(row), token };
  });
}

/** The invitations that can still be accepted, oldest first. Throws `FORBIDDEN`. */
export async function listInvitations(
  { database, clock }: ControlContext,
  actor: Actor,
): Promise<readonly InvitationEntry[]> {
  demand(actor, "members.write");
  const rows = await openInvitations(database.read, clock.wallMs()).orderBy("created_ms").orderBy("id").execute();
  return rows.map(invitationEntry);
}

/** Takes an invitation back. Throws `FORBIDDEN` and `NOT_FOUND`. */
export async function withdrawInvitation({ database }: ControlContext, actor: Actor, id: string): Promise<void> {
  demand(actor, "members.write");
  await database.change(actor, async ({ tx, nowMs, record }) => {
    const row = await openInvitations(tx, nowMs).where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw notFound("invitation", id);
    await tx.deleteFrom("invitations").where("id", "=", id).execute();
    record({ action: "invitation.withdraw", objectId: id, before: { email: row.email, role: row.role } });
  });
}

/** The invitation of a link; undefined when it cannot be accepted (any more), as while nobody signs in by password. */
export async function findInvitation(
  { rules }: Pick<ControlContext, "rules">,
  read: ControlQueries,
  token: string,
  nowMs: number,
): Promise<InvitationEntry | undefined> {
  if (!rules().signIn.password) return undefined;
  const row = await openInvitations(read, nowMs).where("token_sha256", "=", sha256Hex(token)).executeTakeFirst();
  return row === undefined ? undefined : invitationEntry(row);
}

/**
 * Makes who accepts an invitation a member, whose id it answers; the invitation ends. Throws `NOT_FOUND` for a link
 * that cannot be used or is for another address, `INPUT_INVALID`, `NAME_TAKEN`, `TOO_MANY_ATTEMPTS`.
 */
export async function acceptInvitation(
  context: ControlContext,
  passwords: PasswordHasher,
  token: string,
  input: PersonInput,
  address: string | undefined,
): Promise<string> {
  const { database, clock } = context;
  const email = storedEmail(input.email);
  await demandInvitation(context, database.read, token, email, clock.wallMs());
  const problems = personProblems(input);
  if (problems.length > 0) throw invalid(problems);
  const passwordHash = await passwords.hash(input.password);
  const actor: Actor = { kind: "invitation", memberId: undefined, name: email, role: "viewer", address };
  return database.change(actor, async (change) => {
    const { tx, nowMs } = change;
    const { id, role } = await demandInvitation(context, tx, token, email, nowMs);
    await tx.deleteFrom("invitations").where("id", "=", id).execute();
    change.record({ action: "invitation.accept", objectId: id, after: { email, role } });
    return insertMember(change, { ...input, role, passwordHash, oidcSubject: undefined });
  });
}

async function demandInvitation(
  context: ControlContext,
  read: ControlQueries,
  token: string,
  email: string,
  nowMs: number,
): Promise<InvitationEntry> {
  const found = await findInvitation(context, read, token, nowMs);
  if (found === undefined) throw new AppError("NOT_FOUND", "the invitation was used, taken back, or is too old");
  if (found.email === email) return found;
  if (found.email === undefined) {
    demandUnowned(context, email);
    return found;
  }
  throw invalid([{ path: "/email", message: "the invitation is for another e-mail address", hint: "use that one" }]);
}

/**
 * Nobody has made sure of the address of who comes by an open link. With the address of a grant's owner they would have
 * the say about the credentials of that grant.
 */
function demandUnowned({ state }: Pick<ControlContext, "state">, email: string): void {
  const isOwned = [...state().grants.values()].some(({ owner }) => owner !== undefined && storedEmail(owner) === email);
  if (!isOwned) return;
  const hint = "ask for an invitation to this address";
  throw invalid([{ path: "/email", message: "grants are made out to this address, and the link to nobody", hint }]);
}

function openInvitations(read: ControlQueries, nowMs: number) {
  return read.selectFrom("invitations").selectAll().where("kind", "=", "invitation").where("expires_ms", ">", nowMs);
}

function invitationEntry(row: InvitationRow): InvitationEntry {
  return {
    id: row.id,
    email: row.email ?? undefined,
    role: row.role,
    createdBy: row.created_by ?? undefined,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
  };
}
