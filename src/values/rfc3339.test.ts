import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareInstants, instantMs, parseRfc3339 } from "./rfc3339.ts";

test.each([
  ["1970-01-01T00:00:00Z", 0, ""],
  ["1970-01-01T00:00:00.120Z", 0, "12"],
  ["2026-11-26T02:30:00+05:30", 1_795_640_400, ""],
  ["2026-11-26T02:30:00-00:00", 1_795_660_200, ""],
  ["2024-02-29T23:59:59z", 1_709_251_199, ""],
  ["0000-01-01t00:00:00Z", -62_167_219_200, ""],
  ["9999-12-31T23:59:59-23:59", 253_402_387_139, ""],
])("reads %s", (text, seconds, fraction) => {
  expect(parseRfc3339(text)).toEqual({ seconds, fraction });
});

test.each([
  "",
  "2026-11-26",
  "2026-11-26T02:30Z",
  "2026-11-26T02:30:00",
  "2026-11-26 02:30:00Z",
  "2026-11-26T02:30:00.Z",
  "2026-11-26T24:00:00Z",
  "2026-11-26T02:60:00Z",
  "2016-12-31T23:59:60Z",
  "2026-11-26T02:30:00+24:00",
  "2026-11-26T02:30:00+05:60",
  "2026-11-26T02:30:00+0530",
  "2026-00-01T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-02-30T00:00:00Z",
  "1900-02-29T00:00:00Z",
  "+2026-11-26T02:30:00Z",
  "2026-11-26T02:30:00Z\n",
  `2026-11-26T02:30:00.${"1".repeat(100)}Z`,
])("does not read %j", (text) => {
  expect(parseRfc3339(text)).toBe(undefined);
});

test("compares to the last digit", () => {
  const order = (a: string, b: string): number => {
    const [left, right] = [parseRfc3339(a), parseRfc3339(b)];
    if (left === undefined || right === undefined) throw new Error(a);
    return Math.sign(compareInstants(left, right));
  };
  expect(order("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00")).toBe(0);
  expect(order("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.49Z")).toBe(1);
  expect(order("2026-01-01T00:00:00.4999999999999999Z", "2026-01-01T00:00:00.5Z")).toBe(-1);
  expect(order("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000000001Z")).toBe(-1);
  expect(order("2026-01-01T00:00:01Z", "2026-01-01T00:00:00.9Z")).toBe(1);
});

test("agrees with Date on every millisecond that Date can write", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.parse("0000-01-01T00:00:00Z"), max: Date.parse("9999-12-31T23:59:59Z") }),
      (ms) => {
        const instant = parseRfc3339(new Date(ms).toISOString());
        expect(instant === undefined ? undefined : instantMs(instant)).toBe(ms);
      },
    ),
  );
});
