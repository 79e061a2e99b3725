/** How long and how often to measure. */
export interface Effort {
  /** Interleaved rounds; each figure is the median of one value per round. */
  readonly rounds: number;
  /** How long one subject runs in one round: CPU time for pure functions, wall time for processes; milliseconds. */
  readonly roundMs: number;
  /** Rounds of what starts a process anew. */
  readonly starts: number;
}

/** What the figures in bench/results are taken with. */
export const fullEffort: Effort = { rounds: 7, roundMs: 1_000, starts: 15 };

/** Enough to see that everything runs, too little for a figure. */
export const quickEffort: Effort = { rounds: 3, roundMs: 150, starts: 3 };
