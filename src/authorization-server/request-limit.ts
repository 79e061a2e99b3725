import type { Clock } from "../clock.ts";
import { networkOf } from "../values/ip-address.ts";

/** How many requests of a kind are taken in an hour. */
export interface RequestLimitOptions {
  readonly clock: Clock;
  /** From one network address; a /64 of IPv6 is one. */
  readonly perAddress: number;
  /** From all together; bounds what is remembered, too. */
  readonly inAll: number;
}

const windowMs = 3_600_000;

/** Counts what anybody may ask for and what leaves something behind. */
export class RequestLimit {
  readonly #options: RequestLimitOptions;
  #startedMs = -Infinity;
  #inAll = 0;
  #byAddress = new Map<string, number>();

  constructor(options: RequestLimitOptions) {
    this.#options = options;
  }

  /** Counts one request; false when it is one too many. */
  allows(address: string | undefined): boolean {
    const place = networkOf(address);
    const { clock, perAddress, inAll } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#startedMs >= windowMs) {
      this.#startedMs = nowMs;
      this.#inAll = 0;
      this.#byAddress = new Map();
    }
    const mine = (this.#byAddress.get(place) ?? 0) + 1;
    if (mine > perAddress || this.#inAll >= inAll) return false;
    this.#inAll += 1;
    this.#byAddress.set(place, mine);
    return true;
  }
}
