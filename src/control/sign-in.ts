import type { Actor } from "../audit/admin-event.ts";
import { AppError } from "../errors.ts";
import { isTooLong, passwordBytesMax, type PasswordHasher } from "../identity/password.ts";
import { beginSession, endSessions, type SignInPlace } from "../identity/sessions.ts";
import type { SignInThrottle } from "../identity/throttle.ts";
import { newSecretText, sha256Hex } from "../identity/token.ts";
import type { Change, ControlQueries } from "../store/control-database.ts";
import type { MemberRow } from "../store/control-tables.ts";
import { demandMember, demandSession } from "./api-tokens.ts";
import { type ControlContext, invalid, notFound } from "./control-context.ts";
import { storedMember } from "./members.ts";
import { passwordProblems, storedEmail } from "./person.ts";

/** What signing in by password works with. */
export interface SignInParts {
  readonly passwords: PasswordHasher;
  readonly throttle: SignInThrottle;
}

/** Who wants to sign in, from where. */
export interface SignInRequest extends SignInPlace {
  /** The session that the browser had until now, which ends. */
  readonly oldSessionId: string | undefined;
}

/**
 * Begins a session for who knows a member's password; what it answers goes into the cookie. An unknown address takes as
 * long and is answered as a wrong password is. Throws `UNAUTHENTICATED`, `TOO_MANY_ATTEMPTS`, `INPUT_INVALID`.
 */
export async function signInByPassword(
  { database }: ControlContext,
  { passwords, throttle }: SignInParts,
  { email, password }: { readonly email: string; readonly password: string },
  request: SignInRequest,
): Promise<string> {
  if (isTooLong(password) || Buffer.byteLength(email) > passwordBytesMax) {
    throw invalid([
      { path: "/password", message: `at most ${passwordBytesMax} bytes are looked at`, hint: "send less" },
    ]);
  }
  const account = storedEmail(email);
  throttle.attempt(account, request.address);
  const member = await database.read.selectFrom("members").selectAll().where("email", "=", account).executeTakeFirst();
  const isRight = await passwords.matches(password, member?.password_hash ?? undefined);
  if (!isRight || member === undefined) {
    throw new AppError("UNAUTHENTICATED", "e-mail address or password is wrong");
  }
  throttle.succeeded(account);
  return database.change(actorOf(member, request.address), async (change) => {
    await demandSamePassword(change.tx, member);
    return startWithin(change, member, request);
  });
}

/** Begins a session of a member; what it answers goes into the cookie. Throws `NOT_FOUND`. */
export async function startSession(
  { database }: Pick<ControlContext, "database">,
  memberId: string,
  request: SignInRequest,
): Promise<string> {
  const member = await storedMember(database.read, memberId);
  return database.change(actorOf(member, request.address), (change) => startWithin(change, member, request));
}

/** As {@link startSession}, within a change. */
export async function startWithin(
  change: Change,
  { id: memberId }: MemberRow,
  request: SignInRequest,
): Promise<string> {
  const { tx, nowMs, record } = change;
  await storedMember(tx, memberId);
  if (request.oldSessionId !== undefined) {
    await tx.deleteFrom("sessions").where("id_sha256", "=", sha256Hex(request.oldSessionId)).execute();
  }
  const { id, idSha256 } = await beginSession(tx, nowMs, memberId, request);
  await tx.updateTable("members").set({ last_seen_ms: nowMs }).where("id", "=", memberId).execute();
  record({ action: "session.create", objectId: idSha256, after: { memberId } });
  return id;
}

/** Ends a session of the member who asks: their own now, or another of theirs. Throws `NOT_FOUND`. */
export async function endSession({ database }: ControlContext, actor: Actor, idSha256: string): Promise<void> {
  const memberId = demandMember(actor);
  await database.change(actor, async ({ tx, record }) => {
    const { numDeletedRows } = await tx
      .deleteFrom("sessions")
      .where("id_sha256", "=", idSha256)
      .where("member_id", "=", memberId)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw notFound("session", idSha256);
    record({ action: "session.end", objectId: idSha256, before: { memberId } });
  });
}

/**
 * Gives the member who asks another password. All their sessions end, and a new one begins, whose cookie it answers.
 * Throws `FORBIDDEN` for who is not signed in or has no password, `UNAUTHENTICATED` for a wrong old one,
 * `INPUT_INVALID`, `TOO_MANY_ATTEMPTS`.
 */
export async function changePassword(
  { database }: ControlContext,
  { passwords, throttle }: SignInParts,
  actor: Actor,
  { current, next }: { readonly current: string; readonly next: string },
  request: SignInRequest,
): Promise<string> {
  const member = await storedMember(database.read, demandSession(actor));
  if (member.password_hash === null)
    throw new AppError("FORBIDDEN", "you sign in by OpenID Connect, without a password");
  const problems = passwordProblems(next, "/next");
  if (problems.length > 0) throw invalid(problems);
  throttle.attempt(member.email, request.address);
  if (isTooLong(current) || !(await passwords.matches(current, member.password_hash))) {
    throw invalid([
      { path: "/current", message: "the present password is wrong", hint: "enter the one you sign in with" },
    ]);
  }
  throttle.succeeded(member.email);
  const password_hash = await passwords.hash(next);
  return database.change(actor, async (change) => {
    const { tx } = change;
    const { revision } = await demandSamePassword(tx, member);
    await tx
      .updateTable("members")
      .set({ password_hash, revision: revision + 1 })
      .where("id", "=", member.id)
      .execute();
    await endSessions(tx, member.id);
    change.record({ action: "member.change_password", objectId: member.id });
    return startWithin(change, member, request);
  });
}

/**
 * Gives a member a password that nobody chose, which it answers, for the operator to hand over. Their sessions and API
 * tokens end: somebody else may have had the one before.
 * Rejects with `NOT_FOUND`.
 */
export async function resetPassword(
  { database }: Pick<ControlContext, "database">,
  passwords: PasswordHasher,
  actor: Actor,
  email: string,
): Promise<string> {
  const password = newSecretText().slice(0, 24);
  const password_hash = await passwords.hash(password);
  await database.change(actor, async ({ tx, record }) => {
    const account = storedEmail(email);
    const member = await tx.selectFrom("members").selectAll().where("email", "=", account).executeTakeFirst();
    if (member === undefined) throw notFound("member", account);
    await tx
      .updateTable("members")
      .set({ password_hash, revision: member.revision + 1 })
      .where("id", "=", member.id)
      .execute();
    await endSessions(tx, member.id);
    await tx.deleteFrom("api_tokens").where("member_id", "=", member.id).execute();
    record({ action: "member.reset_password", objectId: member.id });
  });
  return password;
}

/**
 * A password takes a while to check. One that was reset meanwhile, or ended by signing in at a provider, opens nothing.
 * Answers the member as it is stored now. Throws `UNAUTHENTICATED` and `NOT_FOUND`.
 */
async function demandSamePassword(tx: ControlQueries, checked: MemberRow): Promise<MemberRow> {
  const member = await storedMember(tx, checked.id);
  if (member.password_hash !== checked.password_hash) {
    throw new AppError("UNAUTHENTICATED", "the password was changed meanwhile: sign in with the new one");
  }
  return member;
}

function actorOf({ id, email, role }: MemberRow, address: string | undefined): Actor {
  return { kind: "member", memberId: id, name: email, role, address };
}
