import type { FlowMark } from "../values/admission.ts";
import type { CounterState } from "./counter-state.ts";

/** A counter as a store holds it. */
export interface StoredCounter {
  /** Counters that share one `by` limit share a family; undefined for a counter without `by`. */
  readonly family: string | undefined;
  readonly state: CounterState;
}

/** The keys of one family that still count something. */
export interface LiveKeys {
  readonly count: number;
  /** The steady moment at which the first of them stops counting, undefined when it cannot be known (calls in flight). */
  readonly nextExpiryMs: number | undefined;
}

/**
 * What the limits room may ask of a store, all within one transaction. Answers come at once: a store across a network
 * fetches them first ({@link Wants} names every key, family and scope) and writes back only if nothing changed.
 */
export interface LimitsView {
  /** The counter of that key, undefined when nothing was ever charged to it. */
  counter(key: string): StoredCounter | undefined;
  /** How many leases are held on the key. */
  inFlight(key: string): number;
  /** Live keys of a family: counters that expire after `steadyMs`, and keys with leases. */
  liveKeys(family: string, steadyMs: number): LiveKeys;
  /** The marks left in a scope at or after a steady moment, in any order; the latest of equal marks is enough. */
  marks(scopeKey: string, sinceSteadyMs: number): Iterable<FlowMark>;
}

/** A counter to store. */
export interface CounterWrite extends StoredCounter {
  readonly key: string;
  /** The steady moment from which the counter counts nothing, so that it is no longer a live key. */
  readonly expiresMs: number;
  /** The steady moment after which the store may forget it. */
  readonly forgetMs: number;
}

/** A place among the calls in flight, held until the call settles or its node dies. */
export interface Lease {
  readonly key: string;
  /** As of {@link StoredCounter.family}. */
  readonly family: string | undefined;
  /** At least 1; more only when one call has several limits on the same key. */
  readonly units: number;
}
