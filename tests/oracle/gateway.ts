import type { Call, Facts } from "../../src/policy/call.ts";
import type { OracleDecision } from "./decide.ts";
import { beforeLimits } from "./decide.ts";
import type { Flow, PolicyDocument, Selectors } from "./document.ts";
import type { Exact } from "./exact.ts";
import { add, compare, zero } from "./exact.ts";
import { lengthMs } from "./instants.ts";
import type { Claim } from "./limits.ts";
import { claimsOf, scopeOf } from "./limits.ts";
import { isCovered } from "./tools.ts";
import { localDate } from "./world.ts";

/** When something happened: wall time for calendars, elapsed time for stretches; milliseconds. */
export interface Moment {
  readonly wallMs: number;
  readonly elapsedMs: number;
}

/** A charge that was made and not given back. */
interface PastCharge {
  readonly requestId: string;
  readonly counter: string;
  readonly amount: Exact;
  readonly at: Moment;
  readonly isRefundable: boolean;
  readonly isLease: boolean;
}

/** A call that was forwarded. */
interface PastCall {
  readonly call: Call;
  readonly at: Moment;
}

/** Whether a limit has room. Windows may let go of a charge up to one slice late, so there can be two right answers. */
type Room = "room" | "full" | "either";

/** Steps 3 to 14 of policy.md §3 with every charge and every forwarded call kept in a list, for ever. */
export class OracleGateway {
  #charges: PastCharge[] = [];
  readonly #calls: PastCall[] = [];

  /** Every decision that policy.md permits now; more than one only while a charge is in its last slice. */
  acceptable(document: PolicyDocument, call: Call, now: Moment): readonly OracleDecision[] {
    const facts: Facts = { nowMs: now.wallMs };
    const { decision, selected, holds } = beforeLimits(document, call, facts, () => {});
    if (decision.outcome === "deny") return [decision];
    const flows = this.#firingFlows(document, call, now);
    const denying = flows.find(({ flow }) => flow.deny !== undefined);
    if (denying !== undefined) return [{ outcome: "deny", code: "flow_denied", rule: denying.pointer }];
    const answers: OracleDecision[] = [];
    for (const claim of claimsOf(document, selected, call)) {
      if (claim.amount === undefined || claim.counter === undefined) {
        return [...answers, { outcome: "deny", code: "increment_invalid", rule: claim.pointer }];
      }
      const room = this.#roomFor(claim, claim.counter, claim.amount, now, document.time_zone ?? "UTC");
      if (room !== "room") answers.push({ outcome: "deny", code: "limit_reached", rule: claim.pointer });
      if (room === "full") return answers;
    }
    const [first] = [...holds, ...flows.map(({ pointer }) => pointer)];
    if (first === undefined) return [...answers, { outcome: "allow", code: "allowed", rule: "" }];
    return [...answers, { outcome: "hold", code: "approval_required", rule: first }];
  }

  /** The call went out: its charges and its mark stay. */
  forward(requestId: string, document: PolicyDocument, call: Call, now: Moment): void {
    const { selected } = beforeLimits(document, call, { nowMs: now.wallMs }, () => {});
    for (const { counter, amount, isRefundable, span } of claimsOf(document, selected, call)) {
      if (counter === undefined || amount === undefined) throw new Error("a call without a valid increment went out");
      this.#charges.push({ requestId, counter, amount, at: now, isRefundable, isLease: span.kind === "in flight" });
    }
    this.#calls.push({ call, at: now });
  }

  /** The call ended: leases go, and what may be refunded goes too when nothing was sent. */
  settle(requestId: string, isNotSent: boolean): void {
    this.#charges = this.#charges.filter((charge) => {
      if (charge.requestId !== requestId) return true;
      return !charge.isLease && !(isNotSent && charge.isRefundable);
    });
  }

  #roomFor(claim: Claim, counter: string, amount: Exact, now: Moment, timeZone: string): Room {
    const used = (isCounted: (charge: PastCharge) => boolean): Exact =>
      this.#charges
        .filter((charge) => charge.counter === counter && isCounted(charge))
        .map((charge) => charge.amount)
        .reduce(add, zero);
    const hasRoom = (sum: Exact): boolean => compare(add(sum, amount), claim.max) <= 0;
    const { span } = claim;
    switch (span.kind) {
      case "in flight":
        return hasRoom(used(() => true)) ? "room" : "full";
      case "day":
      case "month": {
        const date = (at: Moment): string => localDate(at.wallMs, timeZone).slice(0, span.kind === "day" ? 10 : 7);
        return hasRoom(used(({ at }) => date(at) === date(now))) ? "room" : "full";
      }
      case "sliding": {
        const slice = Math.ceil(span.ms / 60);
        if (!hasRoom(used(({ at }) => now.elapsedMs - at.elapsedMs <= span.ms))) return "full";
        return hasRoom(used(({ at }) => now.elapsedMs - at.elapsedMs < 61 * slice)) ? "room" : "either";
      }
    }
  }

  #firingFlows(
    document: PolicyDocument,
    call: Call,
    now: Moment,
  ): readonly { readonly flow: Flow; readonly pointer: string }[] {
    return (document.flows ?? [])
      .map((flow, i) => ({ flow, pointer: `/flows/${i}` }))
      .filter(
        ({ flow }) => isSelected(flow.deny ?? flow.require_approval ?? {}, call) && this.#hasMark(flow, call, now),
      );
  }

  #hasMark(flow: Flow, call: Call, now: Moment): boolean {
    const scope = flow.scope ?? "grant";
    return this.#calls.some(
      (past) =>
        JSON.stringify(scopeOf(scope, past.call)) === JSON.stringify(scopeOf(scope, call)) &&
        now.elapsedMs - past.at.elapsedMs <= lengthMs(flow.within) &&
        isSelected(flow.after, past.call),
    );
  }
}

/** Pure. Whether one of the selectors names the call; a tool without a review has every category and signal. */
export function isSelected(selectors: Selectors, call: Call): boolean {
  const { review } = call.tool;
  const hasReview = review !== undefined;
  return (
    (selectors.tools ?? []).some((pattern) => isCovered(pattern, call.tool.name)) ||
    (selectors.categories ?? []).some((category) => !hasReview || review.category === category) ||
    (selectors.signals ?? []).some((signal) => !hasReview || review.signals.includes(signal)) ||
    (selectors.servers ?? []).includes(call.server.name)
  );
}
