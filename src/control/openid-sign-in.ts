import type { Actor } from "../audit/admin-event.ts";
import { AppError } from "../errors.ts";
import type { OpenIdPerson } from "../identity/openid-provider.ts";
import { endSessions } from "../identity/sessions.ts";
import { newId } from "../ids.ts";
import type { Change, ControlDatabase, ControlQueries } from "../store/control-database.ts";
import type { MemberRow } from "../store/control-tables.ts";
import { type ControlContext, invalid } from "./control-context.ts";
import { insertMember, setRole, storedMember } from "./members.ts";
import { emailProblems, nameProblems, storedEmail } from "./person.ts";
import { type SignInRequest, startWithin } from "./sign-in.ts";

/**
 * Begins a session for whom an OpenID provider named; what it answers goes into the cookie. A person who comes for the
 * first time becomes a member, and every time their role is what their groups say. Throws `FORBIDDEN` for who is in no
 * group with a role (their sessions and API tokens end), `NAME_TAKEN` when the address is another member's,
 * `LAST_ADMIN`, `INPUT_INVALID`.
 */
export async function signInByOpenId(
  { database }: ControlContext,
  person: OpenIdPerson,
  request: SignInRequest,
): Promise<string> {
  const name = nameProblems(person.name, "/name").length === 0 ? person.name : person.email;
  const { role } = person;
  if (role === undefined) return refuse(database, person, request);
  const problems = emailProblems(person.email, "/email");
  if (problems.length > 0) throw invalid(problems);
  const known = await findMember(database.read, person.subject);
  return database.change(actorOf(known, person, request), async (change) => {
    const member = (await findMember(change.tx, person.subject)) ?? (await linkMember(change, person));
    if (member !== undefined) {
      if (member.role !== role) await setRole(change, member, role);
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

/** A member who signed in by password until now is the same person if the provider has made sure of the address. */
async function linkMember({ tx, record }: Change, person: OpenIdPerson): Promise<MemberRow | undefined> {
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
    .set({ oidc_subject: person.subject, revision: member.revision + 1 })
    .where("id", "=", member.id)
    .execute();
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
async function refuse(database: ControlDatabase, person: OpenIdPerson, request: SignInRequest): Promise<never> {
  const member = await findMember(database.read, person.subject);
  if (member !== undefined) {
    await database.change(actorOf(member, person, request), async ({ tx, record }) => {
      await endSessions(tx, member.id);
      await tx.deleteFrom("api_tokens").where("member_id", "=", member.id).execute();
      record({ action: "member.refuse", objectId: member.id, before: { email: member.email, role: member.role } });
    });
  }
  throw new AppError("FORBIDDEN", "you are in no group that may sign in here: ask an admin of your organisation");
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
