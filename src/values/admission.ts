/**
 * What a judged call asks of the store before it may go out, as plain data: reservations on counters, flow marks to
 * look for, and the mark to leave. The policy room writes it, the limits room computes with it, every store commits it.
 */

import type { Decimal } from "./decimal.ts";

/** How a limit counts. `windowMs` and `sliceMs` in milliseconds. */
export type LimitWindow =
  /** Never more than `max` in any stretch of `windowMs`; counted in slices of a sixtieth. */
  | { readonly kind: "sliding"; readonly windowMs: number }
  /** Resets at midnight of `timeZone` (IANA name), each day or each first of the month. */
  | { readonly kind: "calendar"; readonly unit: "day" | "month"; readonly timeZone: string }
  /** `max` calls in flight, each held by a lease. */
  | { readonly kind: "concurrent" };

/** One limit of one call, ready to be reserved. */
export interface Charge {
  /** RFC 6901 pointer to the limit in its policy: `/tools/refund/limits/0`. */
  readonly rule: string;
  /** The limit's `counter` name, for people. */
  readonly counter: string;
  /** Identifies the counter without the `by` value: everything of policy.md §5 "Counters are keyed by". */
  readonly family: string;
  /** Identifies the counter: `family` plus the `by` value, if any. */
  readonly key: string;
  /** At most this many live keys in the family (`by`: 10,000); undefined without `by`. */
  readonly liveKeysMax: number | undefined;
  readonly window: LimitWindow;
  readonly max: Decimal;
  /** What this call uses; 1 unless the limit says otherwise; never negative. */
  readonly amount: Decimal;
  /** Whether it is given back when no byte of the request left for the upstream. */
  readonly refundable: boolean;
  /** The limit's own `on_deny`, or undefined for a sentence of the engine's. */
  readonly onDeny: string | undefined;
}

/** Selects earlier calls (OR over the members present). Names and patterns are resolved by {@link FlowSelector.matches}. */
export interface FlowSelector {
  /** Pure. Whether an earlier forwarded call with this mark is one the flow speaks of. */
  readonly matches: (mark: FlowMark) => boolean;
}

/** A flow whose later side this call is: it fires when a matching mark is found. */
export interface FlowGuard {
  /** `/flows/0` */
  readonly rule: string;
  readonly effect: "deny" | "hold";
  /** Whose earlier calls count: the scope's kind and value, e.g. `grant:alice`. */
  readonly scopeKey: string;
  readonly withinMs: number;
  readonly after: FlowSelector;
  readonly message: string;
}

/** What a forwarded call leaves behind for flows, durable before it goes out. */
export interface FlowMark {
  readonly server: string;
  readonly tool: string;
  /** The reviewed category and signals; both undefined for a tool without a review, which then has every one. */
  readonly category: string | undefined;
  readonly signals: readonly string[] | undefined;
}

/** A mark with the scopes it counts in: one key each for grant, owner and session. */
export interface FlowMarkToLeave extends FlowMark {
  readonly scopeKeys: readonly string[];
}

/** All that one call asks of the store. Looked at in this order: denying guards, room of every charge, holding guards. */
export interface Wants {
  readonly guards: readonly FlowGuard[];
  readonly charges: readonly Charge[];
  readonly mark: FlowMarkToLeave;
}

/** A limit that a call touched, for the audit row. Decimal texts. */
export interface TouchedLimit {
  readonly rule: string;
  readonly counter: string;
  readonly before: string;
  readonly after: string;
  readonly max: string;
}

/** What came of {@link Wants}. Only `admitted` reserved anything. */
export type AdmissionResult =
  | { readonly kind: "admitted"; readonly touched: readonly TouchedLimit[] }
  | {
      readonly kind: "limit_reached";
      readonly charge: Charge;
      readonly used: Decimal;
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: "flow_denied"; readonly guard: FlowGuard }
  | { readonly kind: "flow_held"; readonly guards: readonly FlowGuard[] }
  | { readonly kind: "held" };
