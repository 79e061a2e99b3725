/** A moment, exact to any number of digits. */
export interface Instant {
  /** Whole seconds since 1970 (UTC), negative before. */
  readonly seconds: number;
  /** The digits after the point of the second, without trailing zeros; `""` for none. */
  readonly fraction: string;
}

const dateTime = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** The longest text that is read; more digits than this are not a time anyone means. */
const lengthMax = 100;

/**
 * Pure. Reads a `date-time` of RFC 3339 §5.6. Undefined for anything else, also for a day that its month has not and
 * for second 60, whose place depends on a table of leap seconds.
 */
export function parseRfc3339(text: string): Instant | undefined {
  if (text.length > lengthMax) return undefined;
  const match = dateTime.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const offsetHour = Number(match[9] ?? 0);
  const offsetMinute = Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return undefined;
  // A year below 100 means 19xx to Date.UTC; four hundred years later the calendar is the same.
  const days = Date.UTC(year + 400, month - 1, day) / 86_400_000 - daysIn400Years;
  const date = new Date((days + daysIn400Years) * 86_400_000);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offsetSeconds = (offsetHour * 3_600 + offsetMinute * 60) * (match[8] === "-" ? -1 : 1);
  return {
    seconds: days * 86_400 + hour * 3_600 + minute * 60 + second - offsetSeconds,
    fraction: (match[7] ?? "").replace(/0+$/, ""),
  };
}

const daysIn400Years = 146_097;

/** Pure. Negative when `a` is earlier, positive when it is later, 0 when they are the same moment. */
export function compareInstants(a: Instant, b: Instant): number {
  if (a.seconds !== b.seconds) return a.seconds - b.seconds;
  if (a.fraction === b.fraction) return 0;
  return a.fraction < b.fraction ? -1 : 1;
}

/** Pure. Milliseconds since 1970 (UTC); what is finer is cut off. */
export function instantMs(instant: Instant): number {
  return instant.seconds * 1_000 + Number(instant.fraction.slice(0, 3).padEnd(3, "0"));
}
