import { notFound } from "../../control/control-context.ts";
import type { ControlState, PolicyEntry } from "../../control/state.ts";
import type { BindOperation } from "../bind-operation.ts";
import { getPolicy, listPolicies, type PolicySummary } from "../contract/policies.ts";
import { pageOfAll } from "../cursor.ts";
import { timeText } from "../time-text.ts";
import type { WebParts } from "../web-parts.ts";

/** The policies and what they say. */
export function bindPolicies(bind: BindOperation, { control }: WebParts): void {
  bind(listPolicies, ({ query }) => {
    const state = control.state();
    return { answer: pageOfAll("policies", state.policies, query, (entry) => summaryOf(entry, state)) };
  });
  bind(getPolicy, ({ params: { policyId } }) => {
    const state = control.state();
    const entry = state.policies.get(policyId);
    if (entry === undefined) throw notFound("policy", policyId);
    return { answer: { ...summaryOf(entry, state), document: entry.document }, revision: entry.revision };
  });
}

function summaryOf(entry: PolicyEntry, { grants }: ControlState): PolicySummary {
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
