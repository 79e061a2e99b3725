import type { CallRow } from "../../audit/row.ts";
import type { Call, Decision } from "../../policy/index.ts";
import { settleAdmission } from "../../policy/index.ts";
import type { AdmissionResult } from "../../values/admission.ts";
import { canonicalJson } from "../../values/canonical.ts";
import type { GatewayParts } from "../parts.ts";

/** The facts of a call's decision row that do not depend on the decision. */
export interface CallOrigin {
  readonly requestId: string;
  /** `tools/call`, `resources/read`, ... */
  readonly method: string;
  readonly transport: CallRow["transport"];
  readonly era: CallRow["era"];
  readonly requestBytes: number;
  /** Monotonic milliseconds. */
  readonly receivedAtMs: number;
}

/** The parts of a gateway that a decision is recorded with. */
export type JournalParts = Pick<GatewayParts, "store" | "clock" | "logger" | "digestArguments" | "usage">;

const argumentKeysMax = 64;
const argumentKeyLengthMax = 128;

/**
 * Makes the decision final and durable: reservations, flow mark and decision row in one transaction, before anything
 * goes out. A store that cannot do it turns an allowed call into a denial.
 */
export async function journal(
  context: JournalParts,
  call: Call,
  decision: Decision,
  origin: CallOrigin,
): Promise<Decision> {
  const { wants } = decision;
  let final = decision;
  const buildRow = (result: AdmissionResult | undefined): CallRow => {
    if (result !== undefined) final = settleAdmission(decision, result);
    return callRow(context, call, final, origin, result?.kind === "admitted" ? result.touched : []);
  };
  try {
    if (wants === undefined) await context.store.record(buildRow(undefined));
    else {
      const isHeld = decision.outcome === "hold";
      await context.store.admit({ requestId: origin.requestId, wants, isHeld, row: buildRow });
    }
    context.usage?.decided(call.grant.id, final.outcome === "allow");
    return final;
  } catch (error) {
    context.logger.error({ requestId: origin.requestId, error: String(error) }, "decision could not be recorded");
    return decision.outcome === "deny" ? decision : withoutStore(decision);
  }
}

/** The denial of a call that may not go out because the store could not take it. */
function withoutStore(decision: Decision): Decision {
  const { wants } = decision;
  const needsCounters = wants !== undefined && (wants.charges.length > 0 || wants.guards.length > 0);
  return {
    ...decision,
    outcome: "deny",
    code: needsCounters ? "store_unavailable" : "audit_unavailable",
    rule: needsCounters ? "(store)" : "(audit)",
    message: needsCounters
      ? "the gateway cannot reach its counters, so this call may not run: try again later"
      : "the gateway cannot record this call, so it may not run: try again later",
    detail: undefined,
    wants: undefined,
  };
}

function callRow(
  context: JournalParts,
  call: Call,
  decision: Decision,
  origin: CallOrigin,
  limits: CallRow["limits"],
): CallRow {
  return {
    kind: "call",
    time: new Date(context.clock.wallMs()).toISOString(),
    requestId: origin.requestId,
    grant: { id: call.grant.id, label: call.grant.label, owner: call.grant.owner ?? null },
    client: { name: call.client.name ?? null, version: call.client.version ?? null, ip: call.client.ip ?? null },
    server: call.server.name,
    method: origin.method,
    transport: origin.transport,
    era: origin.era,
    tool: call.tool.name,
    category: call.tool.review?.category ?? null,
    policy: decision.policy ?? null,
    outcome: decision.outcome,
    code: decision.code,
    rule: decision.rule,
    message: decision.message,
    condition: decision.detail?.condition ?? null,
    observed: decision.observed,
    limits,
    argumentKeys: Object.keys(call.args)
      .slice(0, argumentKeysMax)
      .map((key) => key.slice(0, argumentKeyLengthMax)),
    argumentDigest: context.digestArguments(canonicalJson(call.args)),
    requestBytes: origin.requestBytes,
    decideMicros: Math.round((context.clock.monotonicMs() - origin.receivedAtMs) * 1000),
  };
}
