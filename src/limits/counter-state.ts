import type { Decimal } from "../values/decimal.ts";
import { formatDecimal, parseDecimal, zero } from "../values/decimal.ts";
import type { CalendarState } from "./calendar.ts";
import type { Slice, SlidingState } from "./sliding.ts";

/** What a store keeps of one counter over time. Calls in flight are kept as leases instead. */
export type CounterState = SlidingState | CalendarState;

/**
 * Pure. The counter as text, the same in every store: `s1 60000 29384756 3:1.5 4:2` (window in milliseconds, latest
 * slice, then for each used slice how many slices it lies back and its amount) or `c1 1790000000000 1790086400000 12.5`
 * (start, end, used).
 */
export function encodeCounter(state: CounterState): string {
  if (state.kind === "calendar") return `c1 ${state.startMs} ${state.endMs} ${formatDecimal(state.used)}`;
  let text = `s1 ${state.windowMs} ${state.current}`;
  for (const slice of state.slices) text += ` ${state.current - slice.index}:${formatDecimal(slice.amount)}`;
  return text;
}

/** Pure. Reads what {@link encodeCounter} wrote; undefined for anything else, which a store must treat as corruption. */
export function decodeCounter(text: string): CounterState | undefined {
  const [form, ...fields] = text.split(" ");
  if (form === "c1") return decodeCalendar(fields);
  if (form === "s1") return decodeSliding(fields);
  return undefined;
}

function decodeCalendar(fields: readonly string[]): CalendarState | undefined {
  const [startMs, endMs] = [readInteger(fields[0]), readInteger(fields[1])];
  const used = readAmount(fields[2]);
  if (startMs === undefined || endMs === undefined || used === undefined || fields.length !== 3) return undefined;
  return startMs < endMs ? { kind: "calendar", startMs, endMs, used } : undefined;
}

function decodeSliding(fields: readonly string[]): SlidingState | undefined {
  const [windowMs, current] = [readInteger(fields[0]), readInteger(fields[1])];
  if (windowMs === undefined || windowMs < 1 || current === undefined) return undefined;
  const slices: Slice[] = [];
  let used = zero;
  for (const field of fields.slice(2)) {
    const colon = field.indexOf(":");
    const back = readInteger(field.slice(0, colon));
    const amount = readAmount(field.slice(colon + 1));
    const before = slices.at(-1)?.index ?? -Infinity;
    if (colon < 1 || back === undefined || amount === undefined || current - back <= before) return undefined;
    slices.push({ index: current - back, amount });
    used += amount;
  }
  return { kind: "sliding", windowMs, current, slices, used };
}

function readInteger(text: string | undefined): number | undefined {
  return text !== undefined && /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
}

function readAmount(text: string | undefined): Decimal | undefined {
  const amount = text === undefined ? undefined : parseDecimal(text);
  return amount !== undefined && amount >= zero ? amount : undefined;
}
