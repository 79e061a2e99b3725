import type { AdmissionResult, Charge, TouchedLimit } from "../values/admission.ts";
import type { Decimal } from "../values/decimal.ts";
import { formatDecimal, one, zero } from "../values/decimal.ts";
import type { CounterState } from "./counter-state.ts";
import type { TimedWindow } from "./counter.ts";
import { addToCounter, advanceCounter, isLive, placeOf, retryAfterMs } from "./counter.ts";
import { counterWrite } from "./counter-write.ts";
import type { Moment } from "./moment.ts";
import type { Receipt, Reservation } from "./receipt.ts";
import type { CounterWrite, Lease, LimitsView, StoredCounter } from "./view.ts";

/** A limit without room, as `limit_reached` tells it. */
export type Shortage = Pick<Extract<AdmissionResult, { kind: "limit_reached" }>, "used" | "retryAfterMs">;

/** What the limits of an admitted call make a store write. */
export interface LimitWrites {
  readonly counters: readonly CounterWrite[];
  readonly leases: readonly Lease[];
  readonly receipt: Receipt;
}

/**
 * The reservations of one call, added up limit by limit. Nothing reaches the store until {@link Tally.writes} is
 * carried out, so a refusal of one limit leaves the others as they were.
 */
export class Tally {
  readonly #view: LimitsView;
  readonly #now: Moment;
  readonly #counters = new Map<string, StoredCounter>();
  readonly #leases = new Map<string, Omit<Lease, "key">>();
  readonly #newKeys = new Map<string, number>();
  readonly #reservations: Reservation[] = [];
  readonly #touched: TouchedLimit[] = [];

  constructor(view: LimitsView, now: Moment) {
    this.#view = view;
    this.#now = now;
  }

  /** The limits reserved so far, in order. */
  get touched(): readonly TouchedLimit[] {
    return this.#touched;
  }

  /** Reserves in one limit, or tells why there is no room. */
  reserve(charge: Charge): Shortage | undefined {
    if (charge.amount < zero) return { used: zero, retryAfterMs: undefined };
    const { window } = charge;
    return window.kind === "concurrent" ? this.#reserveLease(charge) : this.#reserveTime(charge, window);
  }

  #reserveTime(charge: Charge, window: TimedWindow): Shortage | undefined {
    const reserved = this.#counters.get(charge.key);
    const state = advanceCounter(reserved?.state ?? this.#view.counter(charge.key)?.state, window, this.#now);
    if (state.used + charge.amount > charge.max) {
      return { used: state.used, retryAfterMs: this.#retryAfterMs(charge, window, state) };
    }
    if (reserved === undefined && !isLive(state)) {
      const crowd = this.#crowd(charge);
      if (crowd !== undefined) return crowd;
    }
    this.#touch(charge, state.used, charge.amount);
    // Nothing used leaves nothing behind, or values without end could fill the store with empty counters.
    if (charge.amount === zero) return undefined;
    this.#counters.set(charge.key, { family: familyOf(charge), state: addToCounter(state, charge.amount) });
    if (charge.refundable) {
      this.#reservations.push({ key: charge.key, place: placeOf(state), amount: charge.amount });
    }
    return undefined;
  }

  /** Each concurrent limit takes one place, whatever its amount. */
  #reserveLease(charge: Charge): Shortage | undefined {
    const reserved = this.#leases.get(charge.key)?.units ?? 0;
    const held = this.#view.inFlight(charge.key);
    const used = BigInt(held + reserved) * one;
    if (used + one > charge.max) return { used, retryAfterMs: undefined };
    if (held + reserved === 0) {
      const crowd = this.#crowd(charge);
      if (crowd !== undefined) return crowd;
    }
    this.#leases.set(charge.key, { family: familyOf(charge), units: reserved + 1 });
    this.#touch(charge, used, one);
    return undefined;
  }

  /** Whether a new key finds its family full. No live key is ever pushed out for it. */
  #crowd(charge: Charge): Shortage | undefined {
    if (charge.liveKeysMax === undefined) return undefined;
    const added = this.#newKeys.get(charge.family) ?? 0;
    const live = this.#view.liveKeys(charge.family, this.#now.steadyMs);
    if (live.count + added < charge.liveKeysMax) {
      this.#newKeys.set(charge.family, added + 1);
      return undefined;
    }
    const { nextExpiryMs } = live;
    return {
      used: zero,
      retryAfterMs: nextExpiryMs === undefined ? undefined : Math.max(1, nextExpiryMs - this.#now.steadyMs),
    };
  }

  /** Counts all that this call asks of the counter, so that waiting that long is enough for each of its limits on it. */
  #retryAfterMs(charge: Charge, window: TimedWindow, reserved: CounterState): number | undefined {
    const stored = advanceCounter(this.#view.counter(charge.key)?.state, window, this.#now);
    return retryAfterMs(stored, reserved.used - stored.used + charge.amount, charge.max, this.#now);
  }

  #touch(charge: Charge, before: Decimal, amount: Decimal): void {
    this.#touched.push({
      rule: charge.rule,
      counter: charge.counter,
      before: formatDecimal(before),
      after: formatDecimal(before + amount),
      max: formatDecimal(charge.max),
    });
  }

  /** What the store must write for the reservations made. */
  writes(): LimitWrites {
    const counters: CounterWrite[] = [];
    for (const [key, counter] of this.#counters) counters.push(counterWrite(key, counter, this.#now));
    const leases = [...this.#leases].map(([key, lease]) => ({ key, ...lease }));
    return {
      counters,
      leases,
      receipt: { reservations: this.#reservations, leaseKeys: leases.map((lease) => lease.key) },
    };
  }
}

/** Only counters of a `by` limit are counted by family. */
function familyOf(charge: Charge): string | undefined {
  return charge.liveKeysMax === undefined ? undefined : charge.family;
}
