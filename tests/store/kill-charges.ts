import type { Charge } from "../../src/values/admission.ts";
import { charge, decimal, inFlight } from "./fixtures.ts";

/** How many lives share one limit before the next one is used. */
export const livesPerLimit = 6;

/** How many calls a limit allows in an hour. */
export const killMax = 60;

/** The limits of a call: one in an hour that several lives share, and one of calls in flight, which a dead life frees. */
export function killCharges(life: number): readonly Charge[] {
  const epoch = Math.floor(life / livesPerLimit);
  const inAnHour = {
    key: `epoch ${epoch}`,
    max: decimal(killMax),
    window: { kind: "sliding", windowMs: 3_600_000 },
  } as const;
  return [charge(inAnHour), inFlight(12)];
}
