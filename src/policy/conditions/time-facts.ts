import type { Subject } from "./condition.ts";

/** The facts under the root `time`, in the policy's time zone. */
export type TimeFact = "now" | "hour" | "weekday" | "date";

const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
const minuteMs = 60_000;

interface ZoneOffset {
  /** The whole minute since 1970 (UTC) for which the offset was asked. */
  minute: number;
  offsetMs: number;
  readonly format: Intl.DateTimeFormat;
}

/** One entry per zone a policy names. Time zones change their offset on whole minutes, so one question a minute is enough. */
const offsets = new Map<string, ZoneOffset>();

/**
 * Pure in all that shows (offsets are remembered). A fact of the time `facts.nowMs`: `now` is RFC 3339 with
 * milliseconds and the zone's offset (`Z` for none), `hour` 0 to 23, `weekday` `"mon"` to `"sun"`, `date` `YYYY-MM-DD`.
 * Undefined when the time is not in the years 1000 to 9999 or the zone is unknown.
 */
export function readTimeFact(subject: Subject, fact: TimeFact): string | number | undefined {
  const { nowMs } = subject.facts;
  const offsetMs = offsetAt(nowMs, subject.timeZone);
  if (offsetMs === undefined) return undefined;
  const local = nowMs + offsetMs;
  switch (fact) {
    case "hour":
      return new Date(local).getUTCHours();
    case "weekday":
      return weekdays[new Date(local).getUTCDay()];
    case "date":
      return new Date(local).toISOString().slice(0, 10);
    case "now":
      return new Date(local).toISOString().slice(0, 23) + offsetText(offsetMs);
  }
}

/** `+05:30`, or `Z` for no offset. */
function offsetText(offsetMs: number): string {
  if (offsetMs === 0) return "Z";
  const minutes = Math.abs(offsetMs) / minuteMs;
  const pad = (part: number): string => String(Math.floor(part)).padStart(2, "0");
  return `${offsetMs < 0 ? "-" : "+"}${pad(minutes / 60)}:${pad(minutes % 60)}`;
}

/** A day inside the years that four digits can write, whatever the offset. */
const firstMs = Date.parse("1000-01-02T00:00:00Z");
const lastMs = Date.parse("9999-12-30T00:00:00Z");

function offsetAt(nowMs: number, timeZone: string): number | undefined {
  if (!(nowMs >= firstMs && nowMs <= lastMs)) return undefined;
  if (timeZone === "UTC") return 0;
  const minute = Math.floor(nowMs / minuteMs);
  const known = offsets.get(timeZone);
  if (known?.minute === minute) return known.offsetMs;
  const format = known?.format ?? zoneFormat(timeZone);
  if (format === undefined) return undefined;
  const offsetMs = askOffset(format, minute * minuteMs);
  if (known === undefined) offsets.set(timeZone, { minute, offsetMs, format });
  else {
    known.minute = minute;
    known.offsetMs = offsetMs;
  }
  return offsetMs;
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  } catch {
    return undefined;
  }
}

function askOffset(format: Intl.DateTimeFormat, atMs: number): number {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(atMs)) part[type] = value;
  const local = `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}Z`;
  return Date.parse(local) - atMs;
}
