import type { Actor } from "../audit/admin-event.ts";
import { newShortId, newToken } from "../identity/token.ts";
import type { Change } from "../store/control-database.ts";
import type { JsonObject } from "../values/json.ts";
import { toPointer } from "../values/pointer.ts";
import {
  type ControlContext,
  demand,
  demandRevision,
  type ExpectedRevision,
  type InputProblem,
  invalid,
  notFound,
  readOnly,
} from "./control-context.ts";
import { readGrants } from "./load-state.ts";
import type { GrantEntry } from "./state.ts";

/** What a grant is made with. */
export interface GrantInput {
  readonly label: string;
  readonly owner: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Server id to policy id; undefined for a server without a policy. */
  readonly servers: ReadonlyMap<string, string | undefined>;
  readonly showDenied: boolean;
  /** Milliseconds since 1970; undefined for the operator's default. */
  readonly expiresMs: number | undefined;
}

/** A grant with a token that is shown now and never again. */
export interface GrantWithToken {
  readonly id: string;
  readonly token: string;
}

/** Makes a grant with its first token. Throws `FORBIDDEN`, and `INPUT_INVALID` with all that is wrong. */
export async function mintGrant(context: ControlContext, actor: Actor, input: GrantInput): Promise<GrantWithToken> {
  demand(actor, "grants.mint");
  const id = newShortId();
  const { token, sha256 } = newToken("cg", id);
  await context.database.change(actor, async (change) => {
    await insertGrant(context, change, actor, { ...input, id, client: undefined });
    await change.tx
      .insertInto("grant_tokens")
      .values({ token_sha256: sha256, grant_id: id, created_ms: change.nowMs, expires_ms: null })
      .execute();
  });
  return { id, token };
}

/**
 * Writes a new grant within a change, without any token: `client` is the OAuth client whose consent it comes from.
 * Throws `INPUT_INVALID`.
 */
export async function insertGrant(
  context: ControlContext,
  change: Change,
  actor: Actor,
  input: GrantInput & { readonly id: string; readonly client: string | undefined },
): Promise<void> {
  const { tx, nowMs } = change;
  const { grantLifetimeMs, grantLifetimeMsMax } = context.rules();
  const expiresMs = input.expiresMs ?? nowMs + grantLifetimeMs;
  const problems = [...serverProblems(context, input.servers), ...expiryProblems(expiresMs, nowMs, grantLifetimeMsMax)];
  if (problems.length > 0) throw invalid(problems);
  await tx
    .insertInto("grants")
    .values({
      id: input.id,
      label: input.label,
      owner: input.owner ?? null,
      tags: JSON.stringify(input.tags),
      expires_ms: expiresMs,
      show_denied: input.showDenied ? 1 : 0,
      revoked_ms: null,
      client: input.client ?? null,
      created_by: actor.memberId ?? actor.name,
      created_ms: nowMs,
      updated_ms: nowMs,
      revision: 1,
    })
    .execute();
  await writeServers(change, input.id, input.servers);
  change.record({ action: "grant.create", objectId: input.id, after: shownGrant({ ...input, expiresMs }) });
}

/** A grant's changeable members; those left out stay. */
export interface GrantEdit extends Partial<Omit<GrantInput, "owner" | "expiresMs">> {
  /** Null for nobody. */
  readonly owner?: string | null;
  readonly expiresMs?: number;
}

/**
 * Changes a grant. Who may only attach policies may change nothing but the policies of servers that it opens already.
 * Throws `FORBIDDEN`, `NOT_FOUND`, `READ_ONLY`, `REVISION_STALE` and `INPUT_INVALID`.
 */
export async function editGrant(
  context: ControlContext,
  actor: Actor,
  id: string,
  edit: GrantEdit,
  expected: ExpectedRevision,
): Promise<void> {
  demand(actor, "grants.attach");
  await context.database.change(actor, async (change) => {
    const grant = await storedGrant(context, change, id);
    if (!isAttachment(grant, edit)) demand(actor, "grants.mint");
    demandRevision(grant.revision, expected);
    await editWithin(context, change, id, edit);
  });
}

