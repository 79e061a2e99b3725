import type { Actor } from "../audit/admin-event.ts";
import type { ServerAccess } from "../config/settings.ts";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Change, ControlQueries } from "../store/control-database.ts";
import type { SecretRow } from "../store/control-tables.ts";
import { may } from "../values/roles.ts";
import { staticHeaderFault } from "../values/static-header.ts";
import type { Secret } from "../vault/secret.ts";
import { approvedCommand } from "./approved-command.ts";
import { type ControlContext, demand, type InputProblem, invalid, notFound } from "./control-context.ts";
import { originOf } from "./credentials.ts";
import { environmentNameFault } from "./environment-names.ts";
import { readGrants, readServers } from "./load-state.ts";
import type { GrantEntry, ServerEntry } from "./state.ts";

/** Which credential of a server: of all grants, or of one that has its own. */
export interface CredentialPlace {
  readonly server: string;
  /** Undefined for all grants. */
  readonly grantId: string | undefined;
  readonly kind: "header" | "environment";
  /** Of the header (in any case) or the variable. */
  readonly name: string;
}

/**
 * Stores a credential, sealed, for the address or command that the server has now; what was there under that name is
 * replaced. It holds from the next call on, and is never shown again. Throws `FORBIDDEN`, `NOT_FOUND`, and
 * `INPUT_INVALID` for a name or value that cannot be sent.
 */
export async function setCredential(
  context: ControlContext,
  actor: Actor,
  place: CredentialPlace,
  value: Secret,
): Promise<void> {
  await demandCredentials(context, actor, place);
  const server = serverOf(context, place.server);
  const { access } = server.settings;
  const name = storedName(place);
  const problems = [...nameProblems(context, access, { ...place, name }), ...valueProblems(place.kind, name, value)];
  if (problems.length > 0) throw invalid(problems);
  const origin = originOf(access);
  await context.database.change(actor, async (change) => {
    await demandCredentialsWithin(context, change, actor, { ...place, origin });
    const old = await findSecret(change.tx, { ...place, name });
    if (name === "authorization") await refuseBesideOAuth(change, place);
    await writeSecret(context, change, actor, { ...place, name, origin, value }, old);
    const action = old === undefined ? "credential.set" : "credential.replace";
    change.record({ action, objectId: place.server, after: shown({ ...place, name, origin }) });
  });
}

/** Removes a credential. Throws `FORBIDDEN` and `NOT_FOUND`. */
export async function removeCredential(context: ControlContext, actor: Actor, place: CredentialPlace): Promise<void> {
  await demandCredentials(context, actor, place);
  const name = storedName(place);
  await context.database.change(actor, async (change) => {
    const old = await findSecret(change.tx, { ...place, name });
    if (old === undefined) throw notFound("credential", name);
    await change.tx.deleteFrom("secrets").where("id", "=", old.id).execute();
    change.record({
      action: "credential.remove",
      objectId: place.server,
      before: shown({ ...place, name, origin: old.origin }),
    });
  });
}

/** A credential as it may be shown. */
export interface CredentialView {
  readonly grantId: string | undefined;
  readonly kind: "header" | "environment";
  readonly name: string;
  /** What it was entered for: an origin, or a command with its arguments as JSON. */
  readonly origin: string;
  /** `other_address`: the server was edited since; `unreadable`: the vault's key does not open it. Both: enter it again. */
  readonly status: "ready" | "other_address" | "unreadable";
  readonly setBy: string;
  /** Milliseconds since 1970. */
  readonly setAtMs: number;
}

/** The credentials of a server, by grant and name. Throws `FORBIDDEN` and `NOT_FOUND`. */
export function credentialViews(context: ControlContext, actor: Actor, serverId: string): readonly CredentialView[] {
  demand(actor, "servers.read");
  const origin = originOf(serverOf(context, serverId).settings.access);
  return context
    .state()
    .credentials.flatMap((entry): CredentialView[] => {
      const { kind } = entry;
      if (entry.server !== serverId || kind === "oauth") return [];
      const status = entry.origin !== origin ? "other_address" : entry.value === undefined ? "unreadable" : "ready";
      const { grantId, name, setBy, updatedMs: setAtMs } = entry;
      return [{ grantId, kind, name, origin: entry.origin, status, setBy, setAtMs }];
    })
    .toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
}

function keyOf({ grantId, name }: CredentialView): string {
  return `${grantId ?? ""} ${name}`;
}

/**
 * Who may administer credentials: who has the permission, and at a grant of their own the grant's owner, who is known by
 * the e-mail address. Throws `FORBIDDEN`; `NOT_FOUND` for a grant that is not there or does not open the server.
 */
export async function demandCredentials(
  { state, database }: ControlContext,
  actor: Actor,
  place: Pick<CredentialPlace, "server" | "grantId">,
): Promise<void> {
  const grant = place.grantId === undefined ? undefined : state().grants.get(place.grantId);
  await demandAt(database.read, grant, actor, place);
}

/**
 * The same within a change, by what the database says now: others may have revoked the grant, given it to somebody else,
 * or led the server to another address while this one waited. Throws `OAUTH_CONNECT_FAILED` for another address than
 * `origin`.
 */
export async function demandCredentialsWithin(
  { state }: ControlContext,
  { tx }: Pick<Change, "tx">,
  actor: Actor,
  place: Pick<CredentialPlace, "server" | "grantId"> & { readonly origin: string },
): Promise<void> {
  const { server: id, grantId, origin } = place;
  const [fileGrant, fileServer] = [state().grants.get(grantId ?? ""), state().servers.get(id)];
  const [grant] =
    grantId === undefined ? [] : fileGrant?.source === "file" ? [fileGrant] : await readGrants(tx, grantId);
  await demandAt(tx, grant, actor, place);
  const [server] = fileServer?.source === "file" ? [fileServer] : await readServers(tx, id);
  if (server === undefined) throw notFound("server", id);
  if (originOf(server.settings.access) === origin) return;
  throw new AppError("OAUTH_CONNECT_FAILED", "the server got another address meanwhile: connect it again");
}

