import type { LimitWindow } from "../values/admission.ts";
import type { Decimal } from "../values/decimal.ts";
import { zero } from "../values/decimal.ts";
import { addCalendar, advanceCalendar, returnCalendar } from "./calendar.ts";
import type { CounterState } from "./counter-state.ts";
import type { Moment } from "./moment.ts";
import { addSliding, advanceSliding, returnSliding, slidingExpiresMs, slidingFreeAtMs } from "./sliding.ts";

/** A window whose use is kept as a {@link CounterState}. */
export type TimedWindow = Exclude<LimitWindow, { readonly kind: "concurrent" }>;

const calendarGraceMs = 7 * 86_400_000;

/**
 * Pure. The counter as it stands now in that window. A counter that was kept in another kind of window (an edited
 * policy whose counter key stayed the same) starts empty.
 */
export function advanceCounter(state: CounterState | undefined, window: TimedWindow, now: Moment): CounterState {
  if (window.kind === "sliding") {
    return advanceSliding(state?.kind === "sliding" ? state : undefined, window.windowMs, now.steadyMs);
  }
  return advanceCalendar(state?.kind === "calendar" ? state : undefined, window.unit, window.timeZone, now.wallMs);
}

/** Pure. What of a stored counter still counts. */
export function usedNow(state: CounterState | undefined, now: Moment): Decimal {
  if (state === undefined) return zero;
  if (state.kind === "sliding") return advanceSliding(state, state.windowMs, now.steadyMs).used;
  return now.wallMs < state.endMs ? state.used : zero;
}

/** Pure. Adds to where the counter stands. */
export function addToCounter(state: CounterState, amount: Decimal): CounterState {
  return state.kind === "sliding" ? addSliding(state, amount) : addCalendar(state, amount);
}

/** Pure. Gives back to the place where it was taken, or nowhere if that has passed. */
export function returnToCounter(state: CounterState, place: number, amount: Decimal): CounterState {
  return state.kind === "sliding" ? returnSliding(state, place, amount) : returnCalendar(state, place, amount);
}

/** Pure. Names the slice or stretch in which the counter stands. */
export function placeOf(state: CounterState): number {
  return state.kind === "sliding" ? state.current : state.startMs;
}

/** Pure. How long until `amount` fits under `max`, at least 1 ms; undefined when it never will. */
export function retryAfterMs(state: CounterState, amount: Decimal, max: Decimal, now: Moment): number | undefined {
  if (amount > max) return undefined;
  if (state.kind === "calendar") return Math.max(1, state.endMs - now.wallMs);
  const freeAtMs = slidingFreeAtMs(state, amount, max);
  return freeAtMs === undefined ? undefined : Math.max(1, freeAtMs - now.steadyMs);
}

/** Pure. Whether the counter, as it stands now, counts anything: then it is a live key of its family. */
export function isLive(state: CounterState): boolean {
  return state.used > zero;
}

/**
 * Pure. The steady moment from which the counter counts nothing. The end of a calendar stretch is told in steady time
 * so that a jump of the wall clock cannot make a counter look forgotten.
 */
export function counterExpiresMs(state: CounterState, now: Moment): number {
  if (!isLive(state)) return now.steadyMs;
  return state.kind === "sliding" ? slidingExpiresMs(state) : now.steadyMs + Math.max(0, state.endMs - now.wallMs);
}

/**
 * Pure. The steady moment after which a store may forget the counter. Sliding ones at once; calendar ones after a week's
 * grace, so that those of today are still there when a wall clock that ran days ahead is set right.
 */
export function counterForgetMs(state: CounterState, expiresMs: number): number {
  return state.kind === "sliding" ? expiresMs : expiresMs + calendarGraceMs;
}
