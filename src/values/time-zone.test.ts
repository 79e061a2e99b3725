import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calendarStretch } from "./time-zone.ts";

const at = (text: string): number => Date.parse(text);
const text = (ms: number): string => new Date(ms).toISOString();

interface StretchCase {
  readonly name: string;
  readonly unit: "day" | "month";
  readonly zone: string;
  readonly moment: string;
  readonly start: string;
  readonly end: string;
}

const stretches: readonly StretchCase[] = [
  {
    name: "a day in UTC",
    unit: "day",
    zone: "UTC",
    moment: "2026-03-01T12:00:00Z",
    start: "2026-03-01T00:00:00Z",
    end: "2026-03-02T00:00:00Z",
  },
  {
    name: "its first moment",
    unit: "day",
    zone: "UTC",
    moment: "2026-03-01T00:00:00Z",
    start: "2026-03-01T00:00:00Z",
    end: "2026-03-02T00:00:00Z",
  },
  {
    name: "a day before 1970",
    unit: "day",
    zone: "UTC",
    moment: "1969-12-31T23:59:59.999Z",
    start: "1969-12-31T00:00:00Z",
    end: "1970-01-01T00:00:00Z",
  },
  {
    name: "the last month of a year",
    unit: "month",
    zone: "UTC",
    moment: "2026-12-31T23:00:00Z",
    start: "2026-12-01T00:00:00Z",
    end: "2027-01-01T00:00:00Z",
  },
  {
    name: "a day of 23 hours",
    unit: "day",
    zone: "Europe/Berlin",
    moment: "2026-03-29T12:00:00Z",
    start: "2026-03-28T23:00:00Z",
    end: "2026-03-29T22:00:00Z",
  },
  {
    name: "a day of 25 hours",
    unit: "day",
    zone: "Europe/Berlin",
    moment: "2026-10-25T00:30:00Z",
    start: "2026-10-24T22:00:00Z",
    end: "2026-10-25T23:00:00Z",
  },
  {
    name: "a day without a midnight",
    unit: "day",
    zone: "Asia/Beirut",
    moment: "2026-03-29T12:00:00Z",
    start: "2026-03-28T22:00:00Z",
    end: "2026-03-29T21:00:00Z",
  },
  {
    name: "a change of half an hour",
    unit: "day",
    zone: "Australia/Lord_Howe",
    moment: "2026-04-05T00:00:00Z",
    start: "2026-04-04T13:00:00Z",
    end: "2026-04-05T13:30:00Z",
  },
  {
    name: "the day before a day that never was",
    unit: "day",
    zone: "Pacific/Apia",
    moment: "2011-12-30T09:00:00Z",
    start: "2011-12-29T10:00:00Z",
    end: "2011-12-30T10:00:00Z",
  },
  {
    name: "a month with a clock change",
    unit: "month",
    zone: "America/New_York",
    moment: "2026-03-10T00:00:00Z",
    start: "2026-03-01T05:00:00Z",
    end: "2026-04-01T04:00:00Z",
  },
];

describe("the calendar stretch of a moment", () => {
  it.each(stretches)("$name", ({ unit, zone, moment, start, end }) => {
    const { startMs, endMs } = calendarStretch(unit, zone, at(moment));
    expect([text(startMs), text(endMs)]).toEqual([text(at(start)), text(at(end))]);
  });

  it("throws for a zone that does not exist", () => {
    expect(() => calendarStretch("day", "Mars/Olympus", 0)).toThrow(RangeError);
  });

  // The oracle is the platform's own calendar: the local date is one and the same from the start to the end.
  it.each([
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Asia/Beirut",
  ])("holds one local date and no more in %s", (zone) => {
    const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" });
    const dateAt = (ms: number): string => format.format(ms);
    const moments = fc.integer({ min: at("2000-01-01T00:00:00Z"), max: at("2037-01-01T00:00:00Z") });
    fc.assert(
      fc.property(moments, fc.constantFrom("day", "month"), (moment, unit) => {
        const { startMs, endMs } = calendarStretch(unit, zone, moment);
        const name = (ms: number): string => dateAt(ms).slice(0, unit === "day" ? 10 : 7);
        expect(startMs <= moment && moment < endMs).toBe(true);
        expect([name(startMs), name(endMs - 1)]).toEqual([name(moment), name(moment)]);
        expect(name(startMs - 1)).not.toBe(name(moment));
        expect(name(endMs)).not.toBe(name(moment));
      }),
      { numRuns: 200 },
    );
  });

  it("says the same of each zone when more were asked for than are remembered", () => {
    const moment = at("2026-11-26T12:00:00Z");
    const days = (): unknown => Intl.supportedValuesOf("timeZone").map((zone) => calendarStretch("day", zone, moment));
    expect(days()).toEqual(days());
  });
});
