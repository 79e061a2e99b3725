const secondMs = 1000;
const units: readonly (readonly [unit: string, sizeMs: number])[] = [
  ["d", 86_400 * secondMs],
  ["h", 3600 * secondMs],
  ["m", 60 * secondMs],
  ["s", secondMs],
];

/** The longest length a document may name: 366 days, in milliseconds. */
export const durationMsMax: number = 366 * 86_400 * secondMs;

/**
 * Pure. Milliseconds of a length of time: seconds as a number, `"90s"`, `"15m"`, `"24h"`, `"7d"`, `"minute"`,
 * `"hour"`. Undefined for anything else, for less than 1 s, over 366 days, or parts of a millisecond.
 */
export function parseDuration(source: number | string): number | undefined {
  // Seconds such as 0.1 + 0.2 + 0.7 are not whole milliseconds in binary; a millionth of one is no part that anyone means.
  const durationMs = typeof source === "number" ? Math.round(source * secondMs * 1e6) / 1e6 : parseDurationText(source);
  if (!Number.isInteger(durationMs)) return undefined;
  return durationMs >= secondMs && durationMs <= durationMsMax ? durationMs : undefined;
}

/** Not a number for anything that is not a length. */
function parseDurationText(source: string): number {
  if (source === "minute") return 60 * secondMs;
  if (source === "hour") return 3600 * secondMs;
  const count = source.slice(0, -1);
  const unit = units.find(([name]) => source.endsWith(name));
  return unit !== undefined && /^[1-9]\d{0,8}$/.test(count) ? Number(count) * unit[1] : Number.NaN;
}

/** Pure. A length in the document's own short form: `90s`, `15m`, `24h`, `7d`; whole seconds, else milliseconds. */
export function formatDuration(durationMs: number): string {
  for (const [unit, sizeMs] of units) {
    if (durationMs % sizeMs === 0 && (unit !== "d" || durationMs > sizeMs)) return `${durationMs / sizeMs}${unit}`;
  }
  return `${durationMs}ms`;
}
