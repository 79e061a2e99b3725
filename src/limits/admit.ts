import type { AdmissionResult, FlowGuard, FlowMarkToLeave, Wants } from "../values/admission.ts";
import type { Moment } from "./moment.ts";
import type { LimitWrites } from "./tally.ts";
import { Tally } from "./tally.ts";
import type { LimitsView } from "./view.ts";

/** Everything that a store must write, together, for an admitted call. */
export interface AdmissionWrites extends LimitWrites {
  /** To be left at the moment of the admission, in each of its scopes. */
  readonly mark: FlowMarkToLeave;
}

/** What came of a call's wants; `writes` is there exactly when it is `admitted`. */
export interface Admittance {
  readonly result: AdmissionResult;
  readonly writes: AdmissionWrites | undefined;
}

/**
 * Pure but for reading `view`. Looks at what a judged call asks for, in the order of policy.md §3: flows that deny, room
 * of every limit (the first without room denies; limits of one call on the same counter add up), flows that hold or an
 * `approve_if` (`isHeld`), and then reserves in all limits together.
 */
export function admit(wants: Wants, isHeld: boolean, view: LimitsView, now: Moment): Admittance {
  for (const guard of wants.guards) {
    if (guard.effect === "deny" && hasFired(guard, view, now)) return refusal({ kind: "flow_denied", guard });
  }
  const tally = new Tally(view, now);
  for (const charge of wants.charges) {
    const shortage = tally.reserve(charge);
    if (shortage !== undefined) return refusal({ kind: "limit_reached", charge, ...shortage });
  }
  const holding = wants.guards.filter((guard) => guard.effect === "hold" && hasFired(guard, view, now));
  if (holding.length > 0) return refusal({ kind: "flow_held", guards: holding });
  if (isHeld) return refusal({ kind: "held" });
  return { result: { kind: "admitted", touched: tally.touched }, writes: { ...tally.writes(), mark: wants.mark } };
}

/** Pure but for reading `view`. Whether a mark that the flow speaks of was left within its time, both ends included. */
function hasFired(guard: FlowGuard, view: LimitsView, now: Moment): boolean {
  for (const mark of view.marks(guard.scopeKey, now.steadyMs - guard.withinMs)) {
    if (guard.after.matches(mark)) return true;
  }
  return false;
}

function refusal(result: Exclude<AdmissionResult, { kind: "admitted" }>): Admittance {
  return { result, writes: undefined };
}
