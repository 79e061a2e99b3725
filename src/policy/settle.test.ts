import { describe, expect, it } from "vitest";
import type { AdmissionResult, Charge, FlowGuard } from "../values/admission.ts";
import { one, zero } from "../values/decimal.ts";
import { decide, loadPolicy, settleAdmission } from "./index.ts";
import type { Call, Decision } from "./index.ts";

const call: Call = {
  organisation: "acme",
  server: { name: "shop" },
  grant: { id: "alice", label: "l", owner: undefined, tags: {} },
  client: { ip: undefined, name: undefined, version: undefined },
  session: undefined,
  tool: { name: "save_session", isListed: true, isChanged: false, review: undefined, schema: undefined },
  args: {},
};

function judged(rules: object, more: object = {}): Decision {
  const text = JSON.stringify({ version: "1", default: "deny", tools: { save_session: rules }, ...more });
  const { policy } = loadPolicy(text, { identity: { id: "p", version: 1, sha256: "00" } });
  return decide(policy, call, { nowMs: 0 });
}

function chargeOf(decision: Decision): Charge {
  const charge = decision.wants?.charges[0];
  if (charge === undefined) throw new Error("the call asks for no limit");
  return charge;
}

function guardsOf(decision: Decision): readonly FlowGuard[] {
  return decision.wants?.guards ?? [];
}

const minute = judged({ limits: [{ counter: "c", window: "minute", max: 30 }] });

