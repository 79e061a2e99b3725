import { usedNow } from "../limits/counter.ts";
import type { Moment } from "../limits/moment.ts";
import { formatDecimal } from "../values/decimal.ts";
import type { CounterFamily, CounterReading } from "./store.ts";
import type { Tables } from "./tables.ts";

/** Of a `by` limit so many values are told. */
const keysMax = 100;

/** What counters say at a moment, within the caller's transaction. */
export function readCounters(
  tables: Tables,
  families: readonly CounterFamily[],
  now: Moment,
): readonly CounterReading[] {
  return families.flatMap(({ family, hasBy }) => {
    const keys = hasBy ? tables.keysOf(family, now.steadyMs, keysMax) : [family];
    return keys.map((key) => ({ family, key, used: usedOf(tables, key, now), inFlight: tables.inFlight(key) }));
  });
}

/** Forgets a counter within the caller's transaction; what was used of it, undefined when there is none. */
export function resetCounter(tables: Tables, key: string, now: Moment): string | undefined {
  if (tables.counter(key) === undefined) return undefined;
  const used = usedOf(tables, key, now);
  tables.removeCounter(key);
  return used;
}

function usedOf(tables: Tables, key: string, now: Moment): string {
  return formatDecimal(usedNow(tables.counter(key)?.state, now));
}
