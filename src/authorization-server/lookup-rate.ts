import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../clock.ts";

/** How many tokens that are not known are looked into in a second: a flood of made-up ones asks no more. */
const perSecondMax = 500;

/** How many may wait for their turn; what comes then is taken for unknown. */
const waitingMax = 2_000;

/** Lets so many pass in a second and the others wait, so that who means well is late in a flood and not lost. */
export class LookupRate {
  readonly #clock: Clock;
  #startedMs = -Infinity;
  #count = 0;
  #waiting = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it is one's turn; to false when too many wait already. */
  async turn(): Promise<boolean> {
    while (!this.#takes()) {
      if (this.#waiting >= waitingMax) return false;
      this.#waiting += 1;
      await wait(Math.max(1, this.#startedMs + 1_000 - this.#clock.monotonicMs()));
      this.#waiting -= 1;
    }
    return true;
  }

  #takes(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#startedMs >= 1_000) {
      this.#startedMs = nowMs;
      this.#count = 0;
    }
    if (this.#count >= perSecondMax) return false;
    this.#count += 1;
    return true;
  }
}