/** As {@link editGrant}, within a change and whoever asks. Throws `NOT_FOUND`, `READ_ONLY` and `INPUT_INVALID`. */
export async function editWithin(context: ControlContext, change: Change, id: string, edit: GrantEdit): Promise<void> {
  const grant = await storedGrant(context, change, id);
  const { grantLifetimeMsMax } = context.rules();
  const problems = [
    ...(edit.servers === undefined ? [] : serverProblems(context, edit.servers)),
    ...(edit.expiresMs === undefined ? [] : expiryProblems(edit.expiresMs, change.nowMs, grantLifetimeMsMax)),
  ];
  if (problems.length > 0) throw invalid(problems);
  const owner = edit.owner === undefined ? grant.owner : (edit.owner ?? undefined);
  const next = { ...grant, ...edit, owner };
  await change.tx
    .updateTable("grants")
    .set({
      label: next.label,
      owner: next.owner ?? null,
      tags: JSON.stringify(next.tags),
      expires_ms: next.expiresMs ?? null,
      show_denied: next.showDenied ? 1 : 0,
      updated_ms: change.nowMs,
      revision: grant.revision + 1,
    })
    .where("id", "=", id)
    .execute();
  if (edit.servers !== undefined) await writeServers(change, id, edit.servers);
  // Somebody else's grant now: what the owner before signed in to is not for this one.
  if (next.owner !== grant.owner) await removeCredentialsOfGrant(change, id);
  change.record({ action: "grant.edit", objectId: id, before: shownGrant(grant), after: shownGrant(next) });
}

/**
 * Gives a grant a new token. The old ones work on for `overlapMs` (0: they fail with the next request). Throws
 * `FORBIDDEN`, `NOT_FOUND`, `READ_ONLY` and `INPUT_INVALID`.
 */
export async function rotateGrant(
  context: ControlContext,
  actor: Actor,
  id: string,
  overlapMs: number,
): Promise<GrantWithToken> {
  demand(actor, "grants.mint");
  const { token, sha256 } = newToken("cg", id);
  await context.database.change(actor, async (change) => {
    const grant = await storedGrant(context, change, id);
    if (grant.revokedMs !== undefined || grant.client !== undefined) {
      const message = grant.client === undefined ? "the grant was revoked" : "a client renews its tokens by itself";
      throw invalid([{ path: "", message, hint: "mint a new grant" }]);
    }
    const { tx, nowMs } = change;
    if (overlapMs === 0) await tx.deleteFrom("grant_tokens").where("grant_id", "=", id).execute();
    else {
      const ends = nowMs + overlapMs;
      await tx
        .updateTable("grant_tokens")
        .set({ expires_ms: ends })
        .where("grant_id", "=", id)
        .where((eb) => eb.or([eb("expires_ms", "is", null), eb("expires_ms", ">", ends)]))
        .execute();
    }
    await tx
      .insertInto("grant_tokens")
      .values({ token_sha256: sha256, grant_id: id, created_ms: nowMs, expires_ms: null })
      .execute();
    await touchGrant(change, grant);
    change.record({ action: "grant.rotate", objectId: id, after: { overlapMs } });
  });
  return { id, token };
}

/**
 * Ends grants for good, all in one step; those revoked before are left as they are. Throws `FORBIDDEN`, and `NOT_FOUND`
 * or `READ_ONLY` for the first that cannot be revoked (then none is).
 */
export async function revokeGrants(context: ControlContext, actor: Actor, ids: readonly string[]): Promise<void> {
  demand(actor, "grants.mint");
  await context.database.change(actor, (change) => revokeWithin(context, change, ids));
}

