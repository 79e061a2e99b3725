/** Nanosecond-free instants: seconds since 1970 and the digits of the fraction, compared exactly. */
export interface Instant {
  readonly seconds: number;
  /** Digits after the point, without trailing zeros. */
  readonly fraction: string;
}

/** Pure. The instant of an RFC 3339 date-time, or undefined for any other text. */
export function readInstant(text: string): Instant | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = match[8] === undefined ? readOffset(match[9] ?? "", Number(match[10]), Number(match[11])) : 0;
  if (offset === undefined) return undefined;
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset * 60;
  return { seconds, fraction: (match[7] ?? "").replace(/0+$/, "") };
}

function readOffset(sign: string, hours: number, minutes: number): number | undefined {
  if (hours > 23 || minutes > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (hours * 60 + minutes);
}

/** Pure. The instant of a time in milliseconds since 1970. */
export function instantOfMs(ms: number): Instant {
  const seconds = Math.floor(ms / 1000);
  return {
    seconds,
    fraction: String(ms - seconds * 1000)
      .padStart(3, "0")
      .replace(/0+$/, ""),
  };
}

/** Pure. Negative when a is earlier, zero when both are one instant. */
export function compareInstants(a: Instant, b: Instant): number {
  if (a.seconds !== b.seconds) return a.seconds - b.seconds;
  return a.fraction === b.fraction ? 0 : a.fraction < b.fraction ? -1 : 1;
}

/** Pure. Milliseconds of a length: `90` (seconds), `90s`, `15m`, `24h`, `7d`, `minute`, `hour`. */
export function lengthMs(length: string | number): number {
  if (typeof length === "number") return length * 1000;
  if (length === "minute") return 60_000;
  if (length === "hour") return 3_600_000;
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[length.slice(-1)];
  if (unit === undefined) throw new Error(`not a length: ${length}`);
  return Number(length.slice(0, -1)) * unit;
}
