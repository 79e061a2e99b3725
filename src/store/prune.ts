const dayMs = 86_400_000;

/** How often a store forgets what no longer counts, in milliseconds of steady time. */
export const pruneEveryMs = 3_600_000;

/** Steady moments before which a store forgets. */
export interface PruneBefore {
  /** Counters that expired before it. */
  readonly countersBeforeMs: number;
  /** Flow marks left before it. */
  readonly marksBeforeMs: number;
}

/** Pure. What may be forgotten at a steady moment. */
export function pruneBefore(steadyMs: number): PruneBefore {
  return {
    // A week's grace: after a wall clock that ran days ahead is set right, the counters of today are still there.
    countersBeforeMs: steadyMs - 7 * dayMs,
    // No flow looks back further than the longest window, 366 days.
    marksBeforeMs: steadyMs - 367 * dayMs,
  };
}
