import type { Call, Facts } from "../../src/policy/call.ts";
import type { OracleDecision } from "./decide.ts";
import { beforeLimits } from "./decide.ts";
import type { Flow, PolicyDocument, Selectors } from "./document.ts";
import { membersOf } from "./document.ts";
import type { Exact } from "./exact.ts";
import { add, compare, zero } from "./exact.ts";
import { lengthMs } from "./instants.ts";
import type { Claim, Span } from "./limits.ts";
import { claimsOf } from "./limits.ts";
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
  /** The day or month it counts in, for calendar windows. */
  readonly period: string | undefined;
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
    const claims = claimsOf(document, selected, call);
    // An increment that cannot be told is known before the store is asked, so it may be reported before an earlier step
    // or limit that denies too. Which one the log shows is left open here; that the call is denied is not.
    const invalid = claims.find((claim) => claim.amount === undefined || claim.counter === undefined);
    const answers: OracleDecision[] =
      invalid === undefined ? [] : [{ outcome: "deny", code: "increment_invalid", rule: invalid.pointer }];
    if (denying !== undefined) return [...answers, { outcome: "deny", code: "flow_denied", rule: denying.pointer }];
    for (const claim of claims) {
      if (claim.amount === undefined || claim.counter === undefined) return answers;
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
    const timeZone = document.time_zone ?? "UTC";
    for (const { counter, amount, isRefundable, span } of claimsOf(document, selected, call)) {
      if (counter === undefined || amount === undefined) throw new Error("a call without a valid increment went out");
      // A charge of nothing leaves no trace, not even of the day it was made in.
      if (compare(amount, zero) === 0) continue;
      const period = this.#periodOf(span, counter, now, timeZone);
      this.#charges.push({
        requestId,
        counter,
        amount,
        at: now,
        period,
        isRefundable,
        isLease: span.kind === "in flight",
      });
    }
    this.#calls.push({ call, at: now });
  }

  /** The call ended: leases go, and what may be refunded is given back when nothing was sent. */
  settle(requestId: string, isNotSent: boolean): void {
    this.#charges = this.#charges.map((charge) => {
      const isReturned = charge.requestId === requestId && (charge.isLease || (isNotSent && charge.isRefundable));
      return isReturned ? { ...charge, amount: zero } : charge;
    });
  }

  /** The process ended and another began: its leases are gone, everything else stays. */
  restart(): void {
    this.#charges = this.#charges.filter((charge) => !charge.isLease);
  }

  /** The day or month of a calendar window: now's, but never one before the latest that the counter was used in. */
  #periodOf(span: Span, counter: string, now: Moment, timeZone: string): string | undefined {
    if (span.kind !== "day" && span.kind !== "month") return undefined;
    const used = this.#charges.filter((charge) => charge.counter === counter).map(({ period }) => period ?? "");
    return [...used, localDate(now.wallMs, timeZone).slice(0, span.kind === "day" ? 10 : 7)].toSorted().at(-1);
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
        const current = this.#periodOf(span, counter, now, timeZone);
        return hasRoom(used(({ period }) => period === current)) ? "room" : "full";
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
        ({ flow }) =>
          isSelected(flow.deny ?? flow.require_approval ?? {}, call, document) &&
          this.#hasMark(flow, call, now, document),
      );
  }

  #hasMark(flow: Flow, call: Call, now: Moment, document: PolicyDocument): boolean {
    return this.#calls.some(
      (past) =>
        isTogether(flow.scope ?? "grant", past.call, call) &&
        now.elapsedMs - past.at.elapsedMs <= lengthMs(flow.within) &&
        isSelected(flow.after, past.call, document),
    );
  }
}

/** Whether an earlier call counts for a later one: a later call without owner or session is judged by its whole grant. */
function isTogether(scope: "grant" | "owner" | "session", past: Call, later: Call): boolean {
  if (past.organisation !== later.organisation) return false;
  if (scope === "owner" && later.grant.owner !== undefined) return past.grant.owner === later.grant.owner;
  if (scope === "session" && later.session !== undefined) return past.session === later.session;
  return past.grant.id === later.grant.id;
}

/** Pure. Whether one of the selectors names the call; a tool without a review has every category and signal. */
function isSelected(selectors: Selectors, call: Call, document: PolicyDocument): boolean {
  const { review } = call.tool;
  const has = (list: Selectors["tools"], isOne: (member: string) => boolean): boolean =>
    membersOf(list, document).some(isOne);
  return (
    has(selectors.tools, (pattern) => isCovered(pattern, call.tool.name)) ||
    has(selectors.categories, (category) => review === undefined || review.category === category) ||
    has(selectors.signals, (signal) => review === undefined || review.signals.some((own) => own === signal)) ||
    has(selectors.servers, (server) => server === call.server.name)
  );
}
