import type { Decision } from "../policy/index.ts";
import type { JsonObject } from "../values/json.ts";

/** What the agent gets of a decision as data (policy.md §4). Never an argument value. */
export function decisionMeta(decision: Decision, requestId: string): JsonObject {
  const retryAfterMs = decision.detail?.retryAfterMs;
  return {
    outcome: decision.outcome,
    code: decision.code,
    rule: decision.rule,
    requestId,
    policyVersion: decision.policy?.version ?? null,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
