import type { CallRow, OutcomeRow } from "../../src/audit/row.ts";
import type { Call } from "../../src/policy/call.ts";
import type { Decision } from "../../src/policy/index.ts";

/** A decision row, as much of it as a store must be given. */
export function callRow(requestId: string, call: Call, decision: Decision): CallRow {
  return {
    kind: "call",
    time: "2026-01-01T00:00:00.000Z",
    requestId,
    grant: { id: call.grant.id, label: call.grant.label, owner: call.grant.owner ?? null },
    client: { name: null, version: null, ip: null },
    server: call.server.name,
    method: "tools/call",
    transport: "memory",
    era: "modern",
    tool: call.tool.name,
    category: call.tool.review?.category ?? null,
    policy: null,
    outcome: decision.outcome,
    code: decision.code,
    rule: decision.rule,
    message: "",
    condition: null,
    observed: [],
    limits: [],
    argumentKeys: [],
    argumentDigest: "",
    requestBytes: 0,
    decideMicros: 0,
  };
}

/** The end of a call, as little of it as a store must be given. */
export function outcomeRow(requestId: string, isNotSent: boolean): OutcomeRow {
  const status = isNotSent ? "not_sent" : "completed";
  return {
    kind: "outcome",
    time: "2026-01-01T00:00:00.000Z",
    requestId,
    status,
    resultBytes: 0,
    upstreamMicros: 0,
    isRefunded: isNotSent,
  };
}
