import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CounterState } from "./counter-state.ts";
import { decodeCounter, encodeCounter } from "./counter-state.ts";
import { decodeReceipt, encodeReceipt } from "./receipt.ts";

const amounts = fc.bigInt({ min: 1n, max: 999_999_999_999_999_999_999_999n });
const times = fc.integer({ min: 0, max: 999_999_999_999_999 });

const slidingStates = fc
  .record({
    windowMs: fc.integer({ min: 1_000, max: 31_622_400_000 }),
    current: fc.integer({ min: 61, max: 1_000_000_000_000 }),
    backs: fc.uniqueArray(fc.integer({ min: 0, max: 60 })),
    amount: amounts,
  })
  .map(({ windowMs, current, backs, amount }): CounterState => {
    const share = amount / 61n + 1n;
    const slices = backs.toSorted((a, b) => b - a).map((back) => ({ index: current - back, amount: share }));
    return { kind: "sliding", windowMs, current, slices, used: share * BigInt(slices.length) };
  });

const calendarStates = fc
  .record({ startMs: times, lengthMs: fc.integer({ min: 1, max: 1e10 }), used: amounts })
  .filter(({ startMs, lengthMs }) => startMs + lengthMs < 1e15)
  .map(({ startMs, lengthMs, used }): CounterState => ({ kind: "calendar", startMs, endMs: startMs + lengthMs, used }));

describe("a counter as text", () => {
  it("reads back as it was", () => {
    fc.assert(
      fc.property(fc.oneof(slidingStates, calendarStates), (state) => {
        expect(decodeCounter(encodeCounter(state))).toEqual(state);
      }),
    );
  });

  it.each([
    ["s1 60000 100", { kind: "sliding", windowMs: 60_000, current: 100, slices: [], used: 0n }],
    [
      "s1 60000 100 3:1.5 0:2",
      {
        kind: "sliding",
        windowMs: 60_000,
        current: 100,
        slices: [
          { index: 97, amount: 1_500_000_000n },
          { index: 100, amount: 2_000_000_000n },
        ],
        used: 3_500_000_000n,
      },
    ],
    ["c1 0 86400000 12.5", { kind: "calendar", startMs: 0, endMs: 86_400_000, used: 12_500_000_000n }],
  ])("is fixed for all stores: %s", (text, state) => {
    expect(decodeCounter(text)).toEqual(state);
  });

  // Guards against a damaged counter that reads as an empty one.
  it.each(
    [
      "",
      "s1",
      "s1 60000",
      "s2 60000 100",
      "s1 0 100",
      "s1 60000 -1",
      "s1 60000 1e3",
      "s1 60000 100 3:1 3:1",
      "s1 60000 100 0:1 3:1",
      "s1 60000 100 3:-1",
      "s1 60000 100 3",
      "s1 60000 100 :1",
      "s1 60000 100 3:",
      "s1 60000 100 ",
      "s1 60000 100 3:0.0000000001",
      "c1 0 1",
      "c1 1 0 5",
      "c1 0 1 5 6",
      "c1 0 1 x",
    ].map((text) => ({ text })),
  )("is refused when it is damaged: `$text`", ({ text }) => {
    expect(decodeCounter(text)).toBeUndefined();
  });
});

describe("a receipt as text", () => {
  const receipts = fc.record({
    reservations: fc.array(fc.record({ key: fc.string(), place: times, amount: amounts }), { maxLength: 4 }),
    leaseKeys: fc.array(fc.string(), { maxLength: 3 }),
  });

  it("reads back as it was", () => {
    fc.assert(
      fc.property(receipts, (receipt) => {
        expect(decodeReceipt(encodeReceipt(receipt))).toEqual(receipt);
      }),
    );
  });

  it.each(
    [
      "{",
      "{}",
      "[]",
      "[2,[],[]]",
      "[1,[],[1]]",
      "[1,[5],[]]",
      '[1,[["k","0","1"]],[]]',
      '[1,[["k",0,"-1"]],[]]',
      '[1,[["k",0,1]],[]]',
    ].map((text) => ({ text })),
  )("is refused when it is damaged: `$text`", ({ text }) => {
    expect(decodeReceipt(text)).toBeUndefined();
  });
});
