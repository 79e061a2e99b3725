import fc from "fast-check";
import { expect, it } from "vitest";
import type { Decimal } from "../values/decimal.ts";
import { one, zero } from "../values/decimal.ts";
import type { SlidingState } from "./sliding.ts";
import { addSliding, advanceSliding, returnSliding, sliceAt, sliceStartMs, slidingFreeAtMs } from "./sliding.ts";

interface Use {
  readonly atMs: number;
  readonly place: number;
  readonly amount: Decimal;
}

/** Runs calls through the counter beside a list of what was admitted and not given back. */
class Beside {
  state: SlidingState | undefined;
  readonly uses: Use[] = [];
  readonly windowMs: number;
  readonly max: Decimal;

  constructor(windowMs: number, max: Decimal) {
    this.windowMs = windowMs;
    this.max = max;
  }

  tryAt(atMs: number, amount: Decimal): boolean {
    const state = advanceSliding(this.state, this.windowMs, atMs);
    if (state.used + amount > this.max) return false;
    this.state = addSliding(state, amount);
    this.uses.push({ atMs, place: state.current, amount });
    return true;
  }

  giveBackLast(): void {
    const use = this.uses.pop();
    if (use !== undefined && this.state !== undefined) this.state = returnSliding(this.state, use.place, use.amount);
  }

  /** What was used in the stretch of that length that ends with, and includes, the moment. */
  usedIn(stretchMs: number, endMs: number): Decimal {
    return this.uses.reduce(
      (sum, use) => (use.atMs > endMs - stretchMs && use.atMs <= endMs ? sum + use.amount : sum),
      zero,
    );
  }
}

const windows = fc.oneof(
  fc.integer({ min: 1_000, max: 100_000 }),
  fc.constantFrom(60_000, 3_600_000, 366 * 86_400_000),
);
const steps = fc.array(
  fc.record({
    // In shares of the window, so that short and long windows are treated alike.
    waitShare: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1.2, noNaN: true })),
    amount: fc.bigInt({ min: 0n, max: 6n * one }),
    isReturned: fc.boolean(),
  }),
  { maxLength: 80 },
);

it("[R80] [B200] never allows more than max in any true stretch, and is at most a sixtieth and a slice early", () => {
  fc.assert(
    fc.property(windows, steps, fc.integer({ min: 0, max: 1e9 }), (windowMs, calls, startMs) => {
      const beside = new Beside(windowMs, 10n * one);
      let nowMs = startMs;
      for (const { waitShare, amount, isReturned } of calls) {
        nowMs += Math.floor(waitShare * windowMs);
        const isAdmitted = beside.tryAt(nowMs, amount);
        expect(beside.usedIn(windowMs, nowMs)).toBeLessThanOrEqual(beside.max);
        if (!isAdmitted) expect(beside.usedIn((windowMs * 61) / 60 + 1, nowMs) + amount).toBeGreaterThan(beside.max);
        if (isAdmitted && isReturned) beside.giveBackLast();
        expect(beside.state?.used ?? zero).toBeGreaterThanOrEqual(zero);
      }
    }),
    { numRuns: 500 },
  );
});

it("[R94] frees at the moment it names and not a millisecond before", () => {
  fc.assert(
    fc.property(windows, steps, fc.bigInt({ min: 1n, max: 10n * one }), (windowMs, calls, amount) => {
      const beside = new Beside(windowMs, 10n * one);
      let nowMs = 0;
      for (const call of calls) beside.tryAt((nowMs += Math.floor(call.waitShare * windowMs)), call.amount);
      const state = advanceSliding(beside.state, windowMs, nowMs);
      const freeAtMs = slidingFreeAtMs(state, amount, beside.max) ?? 0;
      const usedAt = (atMs: number): Decimal => advanceSliding(state, windowMs, atMs).used;
      expect(usedAt(freeAtMs) + amount).toBeLessThanOrEqual(beside.max);
      if (freeAtMs > nowMs) expect(usedAt(freeAtMs - 1) + amount).toBeGreaterThan(beside.max);
    }),
    { numRuns: 300 },
  );
});

it("[B201] a moment before the last one seen counts as the last one", () => {
  const late = addSliding(advanceSliding(undefined, 60_000, 100_000), one);
  const early = advanceSliding(late, 60_000, 0);
  expect(early).toBe(late);
  expect(addSliding(early, one).slices).toEqual([{ index: sliceAt(100_000, 60_000), amount: 2n * one }]);
});

it("[R89] a return to a slice that holds less, or to none, never goes below zero", () => {
  const state = addSliding(advanceSliding(undefined, 60_000, 100_000), one);
  expect(returnSliding(state, state.current, 5n * one).used).toBe(zero);
  expect(returnSliding(state, state.current - 1, one).used).toBe(one);
});

it("slices of any window follow each other without gap or overlap up to the year 5000", () => {
  const moments = fc.integer({ min: 0, max: Date.parse("5000-01-01T00:00:00Z") });
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 366 * 86_400_000 }), moments, (windowMs, moment) => {
      const index = sliceAt(moment, windowMs);
      expect(sliceStartMs(index, windowMs)).toBeLessThanOrEqual(moment);
      expect(sliceStartMs(index + 1, windowMs)).toBeGreaterThan(moment);
      expect(sliceAt(sliceStartMs(index, windowMs), windowMs)).toBe(index);
      expect(sliceAt(sliceStartMs(index + 1, windowMs) - 1, windowMs)).toBe(index);
    }),
    { numRuns: 1_000 },
  );
});
