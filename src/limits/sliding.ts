import type { Decimal } from "../values/decimal.ts";
import { zero } from "../values/decimal.ts";

/** How many slices a window has. The current slice and this many before it count. */
const slicesPerWindow = 60;

/** What was used in one slice; `index` counts slices since time 0. */
export interface Slice {
  readonly index: number;
  readonly amount: Decimal;
}

/** A sliding counter: used amounts by slice, ascending, without empty slices. */
export interface SlidingState {
  readonly kind: "sliding";
  /** Milliseconds, at least 1,000. */
  readonly windowMs: number;
  /** The latest slice ever seen; time does not go back behind it. */
  readonly current: number;
  readonly slices: readonly Slice[];
  /** The sum of `slices`. */
  readonly used: Decimal;
}

/** Pure. The slice that holds the moment. Exact, because the product stays under 2^53 until the year 6000. */
export function sliceAt(steadyMs: number, windowMs: number): number {
  return Math.floor((Math.floor(steadyMs) * slicesPerWindow) / windowMs);
}

/** Pure. The first whole millisecond of the slice. */
export function sliceStartMs(index: number, windowMs: number): number {
  return Math.ceil((index * windowMs) / slicesPerWindow);
}

/**
 * Pure. The counter as it stands at a moment: slices that no longer count are gone. A slice counts until 61 slices
 * later, so for at least the whole window and at most a sixtieth longer: it can deny early and never allows late.
 */
export function advanceSliding(state: SlidingState | undefined, windowMs: number, steadyMs: number): SlidingState {
  const now = sliceAt(steadyMs, windowMs);
  if (state === undefined || state.windowMs !== windowMs) return withSlices(windowMs, now, []);
  if (now <= state.current) return state;
  const kept = state.slices.filter((slice) => slice.index >= now - slicesPerWindow);
  return kept.length === state.slices.length ? { ...state, current: now } : withSlices(windowMs, now, kept);
}

function withSlices(windowMs: number, current: number, slices: readonly Slice[]): SlidingState {
  let used = zero;
  for (const slice of slices) used += slice.amount;
  return { kind: "sliding", windowMs, current, slices, used };
}

/** Pure. Adds to the current slice. */
export function addSliding(state: SlidingState, amount: Decimal): SlidingState {
  if (amount === zero) return state;
  const last = state.slices.at(-1);
  const slices =
    last?.index === state.current
      ? [...state.slices.slice(0, -1), { index: last.index, amount: last.amount + amount }]
      : [...state.slices, { index: state.current, amount }];
  return { ...state, slices, used: state.used + amount };
}

/** Pure. Gives back to the slice in which it was taken, or to none when that slice is gone. Never below zero. */
export function returnSliding(state: SlidingState, index: number, amount: Decimal): SlidingState {
  const slices: Slice[] = [];
  for (const slice of state.slices) {
    if (slice.index !== index) slices.push(slice);
    else if (slice.amount > amount) slices.push({ index, amount: slice.amount - amount });
  }
  return withSlices(state.windowMs, state.current, slices);
}

/** Pure. The steady moment at which `amount` fits under `max` if nothing else is used; undefined when it never does. */
export function slidingFreeAtMs(state: SlidingState, amount: Decimal, max: Decimal): number | undefined {
  if (amount > max) return undefined;
  let used = state.used;
  let freeAtMs = sliceStartMs(state.current, state.windowMs);
  for (const slice of state.slices) {
    if (used + amount <= max) break;
    used -= slice.amount;
    freeAtMs = sliceEndsCountingMs(slice.index, state.windowMs);
  }
  return freeAtMs;
}

/** Pure. The steady moment from which nothing of the counter counts any more. */
export function slidingExpiresMs(state: SlidingState): number {
  const last = state.slices.at(-1)?.index;
  return last === undefined ? sliceStartMs(state.current, state.windowMs) : sliceEndsCountingMs(last, state.windowMs);
}

function sliceEndsCountingMs(index: number, windowMs: number): number {
  return sliceStartMs(index + slicesPerWindow + 1, windowMs);
}
