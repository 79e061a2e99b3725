import type { Actor } from "../audit/admin-event.ts";
import { AppError } from "../errors.ts";
import {
  type ControlContext,
  demand,
  demandRevision,
  type ExpectedRevision,
  type InputProblem,
  invalid,
  notFound,
} from "./control-context.ts";
import type { Change, ControlQueries } from "../store/control-database.ts";
import { storedEmail } from "./person.ts";
import { revokeWithin, shownGrant, storedGrant, touchGrant, writeServers } from "./grants.ts";

/** What came of {@link revokeOwner}: ids. */
export interface RevokedOfOwner {
  readonly revoked: readonly string[];
  /** Grants of the operator's files, which are ended there. */
  readonly readOnly: readonly string[];
}

/** Ends all grants of one owner, however their e-mail address is spelled, in one step. Throws `FORBIDDEN`. */
export async function revokeOwner(context: ControlContext, actor: Actor, owner: string): Promise<RevokedOfOwner> {
  demand(actor, "grants.mint");
  const ofFiles = [...context.state().grants.values()].filter((grant) => grant.source === "file");
  const email = storedEmail(owner);
  const readOnly = ofFiles.filter((grant) => storedEmail(grant.owner ?? "") === email).map(({ id }) => id);
  // Looked at before the change: one that changes nothing is no change.
  if ((await liveGrantsOf(context.database.read, email)).length === 0) return { revoked: [], readOnly };
  const revoked = await context.database.change(actor, async (change) => {
    const live = await liveGrantsOf(change.tx, email);
    const ids = live.filter((id) => !ofFiles.some((grant) => grant.id === id));
    await revokeWithin(context, change, ids);
    if (ids.length === 0) throw new AppError("REVISION_STALE", "somebody else ended them meanwhile: read them again");
    return ids;
  });
  return { revoked, readOnly };
}

/** Addresses are kept as somebody typed them; SQLite's own `lower` knows ASCII alone. */
async function liveGrantsOf(read: ControlQueries, email: string): Promise<readonly string[]> {
  const query = read.selectFrom("grants").select(["id", "owner"]).where("revoked_ms", "is", null);
  const rows = await query.where("owner", "is not", null).orderBy("id").execute();
  return rows.filter(({ owner }) => storedEmail(owner ?? "") === email).map(({ id }) => id);
}

/**
 * Gives grants a policy for a server that they open already, all or none. Throws `FORBIDDEN`, `NOT_FOUND`, `READ_ONLY`
 * and `INPUT_INVALID`.
 */
export async function attachPolicy(
  context: ControlContext,
  actor: Actor,
  policy: string,
  { server, grants }: { readonly server: string; readonly grants: readonly string[] },
): Promise<void> {
  demand(actor, "grants.attach");
  if (!context.state().policies.has(policy)) throw notFound("policy", policy);
  const revisions = new Map(grants.map((id) => [id, "any" as const]));
  await context.database.change(actor, (change) => attachWithin(context, change, policy, server, revisions));
}

/**
 * As {@link attachPolicy}, within a change and whoever asks: each grant from the revision that it is attached to. Throws
 * `REVISION_STALE` too.
 */
export async function attachWithin(
  context: ControlContext,
  change: Change,
  policy: string,
  server: string,
  grants: ReadonlyMap<string, ExpectedRevision>,
): Promise<void> {
  const problems: InputProblem[] = [];
  for (const [index, [id, revision]] of [...grants].entries()) {
    const grant = await storedGrant(context, change, id);
    demandRevision(grant.revision, revision);
    if (!grant.servers.has(server)) {
      const message = `the grant \`${id}\` does not open the server \`${server}\``;
      problems.push({ path: `/grants/${index}`, message, hint: "leave it out, or open the server for it first" });
      continue;
    }
    const next = { ...grant, servers: new Map(grant.servers).set(server, policy) };
    await writeServers(change, id, next.servers);
    await touchGrant(change, grant);
    change.record({ action: "grant.edit", objectId: id, before: shownGrant(grant), after: shownGrant(next) });
  }
  if (problems.length > 0) throw invalid(problems);
}
