import { returnToCounter } from "./counter.ts";
import { counterWrite } from "./counter-write.ts";
import type { Moment } from "./moment.ts";
import type { Receipt } from "./receipt.ts";
import type { CounterWrite, LimitsView, StoredCounter } from "./view.ts";

/**
 * Pure but for reading `view`. The counters after every reservation of a receipt was given back to the slice or stretch
 * it was taken from. A reservation whose place has passed, or whose counter is gone, changes nothing.
 */
export function refund(receipt: Receipt, view: Pick<LimitsView, "counter">, now: Moment): readonly CounterWrite[] {
  const changed = new Map<string, StoredCounter>();
  for (const { key, place, amount } of receipt.reservations) {
    const counter = changed.get(key) ?? view.counter(key);
    if (counter === undefined) continue;
    const state = returnToCounter(counter.state, place, amount);
    if (state.used !== counter.state.used) changed.set(key, { family: counter.family, state });
  }
  return [...changed].map(([key, counter]) => counterWrite(key, counter, now));
}
