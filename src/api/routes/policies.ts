import { notFound } from "../../control/control-context.ts";
import { attachPolicy } from "../../control/many-grants.ts";
import {
  createPolicy,
  readVersion,
  removePolicy,
  restorePolicy,
  savePolicy,
  type SavedPolicy,
} from "../../control/policies.ts";
import { readVersions } from "../../control/policy-versions.ts";
import type { ControlState, PolicyEntry } from "../../control/state.ts";
import type { PolicyVersionRow } from "../../store/control-tables.ts";
import { lineDiff } from "../../values/line-diff.ts";
import type { ApiReply, BindOperation } from "../bind-operation.ts";
import * as contract from "../contract/policies.ts";
import * as versions from "../contract/policy-versions.ts";
import { encodeCursor, pageOfAll, sequenceBefore } from "../cursor.ts";
import { problemView } from "../problem-view.ts";
import { timeText } from "../time-text.ts";
import type { WebParts } from "../web-parts.ts";

/** The policies and what they say. */
export function bindPolicies(bind: BindOperation, parts: WebParts): void {
  const { control } = parts;
  const show = (id: string): ApiReply<contract.PolicyView> & { readonly revision: number } => {
    const state = control.state();
    const entry = state.policies.get(id);
    if (entry === undefined) throw notFound("policy", id);
    return { answer: { ...summaryOf(entry, state), document: entry.document }, revision: entry.revision };
  };
  const showSaved = ({ id, warnings }: SavedPolicy): ApiReply<contract.SavedPolicyView> => {
    const { answer: policy, revision } = show(id);
    return { answer: { policy, warnings: warnings.map(problemView) }, revision };
  };
  bind(contract.listPolicies, ({ query }) => {
    const state = control.state();
    return { answer: pageOfAll("policies", state.policies, query, (entry) => summaryOf(entry, state)) };
  });
  bind(contract.createPolicy, async ({ actor, body: { id, title = id, document, note = "" } }) =>
    showSaved(await createPolicy(control, actor, id, { title, document, note })),
  );
  bind(contract.getPolicy, ({ params }) => show(params.policyId));
  bind(contract.savePolicy, async ({ actor, params: { policyId }, body, revision }) =>
    showSaved(await savePolicy(control, actor, policyId, body, revision)),
  );
  bind(versions.restoreVersion, async ({ actor, params: { policyId, version }, revision }) =>
    showSaved(await restorePolicy(control, actor, policyId, version, revision)),
  );
  bind(contract.deletePolicy, async ({ actor, params: { policyId }, query: { detach }, revision }) => ({
    answer: { grantsWithoutPolicy: await removePolicy(control, actor, policyId, detach === "true", revision) },
  }));
  bind(contract.attachPolicy, async ({ actor, params: { policyId }, body }) => {
    await attachPolicy(control, actor, policyId, body);
    return { answer: { policy: policyId, ...body } };
  });
  bindVersions(bind, parts);
}

/** The history. */
function bindVersions(bind: BindOperation, { control }: WebParts): void {
  const { read } = control.database;
  bind(versions.listVersions, async ({ params: { policyId }, query: { limit, cursor } }) => {
    const list = `versions of ${policyId}`;
    const rows = await readVersions(read, policyId, { before: sequenceBefore(list, cursor), limit: limit + 1 });
    const items = rows.slice(0, limit).map(versionSummary);
    const last = items.at(-1);
    const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(list, last.version) : null;
    return { answer: { items, nextCursor } };
  });
  bind(versions.getVersion, async ({ params: { policyId, version } }) => {
    const row = await readVersion(read, policyId, version);
    return { answer: { ...versionSummary(row), document: row.document } };
  });
  bind(versions.diffVersions, async ({ params: { policyId }, query: { from, to } }) => {
    const before = await readVersion(read, policyId, from);
    const after = await readVersion(read, policyId, to);
    return { answer: { from, to, diff: lineDiff(before.document, after.document) } };
  });
}

function versionSummary(row: Omit<PolicyVersionRow, "document">): versions.VersionSummary {
  const { version, sha256, note, created_by: createdBy, created_ms } = row;
  return { version, sha256, note, createdBy, createdAt: timeText(created_ms) };
}

function summaryOf(entry: PolicyEntry, { grants }: ControlState): contract.PolicySummary {
  const having = [...grants.values()].filter((grant) => [...grant.servers.values()].includes(entry.id));
  return {
    id: entry.id,
    title: entry.title,
    source: entry.source,
    version: entry.version,
    sha256: entry.sha256,
    isLoaded: entry.compiled !== undefined,
    grants: having.map(({ id }) => id).toSorted(),
    updatedAt: timeText(entry.updatedMs),
    revision: entry.revision,
  };
}
