import { describe, expect, it } from "vitest";
import type { Store } from "../../src/store/store.ts";
import type { AdmissionResult, Charge, LimitWindow } from "../../src/values/admission.ts";
import { formatDecimal } from "../../src/values/decimal.ts";
import type { TestCall } from "../store/fixtures.ts";
import { admission, charge, decimal, settlement } from "../store/fixtures.ts";
import type { StoreKind } from "./store-under-test.ts";
import { closeStoresAfterEach, openStore } from "./store-under-test.ts";

const second = 1_000;
const hour = 3_600_000;
const day = 24 * hour;

let requests = 0;

/** Admits one call and says how it went: `ok`, or why not. */
async function call(store: Store, test: TestCall, requestId: string = `req_${(requests += 1)}`): Promise<string> {
  const result = await store.admit(admission(requestId, test));
  return result.kind === "admitted" ? "ok" : result.kind;
}

/** Admits calls one after the other; how many went through. */
async function countAdmitted(store: Store, test: TestCall, calls: number): Promise<number> {
  let admitted = 0;
  for (let i = 0; i < calls; i += 1) if ((await call(store, test)) === "ok") admitted += 1;
  return admitted;
}

async function refusal(store: Store, test: TestCall): Promise<Extract<AdmissionResult, { kind: "limit_reached" }>> {
  const result = await store.admit(admission(`req_${(requests += 1)}`, test));
  if (result.kind !== "limit_reached") throw new Error(`expected a refusal by a limit, got ${result.kind}`);
  return result;
}

const sliding = (windowMs: number): LimitWindow => ({ kind: "sliding", windowMs });
const calendar = (unit: "day" | "month", timeZone = "UTC"): LimitWindow => ({ kind: "calendar", unit, timeZone });
const limit = (max: number, window: LimitWindow, changes: Partial<Charge> = {}): Charge =>
  charge({ window, max: decimal(max), key: `k ${JSON.stringify(window)}`, ...changes });

interface WindowCase {
  readonly name: string;
  readonly why: string;
  readonly start: string;
  readonly window: LimitWindow;
  /** How long to wait, how many calls to make, how many must go through (limit 3). */
  readonly steps: readonly (readonly [waitMs: number, calls: number, admitted: number])[];
}

