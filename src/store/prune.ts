const dayMs = 86_400_000;

/** How often a store forgets a little of what no longer counts, in milliseconds of steady time. */
export const pruneEveryMs = 1_000;

/** How often it looks for flow marks to forget, which reads all of them. */
export const pruneMarksEveryMs = 3_600_000;

/** Steady moments before which a store forgets. */
export interface PruneBefore {
  /** Counters that may be forgotten from then on. */
  readonly countersBeforeMs: number;
  /** Flow marks left before it. */
  readonly marksBeforeMs: number;
}

/** Pure. What may be forgotten at a steady moment. */
export function pruneBefore(steadyMs: number): PruneBefore {
  return {
    countersBeforeMs: steadyMs,
    // No flow looks back further than the longest window, 366 days.
    marksBeforeMs: steadyMs - 367 * dayMs,
  };
}