async function demandAt(
  read: ControlQueries,
  grant: GrantEntry | undefined,
  actor: Actor,
  { server, grantId }: Pick<CredentialPlace, "server" | "grantId">,
): Promise<void> {
  const isOpen = grant !== undefined && grant.revokedMs === undefined && grant.servers.has(server);
  if (!may(actor.role, "credentials.write")) {
    const owner = grant?.owner?.toLowerCase();
    const isOwner = isOpen && owner !== undefined && owner === (await emailOf(read, actor));
    if (!isOwner) demand(actor, "credentials.write");
  }
  if (grantId !== undefined && !isOpen) throw notFound("grant with that server", grantId);
}

async function emailOf(read: ControlQueries, { memberId }: Actor): Promise<string | undefined> {
  if (memberId === undefined) return undefined;
  const row = await read.selectFrom("members").select("email").where("id", "=", memberId).executeTakeFirst();
  return row?.email.toLowerCase();
}

/** The server of that name. Throws `NOT_FOUND`. */
export function serverOf({ state }: ControlContext, id: string): ServerEntry {
  const server = state().servers.get(id);
  if (server === undefined) throw notFound("server", id);
  return server;
}

/** Where a row of `secrets` lies. */
type SecretPlace = Pick<SecretRow, "server" | "kind" | "name"> & { readonly grantId: string | undefined };

/** The row at a place, if there is one. Rejects with the database's errors. */
export async function findSecret(
  read: ControlQueries,
  { server, grantId, kind, name }: SecretPlace,
): Promise<SecretRow | undefined> {
  return read
    .selectFrom("secrets")
    .selectAll()
    .where("server", "=", server)
    .where("grant_id", "=", grantId ?? "")
    .where("kind", "=", kind)
    .where("name", "=", name)
    .executeTakeFirst();
}

/** Seals a value into a new row, or into the old one's place under its next version. */
export async function writeSecret(
  { vault }: Pick<ControlContext, "vault">,
  { tx, nowMs }: Pick<Change, "tx" | "nowMs">,
  actor: Pick<Actor, "name">,
  secret: SecretPlace & { readonly origin: string; readonly value: Secret },
  old: SecretRow | undefined,
): Promise<void> {
  const { server, grantId, kind, name, origin, value } = secret;
  const id = old?.id ?? newId("secret");
  const version = (old?.version ?? 0) + 1;
  const sealed = vault.seal(value, { recordId: id, version, origin });
  const written = { origin, version, sealed, set_by: actor.name, updated_ms: nowMs };
  if (old !== undefined) {
    await tx.updateTable("secrets").set(written).where("id", "=", id).execute();
    return;
  }
  const place = { id, server, grant_id: grantId ?? "", kind, name };
  await tx
    .insertInto("secrets")
    .values({ ...place, ...written, created_ms: nowMs })
    .execute();
}

function storedName({ kind, name }: CredentialPlace): string {
  return kind === "header" ? name.toLowerCase() : name;
}

async function refuseBesideOAuth({ tx }: Change, place: CredentialPlace): Promise<void> {
  const tokens = await findSecret(tx, { ...place, kind: "oauth", name: "tokens" });
  if (tokens === undefined) return;
  const message = "the server is connected by OAuth, which sets `authorization`";
  throw invalid([{ path: "/name", message, hint: "disconnect it first" }]);
}

function nameProblems(
  { rules }: ControlContext,
  access: ServerAccess,
  { kind, name }: CredentialPlace,
): readonly InputProblem[] {
  const path = "/name";
  const fits = access.kind === "url" ? "header" : "environment";
  if (kind !== fits) {
    const message = fits === "header" ? "a server at an address takes headers" : "a command takes variables";
    return [{ path: "/kind", message, hint: `write \`${fits}\`` }];
  }
  if (access.kind === "url") {
    const fault = staticHeaderFault(name, "");
    return fault === undefined ? [] : [{ path, message: fault, hint: "name another header" }];
  }
  const fault = environmentNameFault(name, approvedCommand(rules(), access)?.env ?? []);
  return fault === undefined ? [] : [{ path, ...fault }];
}

/** The longest value, characters: what servers take in one header, and far more than a key or token has. */
const lengthMax = { header: 8_192, environment: 32_768 };

function valueProblems(kind: CredentialPlace["kind"], name: string, value: Secret): readonly InputProblem[] {
  const path = "/value";
  const text = value.reveal();
  const max = lengthMax[kind];
  if (text === "" || text.length > max) {
    return [{ path, message: `the value is empty or over ${max} characters`, hint: "enter the value itself" }];
  }
  if (/\$\{[^}]*\}/.test(text)) {
    const message = "a value with `${...}` in it is refused: nothing is put in its place here";
    return [{ path, message, hint: "enter the value itself; variables are read in callgate.yaml alone" }];
  }
  if (kind === "environment") {
    const hint = "enter it without that character";
    return text.includes("\0") ? [{ path, message: "the value holds a character that no variable can", hint }] : [];
  }
  const fault = text === text.trim() ? staticHeaderFault(name, text) : "the value begins or ends with a space";
  return fault === undefined ? [] : [{ path, message: fault, hint: "enter it without that character" }];
}

function shown({ kind, name, origin, grantId }: CredentialPlace & { readonly origin: string }): Record<string, string> {
  return { kind, name, origin, ...(grantId === undefined ? {} : { grant: grantId }) };
}
