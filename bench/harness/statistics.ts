/** Pure. The middle value; of an even number of values the mean of the middle two. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Pure. The value that a share (0 to 1) of the values does not exceed. NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Pure. The median of the ratios of values taken in the same round. Rounds that lack either are left out. */
export function medianRatio(values: readonly number[], bases: readonly number[]): number {
  return median(values.flatMap((value, round) => (bases[round] === undefined ? [] : [value / bases[round]])));
}

/** Pure. The median of the differences of values taken in the same round. */
export function medianDifference(values: readonly number[], bases: readonly number[]): number {
  return median(values.flatMap((value, round) => (bases[round] === undefined ? [] : [value - bases[round]])));
}

/** Pure. The slope of the line through the points by least squares. NaN for fewer than two. */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
