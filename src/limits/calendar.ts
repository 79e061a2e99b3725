import type { Decimal } from "../values/decimal.ts";
import { zero } from "../values/decimal.ts";
import { calendarStretch } from "../values/time-zone.ts";

/** A calendar counter: what was used in the stretch of wall time from `startMs` to `endMs` (not counted). */
export interface CalendarState {
  readonly kind: "calendar";
  readonly startMs: number;
  readonly endMs: number;
  readonly used: Decimal;
}

/**
 * Pure. The counter as it stands at a moment: empty once its day or month is over. While the clock reads earlier than
 * the end of the stored stretch that stretch goes on, so a clock set back opens nothing again and a policy's new time
 * zone takes effect at the next reset.
 */
export function advanceCalendar(
  state: CalendarState | undefined,
  unit: "day" | "month",
  timeZone: string,
  wallMs: number,
): CalendarState {
  if (state !== undefined && wallMs < state.endMs) return state;
  const { startMs, endMs } = calendarStretch(unit, timeZone, wallMs);
  return { kind: "calendar", startMs, endMs, used: zero };
}

/** Pure. Adds to the current stretch. */
export function addCalendar(state: CalendarState, amount: Decimal): CalendarState {
  return { ...state, used: state.used + amount };
}

/** Pure. Gives back to the stretch that started at `startMs`, or to none when another one is running. Never below zero. */
export function returnCalendar(state: CalendarState, startMs: number, amount: Decimal): CalendarState {
  if (state.startMs !== startMs) return state;
  return { ...state, used: state.used > amount ? state.used - amount : zero };
}
