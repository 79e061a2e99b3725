import type { Actor } from "../audit/admin-event.ts";
import { AppError, type Problem } from "../errors.ts";
import { sha256Hex } from "../identity/token.ts";
import { loadPolicy } from "../policy/index.ts";
import type { Change, ControlQueries } from "../store/control-database.ts";
import type { PolicyRow, PolicyVersionRow } from "../store/control-tables.ts";
import {
  type ControlContext,
  demand,
  demandRevision,
  type ExpectedRevision,
  invalid,
  notFound,
  readOnly,
} from "./control-context.ts";
import { policyNameProblem } from "./names.ts";

/** A saved version. `warnings` are the document's problems that do not stop it from loading. */
export interface SavedPolicy {
  readonly id: string;
  readonly version: number;
  readonly warnings: readonly Problem[];
}

/** What a policy is saved with. */
export interface PolicyInput {
  readonly title: string;
  /** JSON or YAML. */
  readonly document: string;
  /** Why, for those who read the history; may be empty. */
  readonly note: string;
}

/** Makes a policy with its first version. Throws `FORBIDDEN`, `NAME_TAKEN` and `INPUT_INVALID`. */
export async function createPolicy(
  context: ControlContext,
  actor: Actor,
  id: string,
  input: PolicyInput,
): Promise<SavedPolicy> {
  demand(actor, "policies.write");
  return context.database.change(actor, (change) => createWithin(context, change, actor, id, input));
}

/** As {@link createPolicy}, within a change and whoever asks. */
export async function createWithin(
  context: ControlContext,
  change: Change,
  actor: Actor,
  id: string,
  { title, document, note }: PolicyInput,
): Promise<SavedPolicy> {
  const problem = policyNameProblem(id);
  if (problem !== undefined) throw invalid([{ path: "/id", ...problem }]);
  const { tx, nowMs } = change;
  if (context.state().policies.has(id) || (await readPolicy(tx, id)) !== undefined) {
    throw new AppError("NAME_TAKEN", `there is a policy \`${id}\` already`);
  }
  // The versions of a removed policy of that name stay readable in the history, and their numbers are not used again.
  const version = (await latestVersion(tx, id)) + 1;
  const { sha256, warnings } = checkDocument(id, version, document);
  const times = { created_ms: nowMs, updated_ms: nowMs };
  await tx
    .insertInto("policies")
    .values({ id, title, version, ...times, revision: 1 })
    .execute();
  await insertVersion(change, actor, { id, version, sha256, document, note });
  change.record({ action: "policy.create", objectId: id, after: { title, version, sha256, note } });
  return { id, version, warnings };
}

/**
 * Saves a text as the next version, in force from the next call on. Throws `FORBIDDEN`, `NOT_FOUND`, `READ_ONLY`,
 * `REVISION_STALE` and `INPUT_INVALID`.
 */
export async function savePolicy(
  context: ControlContext,
  actor: Actor,
  id: string,
  input: Partial<PolicyInput>,
  expected: ExpectedRevision,
): Promise<SavedPolicy> {
  demand(actor, "policies.write");
  return context.database.change(actor, (change) => saveWithin(context, change, actor, id, input, expected));
}

/** As {@link savePolicy}, within a change and whoever asks. */
export async function saveWithin(
  context: ControlContext,
  change: Change,
  actor: Actor,
  id: string,
  { title, document, note }: Partial<PolicyInput>,
  expected: ExpectedRevision,
): Promise<SavedPolicy> {
  const { tx, nowMs } = change;
  const policy = await storedPolicy(context, tx, id);
  demandRevision(policy.revision, expected);
  const before = await readVersion(tx, id, policy.version);
  const text = document ?? before.document;
  const next = text === before.document ? policy.version : (await latestVersion(tx, id)) + 1;
  const { sha256, warnings } = checkDocument(id, next, text);
  if (next !== policy.version) {
    await insertVersion(change, actor, { id, version: next, sha256, document: text, note: note ?? "" });
  }
  const values = { title: title ?? policy.title, version: next };
  await tx
    .updateTable("policies")
    .set({ ...values, updated_ms: nowMs, revision: policy.revision + 1 })
    .where("id", "=", id)
    .execute();
  change.record({
    action: "policy.save",
    objectId: id,
    before: { title: policy.title, version: policy.version, sha256: before.sha256 },
    after: { ...values, sha256, note: note ?? "" },
  });
  return { id, version: next, warnings };
}

/** Saves an earlier version's text as the next version. Throws as {@link savePolicy}. */
export async function restorePolicy(
  context: ControlContext,
  actor: Actor,
  id: string,
  version: number,
  expected: ExpectedRevision,
): Promise<SavedPolicy> {
  demand(actor, "policies.write");
  const { document } = await readVersion(context.database.read, id, version);
  return savePolicy(context, actor, id, { document, note: `version ${version} restored` }, expected);
}

