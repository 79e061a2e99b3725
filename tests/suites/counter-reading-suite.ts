import { describe, expect, it } from "vitest";
import type { Store } from "../../src/store/store.ts";
import type { Charge } from "../../src/values/admission.ts";
import { admission, charge, decimal, settlement } from "../store/fixtures.ts";
import { closeStoresAfterEach, openStore, type StoreKind } from "./store-under-test.ts";

let requests = 0;

/** Admits one call with these charges; its request id. */
async function admit(store: Store, ...charges: readonly Charge[]): Promise<string> {
  const requestId = `reading_${(requests += 1)}`;
  await store.admit(admission(requestId, { charges }));
  return requestId;
}

const calendar = charge({ key: "day", window: { kind: "calendar", unit: "day", timeZone: "UTC" } });
const inFlight = charge({ key: "flight", window: { kind: "concurrent" } });
const by = (value: string, changes: Partial<Charge> = {}): Charge =>
  charge({ family: "by", key: `by"${value}"`, liveKeysMax: 10_000, ...changes });

/** What every store tells of its counters, and how it sets them to nothing. Registers its tests in the calling file. */
export function counterReadingSuite(kind: StoreKind): void {
  closeStoresAfterEach();

  describe(`counters of the ${kind.name} store, looked at`, () => {
    it("say what is used now, and nothing where nothing was counted", async () => {
      const { store, clock } = await openStore(kind, "2026-03-01T12:00:00Z");
      await admit(store, charge({ key: "sum", amount: decimal("2.5") }), calendar);
      await admit(store, charge({ key: "sum", amount: decimal("1.5") }));
      const wanted = ["sum", "day", "never"].map((family) => ({ family, hasBy: false }));
      const used = async (): Promise<readonly string[]> =>
        (await store.readCounters(wanted)).map(({ key, used: amount }) => `${key} ${amount}`);
      expect(await used()).toEqual(["sum 4", "day 1", "never 0"]);
      clock.pass(61_001);
      expect(await used()).toEqual(["sum 0", "day 1", "never 0"]);
      clock.pass(12 * 3_600_000);
      expect(await used()).toEqual(["sum 0", "day 0", "never 0"]);
    });

    it("tell calls in flight", async () => {
      const { store } = await openStore(kind);
      const requestId = await admit(store, inFlight);
      await admit(store, inFlight);
      const wanted = [{ family: "flight", hasBy: false }];
      expect(await store.readCounters(wanted)).toEqual([{ family: "flight", key: "flight", used: "0", inFlight: 2 }]);
      await store.settle(settlement(requestId));
      expect(await store.readCounters(wanted)).toMatchObject([{ inFlight: 1 }]);
    });

    it("tell of a family the values that count something, in order and at most a hundred", async () => {
      const { store, clock } = await openStore(kind);
      await admit(store, by("old"));
      clock.pass(61_001);
      await admit(store, by("b"));
      await admit(store, by("a"));
      await admit(store, by("held", { window: { kind: "concurrent" } }));
      await admit(store, charge({ family: "other", key: 'other"a"', liveKeysMax: 10_000 }));
      const wanted = [{ family: "by", hasBy: true }];
      const keys = async (): Promise<readonly string[]> => (await store.readCounters(wanted)).map(({ key }) => key);
      expect(await keys()).toEqual(['by"a"', 'by"b"', 'by"held"']);
      await Promise.all(Array.from({ length: 120 }, (_, index) => admit(store, by(`c${index}`))));
      expect((await keys()).length).toBe(100);
    });

    it("are set to nothing one by one, so that the limit has all its room again", async () => {
      const { store } = await openStore(kind);
      const one = by("one", { max: decimal(1) });
      await admit(store, one);
      await admit(store, by("two"));
      expect((await store.admit(admission("full", { charges: [one] }))).kind).toBe("limit_reached");
      expect(await store.resetCounter(one.key)).toBe("1");
      expect(await store.readCounters([{ family: "by", hasBy: true }])).toEqual([
        { family: "by", key: 'by"two"', used: "1", inFlight: 0 },
      ]);
      expect((await store.admit(admission("free", { charges: [one] }))).kind).toBe("admitted");
    });

    it("are nothing to reset where nothing was counted", async () => {
      const { store } = await openStore(kind);
      expect(await store.resetCounter("never")).toBeUndefined();
    });

    it("take no refund of what was charged before they were reset", async () => {
      const { store } = await openStore(kind);
      const requestId = await admit(store, charge({ key: "refunded" }));
      await store.resetCounter("refunded");
      await admit(store, charge({ key: "other" }));
      await store.settle(settlement(requestId, true));
      expect(await store.readCounters([{ family: "refunded", hasBy: false }])).toMatchObject([{ used: "0" }]);
    });
  });
}
