import { expect, it } from "vitest";
import { Allowance } from "./allowance.ts";
import { createSettableClock } from "./simulate.ts";

it("lets so much come at once, and then so much a second, never saving up more than at the start", () => {
  const clock = createSettableClock(0);
  const allowance = new Allowance(clock, 3, 10);
  const takeAll = (): number => {
    let taken = 0;
    while (allowance.take()) taken += 1;
    return taken;
  };
  expect(takeAll()).toBe(3);
  clock.set(100);
  expect(takeAll()).toBe(1);
  clock.set(150);
  expect(takeAll()).toBe(0);
  clock.set(60_000);
  expect(takeAll()).toBe(3);
});
