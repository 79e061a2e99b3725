import { expect, it } from "vitest";
import { StoreTime } from "./store-time.ts";

function clock(): { wallMs: () => number; monotonicMs: () => number; wall: number; monotonic: number } {
  const made = { wall: 1_000_000, monotonic: 5.25, wallMs: () => made.wall, monotonicMs: () => made.monotonic };
  return made;
}

it("runs with the monotonic clock from its start, in whole milliseconds", () => {
  const hands = clock();
  const time = new StoreTime(hands, 500.9);
  expect(time.now().steadyMs).toBe(500);
  hands.monotonic += 10.5;
  hands.wall -= 999_999;
  expect(time.now()).toEqual({ steadyMs: 510, wallMs: 1 });
});

it("[D06] never goes back, not even with its clock", () => {
  const hands = clock();
  const time = new StoreTime(hands, 500);
  hands.monotonic += 100;
  expect(time.now().steadyMs).toBe(600);
  hands.monotonic -= 50;
  expect(time.now().steadyMs).toBe(600);
});

it("moves on to another's time and runs on from there, but never back to it", () => {
  const hands = clock();
  const time = new StoreTime(hands, 500);
  time.advanceTo(900);
  expect(time.now().steadyMs).toBe(900);
  time.advanceTo(100);
  hands.monotonic += 7;
  expect(time.now().steadyMs).toBe(907);
});
