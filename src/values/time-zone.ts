import { Temporal } from "temporal-polyfill";

/** A stretch of wall time: `startMs` counts, `endMs` does not. Milliseconds since 1970 (UTC). */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

const dayMs = 86_400_000;
const remembered = new Map<string, Stretch>();
const rememberedMax = 256;

/**
 * The calendar day or month of `timeZone` (IANA name) that holds the moment `wallMs`. Days are as long as the zone makes
 * them (23 or 25 hours at a clock change), a day without a midnight starts at its first moment. Throws `RangeError`
 * for a zone that does not exist. The last answer for each zone is remembered, which changes no answer.
 */
export function calendarStretch(unit: "day" | "month", timeZone: string, wallMs: number): Stretch {
  const name = `${unit} ${timeZone}`;
  const last = remembered.get(name);
  if (last !== undefined && last.startMs <= wallMs && wallMs < last.endMs) return last;
  const stretch = timeZone === "UTC" ? utcStretch(unit, wallMs) : zonedStretch(unit, timeZone, wallMs);
  if (remembered.size >= rememberedMax) remembered.clear();
  remembered.set(name, stretch);
  return stretch;
}

function utcStretch(unit: "day" | "month", wallMs: number): Stretch {
  if (unit === "day") {
    const startMs = Math.floor(wallMs / dayMs) * dayMs;
    return { startMs, endMs: startMs + dayMs };
  }
  const date = new Date(wallMs);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return { startMs: Date.UTC(year, month, 1), endMs: Date.UTC(year, month + 1, 1) };
}

function zonedStretch(unit: "day" | "month", timeZone: string, wallMs: number): Stretch {
  const moment = Temporal.Instant.fromEpochMilliseconds(Math.floor(wallMs)).toZonedDateTimeISO(timeZone);
  const today = moment.toPlainDate();
  const first = unit === "day" ? today : today.with({ day: 1 });
  const next = unit === "day" ? first.add({ days: 1 }) : first.add({ months: 1 });
  return {
    startMs: first.toZonedDateTime(timeZone).epochMilliseconds,
    endMs: next.toZonedDateTime(timeZone).epochMilliseconds,
  };
}