/** As {@link revokeGrants}, within a change and whoever asks. */
export async function revokeWithin(context: ControlContext, change: Change, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const grant = await storedGrant(context, change, id);
    const { tx, nowMs } = change;
    await tx.deleteFrom("grant_tokens").where("grant_id", "=", id).execute();
    await removeCredentialsOfGrant(change, id);
    await tx
      .updateTable("grants")
      .set({ revoked_ms: grant.revokedMs ?? nowMs, updated_ms: nowMs, revision: grant.revision + 1 })
      .where("id", "=", id)
      .execute();
    change.record({ action: "grant.revoke", objectId: id, before: shownGrant(grant) });
  }
}

/** Removes what a grant has of its own at servers. */
async function removeCredentialsOfGrant({ tx }: Change, id: string): Promise<void> {
  for (const table of ["secrets", "upstream_connections"] as const) {
    await tx.deleteFrom(table).where("grant_id", "=", id).execute();
  }
}

/**
 * The grant as the database has it now: another process may have changed it a moment ago. Throws `NOT_FOUND` and
 * `READ_ONLY`.
 */
export async function storedGrant({ state }: ControlContext, { tx }: Change, id: string): Promise<GrantEntry> {
  if (state().grants.get(id)?.source === "file") throw readOnly("grant", id);
  const [grant] = await readGrants(tx, id);
  if (grant === undefined) throw notFound("grant", id);
  return grant;
}

/** Whether an edit changes nothing but the policies of servers that the grant opens already. */
function isAttachment(grant: GrantEntry, { servers, ...rest }: GrantEdit): boolean {
  if (Object.values(rest).some((value) => value !== undefined) || servers === undefined) return false;
  return servers.size === grant.servers.size && [...servers.keys()].every((server) => grant.servers.has(server));
}

/** Writes which servers a grant opens, in place of what was written before. */
export async function writeServers({ tx }: Change, id: string, servers: GrantInput["servers"]): Promise<void> {
  await tx.deleteFrom("grant_servers").where("grant_id", "=", id).execute();
  if (servers.size === 0) return;
  const rows = [...servers].map(([server, policy]) => ({ grant_id: id, server, policy_id: policy ?? null }));
  await tx.insertInto("grant_servers").values(rows).execute();
}

/** Says that a grant was changed now. */
export async function touchGrant({ tx, nowMs }: Change, { id, revision }: GrantEntry): Promise<void> {
  await tx
    .updateTable("grants")
    .set({ updated_ms: nowMs, revision: revision + 1 })
    .where("id", "=", id)
    .execute();
}

function serverProblems({ state }: ControlContext, servers: GrantInput["servers"]): readonly InputProblem[] {
  return [...servers].flatMap(([server, policy]): InputProblem[] => {
    const path = toPointer(["servers", server]);
    if (!state().servers.has(server)) {
      return [{ path, message: `there is no server \`${server}\``, hint: "register it first, or check the name" }];
    }
    if (policy === undefined || state().policies.has(policy)) return [];
    return [{ path, message: `there is no policy \`${policy}\``, hint: "create it first, or leave it out: null" }];
  });
}

function expiryProblems(expiresMs: number, nowMs: number, lifetimeMsMax: number): readonly InputProblem[] {
  const path = "/expiresAt";
  if (expiresMs <= nowMs) return [{ path, message: "the expiry is in the past", hint: "name a later time" }];
  if (expiresMs - nowMs <= lifetimeMsMax) return [];
  const days = Math.floor(lifetimeMsMax / 86_400_000);
  return [{ path, message: `a grant lives at most ${days} days here`, hint: "name an earlier time" }];
}

/** Pure. A grant as admin events show it. */
export function shownGrant(
  grant: Omit<GrantInput, "expiresMs"> & { readonly expiresMs: number | undefined },
): JsonObject {
  return {
    label: grant.label,
    owner: grant.owner ?? null,
    tags: grant.tags,
    servers: Object.fromEntries([...grant.servers].map(([server, policy]) => [server, policy ?? null])),
    showDenied: grant.showDenied,
    expiresAt: grant.expiresMs === undefined ? null : new Date(grant.expiresMs).toISOString(),
  };
}
