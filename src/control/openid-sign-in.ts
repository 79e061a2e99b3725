import type { Actor } from "../audit/admin-event.ts";
import { AppError } from "../errors.ts";
import type { OpenIdPerson } from "../identity/openid-provider.ts";
import { endSessions } from "../identity/sessions.ts";
import { newId } from "../ids.ts";
import type { Change, ControlQueries } from "../store/control-database.ts";
import type { MemberRow } from "../store/control-tables.ts";
import { type ControlContext, invalid } from "./control-context.ts";
import { endClientsOf, insertMember, setRole, storedMember } from "./members.ts";
import { emailProblems, nameProblems, storedEmail } from "./person.ts";
import { type SignInRequest, startWithin } from "./sign-in.ts";

/**
 * Begins a session for whom an OpenID provider named; what it answers goes into the cookie. A person who comes for the
 * first time becomes a member, and every time their role is what their groups say. Throws `FORBIDDEN` for who is in no
 * group with a role (their sessions, API tokens and allowed clients end), `NAME_TAKEN` when the address is another member's,
 * `LAST_ADMIN`, `INPUT_INVALID`.
 */
export async function signInByOpenId(
  context: ControlContext,
  person: OpenIdPerson,
  request: SignInRequest,
): Promise<string> {
  const { database } = context;
  const name = nameProblems(person.name, "/name").length === 0 ? person.name : person.email;
  const { role } = person;
  if (role === undefined) return refuse(context, person, request);
  const problems = emailProblems(person.email, "/email");
  if (problems.length > 0) throw invalid(problems);
  const known = await findMember(database.read, person.subject);
  return database.change(actorOf(known, person, request), async (change) => {
    const member = (await findMember(change.tx, person.subject)) ?? (await linkMember(context, change, person));
    if (member !== undefined) {
      if (member.role !== role) await setRole(context, change, member, role);
      return startWithin(change, member, request);
    }
    await insertOrganisation(change, person);
    const id = await insertMember(change, {
      ...person,
      name,
      role,
      passwordHash: undefined,
      oidcSubject: person.subject,
    });
    return startWithin(change, await storedMember(change.tx, id), request);
  });
}

function findMember(read: ControlQueries, subject: string): Promise<MemberRow | undefined> {
  return read.selectFrom("members").selectAll().where("oidc_subject", "=", subject).executeTakeFirst();
}

/**
 * A member who signed in by password until now is the same person if the provider has made sure of the address. Nobody
 * had made sure of it before: somebody else may have joined with it and waited for its owner, whose role they would share.
 * So the password, the sessions, the API tokens and the allowed clients of until now end.
 */
async function linkMember(
  context: ControlContext,
  change: Change,
  person: OpenIdPerson,
): Promise<MemberRow | undefined> {
  const { tx, record } = change;
  const email = storedEmail(person.email);
  const member = await tx.selectFrom("members").selectAll().where("email", "=", email).executeTakeFirst();
  if (member === undefined) return undefined;
  if (member.oidc_subject !== null || person.isEmailVerified !== true) {
    throw new AppError(
      "NAME_TAKEN",
      "another member has your e-mail address: ask an admin to remove that member first",
    );
  }
  await tx
    .updateTable("members")
    .set({ oidc_subject: person.subject, password_hash: null, revision: member.revision + 1 })
    .where("id", "=", member.id)
    .execute();
  await endAccess(context, change, member.id);
  record({ action: "member.link", objectId: member.id, after: { oidc: person.subject } });
  return storedMember(tx, member.id);
}

/** The first person of all makes the organisation, which an admin can rename. */
async function insertOrganisation({ tx, nowMs, record }: Change, { email }: OpenIdPerson): Promise<void> {
  const there = await tx.selectFrom("organisations").select("id").executeTakeFirst();
  if (there !== undefined) return;
  const organisation = { id: newId("org"), name: email.slice(email.indexOf("@") + 1), created_ms: nowMs, revision: 1 };
  await tx.insertInto("organisations").values(organisation).execute();
  record({ action: "organisation.create", objectId: organisation.id, after: { name: organisation.name } });
}

/** Who may not come in any more has nothing here any more: not what is still open, either. */
async function refuse(context: ControlContext, person: OpenIdPerson, request: SignInRequest): Promise<never> {
  const { database } = context;
  const member = await findMember(database.read, person.subject);
  if (member !== undefined) {
    await database.change(actorOf(member, person, request), async (change) => {
      await endAccess(context, change, member.id);
      const { email, role } = member;
      change.record({ action: "member.refuse", objectId: member.id, before: { email, role } });
    });
  }
  throw new AppError("FORBIDDEN", "you are in no group that may sign in here: ask an admin of your organisation");
}

/** Ends whatever lets somebody act as a member: sessions, API tokens, and the clients that they allowed. */
async function endAccess(context: ControlContext, change: Change, memberId: string): Promise<void> {
  await endSessions(change.tx, memberId);
  await change.tx.deleteFrom("api_tokens").where("member_id", "=", memberId).execute();
  await endClientsOf(context, change, memberId);
}

function actorOf(known: MemberRow | undefined, { email, role }: OpenIdPerson, { address }: SignInRequest): Actor {
  return {
    kind: "member",
    memberId: known?.id,
    name: storedEmail(email),
    role: known?.role ?? role ?? "viewer",
    address,
  };
}
