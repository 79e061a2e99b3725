import type { Clock } from "../clock.ts";
import type { Moment } from "../limits/moment.ts";

/**
 * The steady time of one user of a store. It starts where the store left off (or at the wall clock, if that is later
 * and nobody else is using the store), runs with the monotonic clock, and is moved on when another user is ahead.
 */
export class StoreTime {
  readonly #clock: Clock;
  #originMs: number;
  #latestMs: number;

  /** `startMs`: the steady time at this moment. */
  constructor(clock: Clock, startMs: number) {
    this.#clock = clock;
    this.#latestMs = Math.floor(startMs);
    this.#originMs = this.#latestMs - clock.monotonicMs();
  }

  /** The moment now. Steady time never goes back, even if the clock's monotonic time did. */
  now(): Moment {
    this.#latestMs = Math.max(this.#latestMs, Math.floor(this.#originMs + this.#clock.monotonicMs()));
    return { steadyMs: this.#latestMs, wallMs: Math.floor(this.#clock.wallMs()) };
  }

  /** Moves on to a steady time that another user of the store has reached. */
  advanceTo(steadyMs: number): void {
    const aheadMs = steadyMs - this.now().steadyMs;
    if (aheadMs > 0) {
      this.#originMs += aheadMs;
      this.#latestMs += aheadMs;
    }
  }
}
