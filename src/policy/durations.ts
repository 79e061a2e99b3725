const secondMs = 1000;
const unitMs: Readonly<Record<string, number>> = {
  s: secondMs,
  m: 60 * secondMs,
  h: 3600 * secondMs,
  d: 86_400 * secondMs,
  second: secondMs,
  minute: 60 * secondMs,
  hour: 3600 * secondMs,
};

/** The longest length a document may name: 366 days, in milliseconds. */
export const durationMsMax: number = 366 * 86_400 * secondMs;

/**
 * Pure. Milliseconds of a length of time: seconds as a number, `"90s"`, `"15m"`, `"24h"`, `"7d"`, `"minute"`,
 * `"hour"`. Undefined for anything else, for less than 1 s, over 366 days, or parts of a millisecond.
 */
export function parseDuration(source: number | string): number | undefined {
  const durationMs = typeof source === "number" ? Math.round(source * secondMs * 1e6) / 1e6 : parseDurationText(source);
  if (durationMs === undefined || !Number.isInteger(durationMs)) return undefined;
  return durationMs >= secondMs && durationMs <= durationMsMax ? durationMs : undefined;
}

function parseDurationText(source: string): number | undefined {
  if (source === "minute" || source === "hour") return unitMs[source];
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(source);
  return match === null ? undefined : Number(match[1]) * (unitMs[match[2] ?? ""] ?? Number.NaN);
}

/** Pure. A length in the document's own short form: `90s`, `15m`, `24h`, `7d`; whole seconds, else milliseconds. */
export function formatDuration(durationMs: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    const size = unitMs[unit] ?? secondMs;
    if (durationMs % size === 0 && (unit !== "d" || durationMs > size)) return `${durationMs / size}${unit}`;
  }
  return `${durationMs}ms`;
}
