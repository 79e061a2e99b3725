/** Pure. A rate with three digits: `2.31 M`, `12.4 k`, `380`. */
export function rate(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (value >= 1e6) return `${threeDigits(value / 1e6)} M`;
  if (value >= 1e3) return `${threeDigits(value / 1e3)} k`;
  return threeDigits(value);
}

/** Pure. A ratio: `0.47`, `2.8`, `114`. */
export function ratio(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Pure. Milliseconds: `0.184 ms`, `12.3 ms`. */
export function ms(value: number): string {
  return Number.isFinite(value) ? `${threeDigits(value)} ms` : "-";
}

/** Pure. Microseconds of CPU for one operation at that many operations per CPU-second. */
export function microsEach(perCpuSecond: number): string {
  return Number.isFinite(perCpuSecond) ? `${threeDigits(1e6 / perCpuSecond)} µs` : "-";
}

/** Pure. A share of one in per cent. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(0)} %` : "-";
}

/** Pure. Bytes per CPU-second in megabytes. */
export function megabytes(bytesPerSecond: number): string {
  return Number.isFinite(bytesPerSecond) ? `${threeDigits(bytesPerSecond / 1e6)} MB` : "-";
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 1 ? value.toFixed(2) : value.toFixed(3);
}
