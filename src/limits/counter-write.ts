import { counterExpiresMs, counterForgetMs } from "./counter.ts";
import type { Moment } from "./moment.ts";
import type { CounterWrite, StoredCounter } from "./view.ts";

/** Pure. The counter with the moments until which a store has to keep it. */
export function counterWrite(key: string, { family, state }: StoredCounter, now: Moment): CounterWrite {
  const expiresMs = counterExpiresMs(state, now);
  return { key, family, state, expiresMs, forgetMs: counterForgetMs(state, expiresMs) };
}