/**
 * Removes a policy; its versions stay. Grants that have it are left without a policy, which denies everything, when
 * `isDetaching` says so; otherwise it is refused. The grants that were left so. Throws `FORBIDDEN`, `NOT_FOUND`,
 * `READ_ONLY`, `REVISION_STALE`, and `IN_USE` with the ids of the grants.
 */
export async function removePolicy(
  context: ControlContext,
  actor: Actor,
  id: string,
  isDetaching: boolean,
  expected: ExpectedRevision,
): Promise<readonly string[]> {
  demand(actor, "policies.write");
  return context.database.change(actor, async (change) => {
    const { tx, nowMs } = change;
    const policy = await storedPolicy(context, tx, id);
    demandRevision(policy.revision, expected);
    // A grant that was revoked opens nothing any more, with or without a policy.
    const rows = await tx
      .selectFrom("grant_servers")
      .innerJoin("grants", "grants.id", "grant_servers.grant_id")
      .select("grant_servers.grant_id")
      .where("policy_id", "=", id)
      .where("grants.revoked_ms", "is", null)
      .execute();
    const grants = [...new Set(rows.map(({ grant_id }) => grant_id))];
    if (grants.length > 0 && !isDetaching) {
      const message = `${grants.length} grants have the policy \`${id}\`: ${grants.slice(0, 5).join(", ")}`;
      throw new AppError("IN_USE", message, { data: { grants } });
    }
    await tx.updateTable("grant_servers").set({ policy_id: null }).where("policy_id", "=", id).execute();
    for (const grant of grants) {
      await tx
        .updateTable("grants")
        .set((eb) => ({ updated_ms: nowMs, revision: eb("revision", "+", 1) }))
        .where("id", "=", grant)
        .execute();
    }
    await tx.deleteFrom("policies").where("id", "=", id).execute();
    change.record({
      action: "policy.remove",
      objectId: id,
      before: { title: policy.title, version: policy.version },
      after: { grantsWithoutPolicy: grants },
    });
    return grants;
  });
}

/** One version, also of a removed policy. Rejects with `NOT_FOUND`. */
export async function readVersion(read: ControlQueries, id: string, version: number): Promise<PolicyVersionRow> {
  const row = await read
    .selectFrom("policy_versions")
    .selectAll()
    .where("policy_id", "=", id)
    .where("version", "=", version)
    .executeTakeFirst();
  if (row === undefined) throw notFound("version of the policy", `${id} ${version}`);
  return row;
}

function checkDocument(
  id: string,
  version: number,
  document: string,
): { readonly sha256: string; readonly warnings: readonly Problem[] } {
  const sha256 = sha256Hex(document);
  const { policy, problems } = loadPolicy(document, { identity: { id, version, sha256 } });
  if (policy !== undefined) return { sha256, warnings: problems };
  const message = problems.find(({ severity }) => severity === "error")?.message ?? "the policy cannot be loaded";
  throw new AppError("INPUT_INVALID", message, { data: { problems } });
}

async function insertVersion(
  { tx, nowMs }: Change,
  actor: Actor,
  { id, ...version }: Pick<PolicyVersionRow, "version" | "sha256" | "document" | "note"> & { readonly id: string },
): Promise<void> {
  const created = { created_by: actor.memberId ?? actor.name, created_ms: nowMs };
  await tx
    .insertInto("policy_versions")
    .values({ policy_id: id, ...version, ...created })
    .execute();
}

async function latestVersion(tx: ControlQueries, id: string): Promise<number> {
  const row = await tx
    .selectFrom("policy_versions")
    .select((eb) => eb.fn.max("version").as("version"))
    .where("policy_id", "=", id)
    .executeTakeFirst();
  return row?.version ?? 0;
}

/** Throws `REVISION_STALE` when a stored policy is not the one that was looked at, else as {@link saveWithin}. */
export async function demandPolicyWithin(
  context: ControlContext,
  { tx }: Change,
  id: string,
  expected: ExpectedRevision,
): Promise<void> {
  demandRevision((await storedPolicy(context, tx, id)).revision, expected);
}

async function storedPolicy({ state }: ControlContext, tx: ControlQueries, id: string): Promise<PolicyRow> {
  if (state().policies.get(id)?.source === "file") throw readOnly("policy", id);
  const policy = await readPolicy(tx, id);
  if (policy === undefined) throw notFound("policy", id);
  return policy;
}

function readPolicy(tx: ControlQueries, id: string): Promise<PolicyRow | undefined> {
  return tx.selectFrom("policies").selectAll().where("id", "=", id).executeTakeFirst();
}