const windows: readonly WindowCase[] = [
  {
    name: "[R77] [R78] a minute is full until it is free again",
    why: "61 slices of a second count: free at the 61st second after the slice of the calls",
    start: "2026-03-01T12:00:00Z",
    window: sliding(60 * second),
    steps: [
      [0, 5, 3],
      [59_999, 1, 0],
      [1_000, 1, 0],
      [1, 5, 3],
    ],
  },
  {
    name: "[R79] [R80] [B200] a minute has no burst at the turn of the clock's minute",
    why: "a fixed window would allow 3 at 59.9 s and 3 more at 60.1 s",
    start: "2026-03-01T12:00:59.900Z",
    window: sliding(60 * second),
    steps: [
      [0, 5, 3],
      [200, 5, 0],
      [59_799, 1, 0],
    ],
  },
  {
    name: "[R80] calls leave the window one slice after the other",
    why: "each counts for its own stretch",
    start: "2026-03-01T12:00:00Z",
    window: sliding(60 * second),
    steps: [
      [0, 1, 1],
      [20_000, 1, 1],
      [20_000, 2, 1],
      [21_000, 2, 1],
      [20_000, 2, 1],
      [20_000, 2, 1],
    ],
  },
  {
    name: "[R79] a day resets at midnight in UTC",
    why: "two bursts around midnight are what a calendar day means",
    start: "2026-03-01T23:59:59.999Z",
    window: calendar("day"),
    steps: [
      [0, 5, 3],
      [1, 5, 3],
      [day - 1, 1, 0],
      [1, 5, 3],
    ],
  },
  {
    name: "[R79] a day follows its time zone over a clock change of 23 hours",
    why: "Berlin, 29 March 2026: midnight to midnight is 23 hours",
    start: "2026-03-28T23:00:00Z",
    window: calendar("day", "Europe/Berlin"),
    steps: [
      [0, 5, 3],
      [23 * hour - 1, 1, 0],
      [1, 5, 3],
      [24 * hour - 1, 1, 0],
      [1, 5, 3],
    ],
  },
  {
    name: "[R79] [B201] a day of 25 hours is one day",
    why: "Berlin, 25 October 2026: the hour that is read twice opens nothing",
    start: "2026-10-24T22:00:00Z",
    window: calendar("day", "Europe/Berlin"),
    steps: [
      [0, 5, 3],
      [25 * hour - 1, 1, 0],
      [1, 5, 3],
    ],
  },
  {
    name: "[R79] a day whose midnight the clock skips starts at its first moment",
    why: "Beirut, 29 March 2026: clocks go from 00:00 to 01:00",
    start: "2026-03-28T21:59:59Z",
    window: calendar("day", "Asia/Beirut"),
    steps: [
      [0, 5, 3],
      [1_000, 5, 3],
      [23 * hour - 1, 1, 0],
      [1, 5, 3],
    ],
  },
  {
    name: "[R79] a month has the length of its month",
    why: "February 2028 has 29 days",
    start: "2028-02-01T00:00:00Z",
    window: calendar("month"),
    steps: [
      [0, 5, 3],
      [29 * day - 1, 1, 0],
      [1, 5, 3],
    ],
  },
  {
    name: "[B222] a window of 30 days is longer than any timer",
    why: "a timer of 30 days fires at once; no timer is involved",
    start: "2026-03-01T00:00:00Z",
    window: sliding(30 * day),
    steps: [
      [0, 5, 3],
      [1, 1, 0],
      [30 * day - 1, 1, 0],
      [day / 2, 5, 3],
    ],
  },
  {
    name: "[B222] a window of a year keeps its count for a year",
    why: "366 days is the longest",
    start: "2026-03-01T00:00:00Z",
    window: sliding(366 * day),
    steps: [
      [0, 5, 3],
      [365 * day, 1, 0],
      [day, 1, 0],
      [(366 / 60) * day, 5, 3],
    ],
  },
  {
    name: "[R80] a window of one second has slices of a sixtieth of it",
    why: "the shortest window; slices are not whole milliseconds",
    start: "2026-03-01T00:00:00Z",
    window: sliding(second),
    steps: [
      [0, 5, 3],
      [1_000, 1, 0],
      [17, 5, 3],
    ],
  },
];

interface ClockCase {
  readonly name: string;
  readonly window: LimitWindow;
  /** What the wall clock is set to after the limit was used up. */
  readonly to: string;
  readonly more: number;
}

const clockJumps: readonly ClockCase[] = [
  { name: "an hour back", window: sliding(60 * second), to: "2026-03-01T11:00:00Z", more: 0 },
  { name: "an hour ahead", window: sliding(60 * second), to: "2026-03-01T13:00:00Z", more: 0 },
  { name: "a day ahead", window: sliding(hour), to: "2026-03-02T12:00:00Z", more: 0 },
  { name: "a day back", window: sliding(hour), to: "2026-02-28T12:00:00Z", more: 0 },
  { name: "to 1970", window: sliding(hour), to: "1970-01-01T00:00:00Z", more: 0 },
  { name: "an hour back", window: calendar("day"), to: "2026-03-01T11:00:00Z", more: 0 },
  { name: "a day back", window: calendar("day"), to: "2026-02-28T12:00:00Z", more: 0 },
  { name: "a month back", window: calendar("month"), to: "2026-02-01T12:00:00Z", more: 0 },
  { name: "to 1970", window: calendar("day"), to: "1970-01-01T00:00:00Z", more: 0 },
  { name: "to the last moment of the day", window: calendar("day"), to: "2026-03-01T23:59:59.999Z", more: 0 },
  { name: "to the next day", window: calendar("day"), to: "2026-03-02T00:00:00Z", more: 3 },
];

