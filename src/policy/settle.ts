import type { AdmissionResult, Charge, FlowGuard } from "../values/admission.ts";
import { formatDecimal } from "../values/decimal.ts";
import type { Decision } from "./decision.ts";
import { limitSentence, sentenceOf } from "./messages.ts";
import { windowWords } from "./limits.ts";

/**
 * Pure. The final decision on a call, from what the policy said (`decision`, with its `wants`) and what came of the
 * admission: step 11 to 14 of policy.md §3. A decision that was a denial already stays one.
 */
export function settleAdmission(decision: Decision, result: AdmissionResult): Decision {
  if (decision.outcome === "deny") return decision;
  switch (result.kind) {
    case "admitted":
      // INVARIANT: a held call is never admitted without its approvals.
      return decision;
    case "limit_reached":
      return limitReached(decision, result.charge, result.retryAfterMs);
    case "flow_denied":
      return {
        ...decision,
        outcome: "deny",
        code: "flow_denied",
        rule: result.guard.rule,
        message: messageOf(decision, result.guard),
        detail: undefined,
        wants: undefined,
      };
    case "flow_held":
      return held(decision, result.guards);
    case "held":
      return held(decision, []);
  }
}

function limitReached(decision: Decision, charge: Charge, retryAfterMs: number | undefined): Decision {
  const message = charge.onDeny;
  return {
    ...decision,
    outcome: "deny",
    code: "limit_reached",
    rule: charge.rule,
    message: message === undefined || message === "" ? limitSentence(toolOf(decision), charge, retryAfterMs) : message,
    detail: {
      counter: charge.counter,
      window: windowWords(charge.window),
      max: formatDecimal(charge.max),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
    wants: undefined,
  };
}

function held(decision: Decision, guards: readonly FlowGuard[]): Decision {
  const holds = [...(decision.detail?.holds ?? []), ...guards.map((guard) => guard.rule)];
  const first = guards[0];
  const isFlowFirst = decision.outcome !== "hold" && first !== undefined;
  return {
    ...decision,
    outcome: "hold",
    code: "approval_required",
    rule: holds[0] ?? decision.rule,
    message: isFlowFirst ? messageOf(decision, first) : decision.message,
    detail: { ...decision.detail, holds },
  };
}

function messageOf(decision: Decision, guard: FlowGuard): string {
  return guard.message === ""
    ? sentenceOf(guard.effect === "deny" ? "flow_denied" : "approval_required", toolOf(decision))
    : guard.message;
}

function toolOf(decision: Decision): string {
  return decision.wants?.mark.tool ?? "";
}
