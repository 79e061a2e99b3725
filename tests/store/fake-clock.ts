import type { Clock } from "../../src/clock.ts";

/** A clock that a test moves. */
export interface FakeClock extends Clock {
  /** Time passes: both clocks move on. */
  pass(ms: number): void;
  /** Somebody sets the wall clock: elapsed time is not touched. */
  setWall(wallMs: number): void;
}

/** A clock that stands at that wall time until it is moved. */
export function fakeClock(wall: string | number = "2026-03-01T12:00:00Z"): FakeClock {
  let wallMs = typeof wall === "number" ? wall : Date.parse(wall);
  let monotonicMs = 1_000;
  return {
    wallMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    pass: (ms) => {
      wallMs += ms;
      monotonicMs += ms;
    },
    setWall: (ms) => {
      wallMs = ms;
    },
  };
}
