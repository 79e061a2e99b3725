import { expect, test } from "vitest";
import type { Subject } from "./condition.ts";
import { readTimeFact } from "./time-facts.ts";

function subjectAt(iso: string, timeZone: string): Subject {
  return {
    call: {
      organisation: "org",
      server: { name: "mail" },
      grant: { id: "g1", label: "laptop", owner: undefined, tags: {} },
      client: { ip: undefined, name: undefined, version: undefined },
      session: undefined,
      tool: { name: "send", isListed: true, isChanged: false, review: undefined, schema: undefined },
      args: {},
    },
    facts: { nowMs: Date.parse(iso) },
    timeZone,
    regexBudget: 0,
  };
}

test.each([
  ["2026-06-15T12:00:00.5Z", "UTC", "2026-06-15T12:00:00.500Z", 12, "mon", "2026-06-15"],
  ["2026-06-15T22:30:00Z", "Europe/Berlin", "2026-06-16T00:30:00.000+02:00", 0, "tue", "2026-06-16"],
  ["2026-12-31T23:59:59.999Z", "Asia/Kathmandu", "2027-01-01T05:44:59.999+05:45", 5, "fri", "2027-01-01"],
  ["2026-01-01T00:00:00Z", "America/St_Johns", "2025-12-31T20:30:00.000-03:30", 20, "wed", "2025-12-31"],
  ["2026-01-01T00:00:00Z", "Africa/Abidjan", "2026-01-01T00:00:00.000Z", 0, "thu", "2026-01-01"],
  ["1969-12-31T23:59:59Z", "UTC", "1969-12-31T23:59:59.000Z", 23, "wed", "1969-12-31"],
])("%s in %s", (iso, zone, now, hour, weekday, date) => {
  const subject = subjectAt(iso, zone);
  expect(readTimeFact(subject, "now")).toBe(now);
  expect(readTimeFact(subject, "hour")).toBe(hour);
  expect(readTimeFact(subject, "weekday")).toBe(weekday);
  expect(readTimeFact(subject, "date")).toBe(date);
});

test("agrees with the platform on every quarter of an hour around the changes of a year", () => {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: "Australia/Lord_Howe",
    hourCycle: "h23",
    hour: "numeric",
  });
  for (const day of ["2026-04-04", "2026-10-03"]) {
    for (let quarter = 0; quarter < 192; quarter += 1) {
      const iso = new Date(Date.parse(`${day}T00:00:00Z`) + quarter * 900_000).toISOString();
      const hour = readTimeFact(subjectAt(iso, "Australia/Lord_Howe"), "hour");
      expect([iso, hour]).toEqual([iso, Number(format.format(Date.parse(iso)))]);
    }
  }
});

test.each([
  ["0999-01-01T00:00:00Z", "UTC"],
  ["2026-01-01T00:00:00Z", "Mars/Olympus"],
  ["2026-01-01T00:00:00Z", ""],
  ["not a time", "UTC"],
])("%s in %j is not known", (iso, zone) => {
  expect(readTimeFact(subjectAt(iso, zone), "now")).toBe(undefined);
});
