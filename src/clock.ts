/** Where time comes from. Tests pass a clock of their own; nothing else in `src/` reads the system's. */
export interface Clock {
  /** Wall time, milliseconds since 1970 (UTC). May jump either way. */
  wallMs(): number;
  /** Elapsed time in milliseconds from an arbitrary start; never jumps, never goes back. */
  monotonicMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