describe("settleAdmission", () => {
  it("leaves an admitted call allowed", () => {
    expect(settleAdmission(minute, { kind: "admitted", touched: [] })).toBe(minute);
  });

  it("leaves a denial as it is", () => {
    const denied = judged({ action: "deny" });
    expect(settleAdmission(denied, { kind: "held" })).toBe(denied);
  });

  it("[R77] [R94] says which limit has no room, and when to try again", () => {
    const result: AdmissionResult = {
      kind: "limit_reached",
      charge: chargeOf(minute),
      used: 30n * one,
      retryAfterMs: 11_001,
    };
    expect(settleAdmission(minute, result)).toMatchObject({
      outcome: "deny",
      code: "limit_reached",
      rule: "/tools/save_session/limits/0",
      message: "`save_session`: at most 30 per minute; try again in 12 s",
      detail: { counter: "c", window: "minute", max: "30", retryAfterMs: 11_001 },
      wants: undefined,
    });
  });

  it.each<readonly [string, object, number | undefined, string]>([
    ["the limit's own words", { counter: "c", window: "minute", max: 1, on_deny: "Slow down." }, 5, "Slow down."],
    [
      "not an empty text",
      { counter: "c", window: "hour", max: 1, on_deny: "" },
      5,
      "`save_session`: at most 1 per hour; try again in 1 s",
    ],
    [
      "minutes",
      { counter: "c", window: "15m", max: 1 },
      121_000,
      "`save_session`: at most 1 per 15m; try again in 3 min",
    ],
    [
      "hours",
      { counter: "c", window: "day", max: 2.5 },
      7_200_001,
      "`save_session`: at most 2.5 per day; try again in 3 h",
    ],
    [
      "no time when there is none",
      { counter: "c", window: "month", max: 1 },
      undefined,
      "`save_session`: at most 1 per month; try again later",
    ],
    [
      "calls in flight",
      { counter: "c", concurrent: true, max: 2 },
      undefined,
      "`save_session`: at most 2 in flight; try again when one of them has ended",
    ],
    [
      "a call that can never fit",
      { counter: "c", window: "day", max: 1, increment: 2 },
      5,
      "`save_session`: at most 1 per day; this call alone asks for more than that, so ask for less",
    ],
  ])("[R94] tells the agent %s", (_, limit, retryAfterMs, message) => {
    const decision = judged({ limits: [limit] });
    const settled = settleAdmission(decision, {
      kind: "limit_reached",
      charge: chargeOf(decision),
      used: zero,
      retryAfterMs,
    });
    expect(settled.message).toBe(message);
    expect(settled.detail?.retryAfterMs).toBe(retryAfterMs);
  });

  it("[R125] denies a held call that has no room, so that nobody is asked", () => {
    const held = judged({ action: "require_approval", limits: [{ counter: "c", window: "minute", max: 0 }] });
    const settled = settleAdmission(held, {
      kind: "limit_reached",
      charge: chargeOf(held),
      used: zero,
      retryAfterMs: undefined,
    });
    expect([held.outcome, settled.outcome, settled.code]).toEqual(["hold", "deny", "limit_reached"]);
  });

  it("holds an allowed call that the store holds, and never lets it pass", () => {
    expect(settleAdmission(minute, { kind: "held" })).toMatchObject({
      outcome: "hold",
      rule: "",
      detail: { holds: [] },
    });
    const settled = settleAdmission(
      { ...minute, wants: undefined },
      { kind: "limit_reached", charge: chargeOf(minute), used: zero, retryAfterMs: 1 },
    );
    expect(settled).toMatchObject({ outcome: "deny", message: "``: at most 30 per minute; try again in 1 s" });
  });

  it("leaves a held call held", () => {
    const held = judged({ action: "require_approval" });
    expect(settleAdmission(held, { kind: "held" })).toEqual(held);
  });

  const flows = [
    { after: { tools: ["read"] }, within: "30m", deny: { tools: ["save_session"] }, on_deny: "Not after reading." },
    { after: { tools: ["read"] }, within: "30m", require_approval: { tools: ["save_session"] } },
    { after: { tools: ["read"] }, within: "30m", deny: { tools: ["save_session"] } },
    {
      after: { tools: ["read"] },
      within: "30m",
      require_approval: { tools: ["save_session"] },
      on_deny: "Asked after reading.",
    },
  ];
  const flowing = judged({ approve_if: [{ conditions: [] }] }, { flows });
  const passing = judged({}, { flows });

  it.each([
    [0, "Not after reading."],
    [2, "`save_session` may not be called so soon after what was called before; wait, or work without it"],
  ])("[R116] names flow %i that denies", (index, message) => {
    const guard = guardsOf(passing)[index];
    if (guard === undefined) throw new Error("no guard");
    const settled = settleAdmission(passing, { kind: "flow_denied", guard });
    expect(settled).toMatchObject({
      outcome: "deny",
      code: "flow_denied",
      rule: `/flows/${index}`,
      message,
      wants: undefined,
    });
  });

  it("holds for flows that ask, the first one reported", () => {
    const guards = guardsOf(passing).filter(({ effect }) => effect === "hold");
    const settled = settleAdmission(passing, { kind: "flow_held", guards });
    expect(settled).toMatchObject({
      outcome: "hold",
      code: "approval_required",
      rule: "/flows/1",
      detail: { holds: ["/flows/1", "/flows/3"] },
    });
    expect(settled.message).toContain("needs a person's approval");
    expect(settleAdmission(passing, { kind: "flow_held", guards: guards.slice(1) }).message).toBe(
      "Asked after reading.",
    );
  });

  it("carries the entries of the policy before those of flows", () => {
    const guards = guardsOf(flowing).filter(({ effect }) => effect === "hold");
    const settled = settleAdmission(flowing, { kind: "flow_held", guards });
    expect(settled).toMatchObject({
      rule: "/tools/save_session/approve_if/0",
      detail: { holds: ["/tools/save_session/approve_if/0", "/flows/1", "/flows/3"] },
    });
    expect(settled.message).toBe(flowing.message);
  });

  it("selects earlier calls by their marks", () => {
    const [guard] = guardsOf(passing);
    const mark = { server: "x", category: undefined, signals: undefined };
    expect([guard?.after.matches({ ...mark, tool: "read" }), guard?.after.matches({ ...mark, tool: "write" })]).toEqual(
      [true, false],
    );
  });
});
