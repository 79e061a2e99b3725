import type { Actor } from "../audit/admin-event.ts";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import { newSecretText, newShortId, sha256Hex } from "../identity/token.ts";
import type { PasswordHasher } from "../identity/password.ts";
import type { Change, ControlQueries } from "../store/control-database.ts";
import { type ControlContext, invalid } from "./control-context.ts";
import { insertMember } from "./members.ts";
import { nameProblems, type PersonInput, personProblems } from "./person.ts";

/** How long a setup link can be used, milliseconds. */
export const setupLifetimeMs: number = 15 * 60_000;

/** What the first person says. */
export interface SetupInput extends PersonInput {
  /** The organisation's name. */
  readonly organisation: string;
}

/** Whether nobody is an admin yet, though others may have come before by an OpenID provider. */
export async function isUnclaimed(read: ControlQueries): Promise<boolean> {
  const admins = read.selectFrom("members").select("id").where("role", "=", "admin");
  return (await admins.limit(1).execute()).length === 0;
}

/**
 * The token of a new setup link, by which one person becomes the first admin; undefined when there is one. Earlier
 * links end.
 */
export async function offerSetup({ database }: ControlContext): Promise<string | undefined> {
  const token = newSecretText();
  return database.note(async (tx, nowMs) => {
    await tx.deleteFrom("invitations").where("kind", "=", "setup").execute();
    if (!(await isUnclaimed(tx))) return undefined;
    await tx
      .insertInto("invitations")
      .values({
        id: newShortId(),
        token_sha256: sha256Hex(token),
        kind: "setup",
        email: null,
        role: "admin",
        created_by: null,
        created_ms: nowMs,
        expires_ms: nowMs + setupLifetimeMs,
      })
      .execute();
    return token;
  });
}

/** Whether a setup link can be used now: never while nobody signs in by password. */
export async function isSetupOpen(
  { rules }: Pick<ControlContext, "rules">,
  read: ControlQueries,
  token: string,
  nowMs: number,
): Promise<boolean> {
  if (!rules().signIn.password) return false;
  const row = await read
    .selectFrom("invitations")
    .select("id")
    .where("token_sha256", "=", sha256Hex(token))
    .where("kind", "=", "setup")
    .where("expires_ms", ">", nowMs)
    .executeTakeFirst();
  return row !== undefined && (await isUnclaimed(read));
}

/**
 * Names the organisation and makes its first admin, whose id it answers; the link ends. Throws `NOT_FOUND` for a link that
 * cannot be used, `INPUT_INVALID`, `TOO_MANY_ATTEMPTS`.
 */
export async function completeSetup(
  context: ControlContext,
  passwords: PasswordHasher,
  token: string,
  input: SetupInput,
  address: string | undefined,
): Promise<string> {
  const { database, clock } = context;
  const ended = new AppError("NOT_FOUND", "the setup link was used, or is too old: start `callgate serve` again");
  if (!(await isSetupOpen(context, database.read, token, clock.wallMs()))) throw ended;
  const problems = [...nameProblems(input.organisation, "/organisation"), ...personProblems(input)];
  if (problems.length > 0) throw invalid(problems);
  const passwordHash = await passwords.hash(input.password);
  const actor: Actor = { kind: "invitation", memberId: undefined, name: input.email, role: "admin", address };
  return database.change(actor, async (change) => {
    const { tx, nowMs } = change;
    // Somebody else may have been faster while the password was hashed.
    if (!(await isSetupOpen(context, tx, token, nowMs))) throw ended;
    await tx.deleteFrom("invitations").where("kind", "=", "setup").execute();
    await nameOrganisation(change, input.organisation.trim());
    return insertMember(change, { ...input, role: "admin", passwordHash, oidcSubject: undefined });
  });
}

/** The one organisation is made by the first person of all, who need not be an admin; the first admin names it. */
async function nameOrganisation({ tx, nowMs, record }: Change, name: string): Promise<void> {
  const there = await tx.selectFrom("organisations").selectAll().executeTakeFirst();
  if (there === undefined) {
    const organisation = { id: newId("org"), name, created_ms: nowMs, revision: 1 };
    await tx.insertInto("organisations").values(organisation).execute();
    record({ action: "organisation.create", objectId: organisation.id, after: { name } });
    return;
  }
  await tx
    .updateTable("organisations")
    .set({ name, revision: there.revision + 1 })
    .where("id", "=", there.id)
    .execute();
  record({ action: "organisation.rename", objectId: there.id, before: { name: there.name }, after: { name } });
}