/** What every store does with limits. Registers its tests in the calling file. */
export function counterSuite(kind: StoreKind): void {
  closeStoresAfterEach();

  describe(`limits over the ${kind.name} store`, () => {
    it.each(windows)("$name", async ({ start, window, steps }) => {
      const { store, clock } = await openStore(kind, start);
      for (const [waitMs, calls, admitted] of steps) {
        clock.pass(waitMs);
        expect(await countAdmitted(store, { charges: [limit(3, window)] }, calls)).toBe(admitted);
      }
    });

    it.each(clockJumps)(
      "[B201] [D06] $window.kind $window.unit: $name admits $more more",
      async ({ window, to, more }) => {
        const { store, clock } = await openStore(kind);
        expect(await countAdmitted(store, { charges: [limit(3, window)] }, 5)).toBe(3);
        clock.setWall(Date.parse(to));
        expect(await countAdmitted(store, { charges: [limit(3, window)] }, 5)).toBe(more);
      },
    );

    it("[B201] a calendar day that was opened by a clock ahead goes on when the clock is set right", async () => {
      const { store, clock } = await openStore(kind);
      const charges = [limit(3, calendar("day"))];
      clock.setWall(Date.parse("2026-03-02T12:00:00Z"));
      expect(await countAdmitted(store, { charges }, 5)).toBe(3);
      clock.setWall(Date.parse("2026-03-01T12:00:00Z"));
      expect(await countAdmitted(store, { charges }, 5)).toBe(0);
      clock.pass(36 * hour);
      expect(await countAdmitted(store, { charges }, 5)).toBe(3);
    });

    it("[R85] two parallel calls at max - 1 let exactly one through", async () => {
      const { store } = await openStore(kind);
      await countAdmitted(store, {}, 9);
      const pair = await Promise.all([call(store, {}), call(store, {})]);
      expect(pair.toSorted()).toEqual(["limit_reached", "ok"]);
    });

    it("[B213] two concurrent sums of 60 under 100 let exactly one through", async () => {
      const { store } = await openStore(kind);
      const charges = [limit(100, sliding(hour), { amount: decimal(60) })];
      const pair = await Promise.all([call(store, { charges }), call(store, { charges })]);
      expect(pair.toSorted()).toEqual(["limit_reached", "ok"]);
    });

    it("[R86] the refusal of one limit leaves the others untouched", async () => {
      const { store } = await openStore(kind);
      const wide = limit(5, sliding(hour), { key: "wide" });
      const narrow = limit(2, sliding(hour), { key: "narrow" });
      expect(await countAdmitted(store, { charges: [wide, narrow] }, 10)).toBe(2);
      expect(await countAdmitted(store, { charges: [narrow, wide] }, 10)).toBe(0);
      expect(await countAdmitted(store, { charges: [wide] }, 10)).toBe(3);
    });

    it("[R86] the first limit without room is the one named", async () => {
      const { store } = await openStore(kind);
      const full = [
        limit(0, sliding(hour), { key: "a", rule: "/a" }),
        limit(0, sliding(hour), { key: "b", rule: "/b" }),
      ];
      expect((await refusal(store, { charges: [charge(), ...full] })).charge.rule).toBe("/a");
    });

    it("two limits of one call on the same counter add up", async () => {
      const { store } = await openStore(kind);
      const same = limit(5, sliding(hour), { amount: decimal(3) });
      expect((await refusal(store, { charges: [same, same] })).used).toBe(decimal(3));
      expect(await call(store, { charges: [same, { ...same, amount: decimal(2) }] })).toBe("ok");
      expect(await call(store, { charges: [{ ...same, amount: decimal("0.1") }] })).toBe("limit_reached");
    });

    it("[R83] [B214] sums are exact decimals", async () => {
      const { store } = await openStore(kind);
      const tenth = [limit(1, calendar("day"), { amount: decimal("0.1") })];
      expect(await countAdmitted(store, { charges: tenth }, 20)).toBe(10);
      const least = [limit(1, calendar("day"), { amount: decimal("0.000000001") })];
      expect(await call(store, { charges: least })).toBe("limit_reached");
    });

    it("[R83] the audit row is told what each limit stood at before and after", async () => {
      const { store } = await openStore(kind);
      const charges = [limit(100, calendar("day"), { amount: decimal("12.50") })];
      await call(store, { charges });
      const result = await store.admit(admission("told", { charges }));
      expect(result).toEqual({
        kind: "admitted",
        touched: [{ rule: "/tools/goto/limits/0", counter: "rate", before: "12.5", after: "25", max: "100" }],
      });
    });

    it("[R84] an amount that would lower a counter is refused and changes nothing", async () => {
      const { store } = await openStore(kind);
      await countAdmitted(store, {}, 10);
      expect(await call(store, { charges: [charge({ amount: decimal(-5) })] })).toBe("limit_reached");
      expect(await call(store, {})).toBe("limit_reached");
    });

    it("[B221] a limit of 0 never lets anything through and says so", async () => {
      const { store } = await openStore(kind);
      expect((await refusal(store, { charges: [limit(0, sliding(hour))] })).retryAfterMs).toBeUndefined();
    });

    it("[R92] the same counter name on two servers or tools never mixes", async () => {
      const { store } = await openStore(kind);
      const families = ["org/a/goto/rate", "org/b/goto/rate", "org/a/click/rate", "org/a/goto/rate2"];
      for (const family of families) {
        expect(await countAdmitted(store, { charges: [charge({ key: family, counter: "rate" })] }, 12)).toBe(10);
      }
    });
  });

  describe(`refunds over the ${kind.name} store`, () => {
    it("[R87] [B206] a call that was not sent gives its reservation back, once", async () => {
      const { store } = await openStore(kind);
      const charges = [limit(1, sliding(hour))];
      expect(await call(store, { charges }, "first")).toBe("ok");
      await store.settle(settlement("first", true));
      await store.settle(settlement("first", true));
      expect(await countAdmitted(store, { charges }, 3)).toBe(1);
    });

    it("[R88] [B202] [B205] a call that was sent keeps its charge however it ended", async () => {
      const { store } = await openStore(kind);
      const charges = [limit(1, sliding(hour))];
      await call(store, { charges }, "first");
      await store.settle(settlement("first", false));
      await store.settle(settlement("first", true));
      expect(await call(store, { charges })).toBe("limit_reached");
    });

    it("a limit with `refund: never` keeps its charge", async () => {
      const { store } = await openStore(kind);
      const charges = [limit(1, sliding(hour), { refundable: false })];
      await call(store, { charges }, "first");
      await store.settle(settlement("first", true));
      expect(await call(store, { charges })).toBe("limit_reached");
    });

    it("[R89] [B208] a return after the slice stopped counting gives nothing to later slices", async () => {
      const { store, clock } = await openStore(kind);
      const charges = [limit(2, sliding(60 * second))];
      await call(store, { charges }, "early");
      clock.pass(61 * second);
      expect(await countAdmitted(store, { charges }, 3)).toBe(2);
      await store.settle(settlement("early", true));
      expect(await call(store, { charges })).toBe("limit_reached");
    });

    it("[R89] a return goes to its own slice, which stops counting with it", async () => {
      const { store, clock } = await openStore(kind);
      const charges = [limit(2, sliding(60 * second))];
      await call(store, { charges }, "early");
      clock.pass(30 * second);
      await call(store, { charges }, "late");
      await store.settle(settlement("early", true));
      expect(await countAdmitted(store, { charges }, 3)).toBe(1);
      clock.pass(31 * second);
      expect(await call(store, { charges })).toBe("limit_reached");
    });

    it("[R89] [B208] a return after midnight never touches the new day", async () => {
      const { store, clock } = await openStore(kind, "2026-03-01T23:59:59Z");
      const charges = [limit(2, calendar("day"))];
      await call(store, { charges }, "yesterday");
      clock.pass(2 * second);
      expect(await countAdmitted(store, { charges }, 3)).toBe(2);
      await store.settle(settlement("yesterday", true));
      expect(await call(store, { charges })).toBe("limit_reached");
    });

    it("[B228] a call that ends in the next window counts in the first", async () => {
      const { store, clock } = await openStore(kind, "2026-03-01T23:59:59Z");
      const charges = [limit(1, calendar("day"))];
      await call(store, { charges }, "long");
      clock.pass(2 * second);
      await store.settle(settlement("long"));
      expect(await call(store, { charges })).toBe("ok");
    });
  });

  describe(`calls in flight over the ${kind.name} store`, () => {
    const charges = [limit(2, { kind: "concurrent" }, { refundable: false })];

    it("[R93] at most so many calls are in flight, and an ended one makes room, once", async () => {
      const { store } = await openStore(kind);
      expect(await call(store, { charges }, "one")).toBe("ok");
      expect(await call(store, { charges }, "two")).toBe("ok");
      expect(await call(store, { charges })).toBe("limit_reached");
      await store.settle(settlement("one"));
      await store.settle(settlement("one"));
      expect(await countAdmitted(store, { charges }, 3)).toBe(1);
    });

    it("[R93] [B204] the call after an answered or unsent one finds its place and its reservation free", async () => {
      const { store } = await openStore(kind);
      const both = [limit(1, { kind: "concurrent" }), limit(1, sliding(hour))];
      expect(await call(store, { charges: both }, "one")).toBe("ok");
      const settled = store.settle(settlement("one", true));
      expect(await call(store, { charges: both })).toBe("ok");
      await settled;
    });

    it("[R93] no time makes room while the calls run", async () => {
      const { store, clock } = await openStore(kind);
      await countAdmitted(store, { charges }, 2);
      clock.pass(400 * day);
      expect((await refusal(store, { charges })).retryAfterMs).toBeUndefined();
    });
  });

  describe(`when to try again, over the ${kind.name} store`, () => {
    it("[R94] the earliest moment at which this amount fits: not a millisecond before", async () => {
      const { store, clock } = await openStore(kind, "2026-03-01T12:00:00.500Z");
      const of = (amount: number): TestCall => ({
        charges: [limit(10, sliding(60 * second), { amount: decimal(amount) })],
      });
      await call(store, of(4));
      clock.pass(10 * second);
      await call(store, of(6));
      const small = (await refusal(store, of(4))).retryAfterMs ?? 0;
      const large = (await refusal(store, of(5))).retryAfterMs ?? 0;
      expect([small, large]).toEqual([50_500, 60_500]);
      clock.pass(small - 1);
      expect(await call(store, of(4))).toBe("limit_reached");
      clock.pass(1);
      expect(await call(store, of(4))).toBe("ok");
    });

    it("[R94] a calendar limit frees at the next midnight of its zone", async () => {
      const { store } = await openStore(kind, "2026-03-01T12:00:00Z");
      const charges = [limit(1, calendar("day", "America/New_York"))];
      await call(store, { charges });
      expect((await refusal(store, { charges })).retryAfterMs).toBe(17 * hour);
    });

    it("[R94] an amount above the limit never fits", async () => {
      const { store } = await openStore(kind);
      const charges = [limit(10, sliding(hour), { amount: decimal(11) })];
      expect((await refusal(store, { charges })).retryAfterMs).toBeUndefined();
    });
  });

  describe(`limits by value over the ${kind.name} store`, () => {
    const by = (value: number, window: LimitWindow): TestCall => ({
      charges: [limit(1, window, { family: "customers", key: `customers ${value}`, liveKeysMax: 20 })],
    });

    it.each([sliding(60 * second), calendar("day"), { kind: "concurrent" } as const])(
      "[B220] over the cap of live values new ones are denied and none is forgotten: $kind",
      async (window) => {
        const { store } = await openStore(kind);
        let admitted = 0;
        for (let value = 0; value < 100; value += 1) if ((await call(store, by(value, window))) === "ok") admitted += 1;
        expect(admitted).toBe(20);
        for (let value = 0; value < 20; value += 1) expect(await call(store, by(value, window))).toBe("limit_reached");
      },
    );

    it("[B220] [R94] a value that stopped counting makes room for another, and the refusal says when", async () => {
      const { store, clock } = await openStore(kind);
      for (let value = 0; value < 20; value += 1) await call(store, by(value, sliding(60 * second)));
      const { retryAfterMs = 0 } = await refusal(store, by(20, sliding(60 * second)));
      clock.pass(retryAfterMs - 1);
      expect(await call(store, by(21, sliding(60 * second)))).toBe("limit_reached");
      clock.pass(1);
      expect(await call(store, by(22, sliding(60 * second)))).toBe("ok");
    });

    it("[B220] the cap holds when all values come at once", async () => {
      const { store } = await openStore(kind);
      const calls = Array.from({ length: 100 }, (_, value) => call(store, by(value, sliding(60 * second))));
      expect((await Promise.all(calls)).filter((answer) => answer === "ok")).toHaveLength(20);
    });

    it("[B220] families do not share their caps", async () => {
      const { store } = await openStore(kind);
      for (const family of ["a", "b"]) {
        for (let value = 0; value < 20; value += 1) {
          const key = `${family} ${value}`;
          expect(await call(store, { charges: [charge({ family, key, liveKeysMax: 20 })] })).toBe("ok");
        }
      }
    });
  });

  describe.runIf(kind.isLasting)(`limits over a restart of the ${kind.name} store`, () => {
    it.each([sliding(hour), calendar("day"), calendar("month", "Europe/Berlin")])(
      "[R90] counters survive a restart, and a larger limit counts what was used: $kind $unit",
      async (window) => {
        const opened = await openStore(kind);
        expect(await countAdmitted(opened.store, { charges: [limit(3, window)] }, 5)).toBe(3);
        const store = await opened.restart();
        expect(await countAdmitted(store, { charges: [limit(3, window)] }, 5)).toBe(0);
        expect(await countAdmitted(store, { charges: [limit(5, window)] }, 5)).toBe(2);
        expect((await refusal(store, { charges: [limit(5, window)] })).used).toBe(decimal(5));
      },
    );

    it.each(["2026-03-01T10:00:00Z", "1970-01-01T00:00:00Z"])(
      "[B201] [D06] a restart with the clock set back to %s reopens nothing",
      async (wall) => {
        const opened = await openStore(kind);
        const charges = [limit(3, sliding(hour)), limit(3, calendar("day"))];
        await countAdmitted(opened.store, { charges }, 3);
        opened.clock.setWall(Date.parse(wall));
        const store = await opened.restart();
        expect(await countAdmitted(store, { charges: charges.slice(0, 1) }, 5)).toBe(0);
        expect(await countAdmitted(store, { charges: charges.slice(1) }, 5)).toBe(0);
        opened.clock.pass(hour + 60 * second);
        expect(await countAdmitted(store, { charges: charges.slice(0, 1) }, 5)).toBe(3);
      },
    );

    it("[R90] time that passed while the store was closed counts", async () => {
      const opened = await openStore(kind);
      const charges = [limit(3, sliding(60 * second))];
      await countAdmitted(opened.store, { charges }, 3);
      opened.clock.pass(61 * second);
      expect(await countAdmitted(await opened.restart(), { charges }, 5)).toBe(3);
    });

    it("[R90] exact sums survive a restart", async () => {
      const opened = await openStore(kind);
      const charges = [limit(1, sliding(hour), { amount: decimal("0.000000001") })];
      await call(opened.store, { charges });
      const store = await opened.restart();
      const { used } = await refusal(store, { charges: [limit(1, sliding(hour), { amount: decimal(1) })] });
      expect(formatDecimal(used)).toBe("0.000000001");
    });
  });
}
