import type { CallRow, OutcomeRow } from "../../src/audit/row.ts";
import type { Admission, Settlement } from "../../src/store/store.ts";
import type { AdmissionResult, Charge, FlowGuard, FlowMarkToLeave, LimitWindow } from "../../src/values/admission.ts";
import { decimalFromNumber, one, parseDecimal } from "../../src/values/decimal.ts";

/** A minute that slides. */
export const minute: LimitWindow = { kind: "sliding", windowMs: 60_000 };

/** A decimal from its text, for tests that know it is one. */
export function decimal(text: string | number): bigint {
  const value = typeof text === "number" ? decimalFromNumber(text) : parseDecimal(text);
  if (value === undefined) throw new TypeError(`not a decimal: ${text}`);
  return value;
}

/** A limit of 10 per minute, one used, refundable. */
export function charge(changes: Partial<Charge> = {}): Charge {
  const { key = "local/camoufox/goto/rate", family = key } = changes;
  return {
    rule: "/tools/goto/limits/0",
    counter: "rate",
    liveKeysMax: undefined,
    window: minute,
    max: decimal(10),
    amount: one,
    refundable: true,
    onDeny: undefined,
    ...changes,
    key,
    family,
  };
}

/** A mark that a call of `tool` leaves for the grant `alice`. */
export function markToLeave(changes: Partial<FlowMarkToLeave> = {}): FlowMarkToLeave {
  return {
    server: "camoufox",
    tool: "goto",
    category: "Read",
    signals: ["loads_untrusted_content"],
    scopeKeys: ["grant:alice"],
    ...changes,
  };
}

/** A flow that denies within half an hour after any mark for `alice` that `matches`. */
export function guard(changes: Partial<FlowGuard> = {}): FlowGuard {
  return {
    rule: "/flows/0",
    effect: "deny",
    scopeKey: "grant:alice",
    withinMs: 1_800_000,
    after: { matches: (mark) => mark.tool === "goto" },
    message: "not after reading the web",
    ...changes,
  };
}

/** What a test says of a call. */
export interface TestCall {
  readonly charges?: readonly Charge[];
  readonly guards?: readonly FlowGuard[];
  readonly mark?: FlowMarkToLeave;
  readonly isHeld?: boolean;
  readonly tool?: string;
}

/** An admission with a decision row built from its result. */
export function admission(requestId: string, call: TestCall = {}): Admission {
  const { charges = [charge()], guards = [], mark = markToLeave(), isHeld = false, tool = "goto" } = call;
  return { requestId, wants: { guards, charges, mark }, isHeld, row: (result) => callRow(requestId, result, tool) };
}

/** A settlement of a completed call. */
export function settlement(requestId: string, isNotSent = false): Settlement {
  return { requestId, isNotSent, row: outcomeRow(requestId, isNotSent) };
}

/** A decision row. */
export function callRow(
  requestId: string,
  result: AdmissionResult | undefined,
  tool = "goto",
  grant = "alice",
): CallRow {
  const isAllowed = result?.kind === "admitted";
  return {
    kind: "call",
    time: "2026-03-01T12:00:00.000Z",
    requestId,
    grant: { id: grant, label: "Alice's laptop", owner: grant === "bob" ? "bob@example.com" : null },
    client: { name: "test", version: "1", ip: null },
    server: "camoufox",
    method: "tools/call",
    transport: "memory",
    era: "modern",
    tool,
    category: "Read",
    policy: { id: "p", version: 1, sha256: "00" },
    outcome: isAllowed ? "allow" : result?.kind === "held" || result?.kind === "flow_held" ? "hold" : "deny",
    code: isAllowed ? "allowed" : "limit_reached",
    rule: isAllowed ? "" : "/tools/goto/limits/0",
    message: "",
    condition: null,
    observed: [],
    limits: result?.kind === "admitted" ? result.touched : [],
    argumentKeys: ["url"],
    argumentDigest: "00",
    requestBytes: 120,
    decideMicros: 12,
  };
}

/** An outcome row. */
export function outcomeRow(requestId: string, isRefunded = false): OutcomeRow {
  return {
    kind: "outcome",
    time: "2026-03-01T12:00:01.000Z",
    requestId,
    status: isRefunded ? "not_sent" : "completed",
    resultBytes: 10,
    upstreamMicros: 1000,
    isRefunded,
  };
}

/** A limit of so many calls in flight. */
export function inFlight(max: number): Charge {
  return charge({ key: "in flight", max: decimal(max), window: { kind: "concurrent" }, refundable: false });
}
