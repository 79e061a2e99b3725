import { describe, expect, it } from "vitest";
import { decimalFromNumber, formatDecimal, one, parseDecimal, zero } from "./decimal.ts";

describe("decimals", () => {
  it.each([
    ["10.00", 10n * one],
    ["-3", -3n * one],
    ["1e2", 100n * one],
    ["0.000000001", 1n],
    ["0", zero],
    ["-0.00", zero],
    ["007", 7n * one],
    ["1.50", (3n * one) / 2n],
    ["999999999999999", 999_999_999_999_999n * one],
    ["1000000000000000", undefined],
    ["0.0000000001", undefined],
    ["1,5", undefined],
    ["", undefined],
    ["1".repeat(65), undefined],
  ])("read %j exactly", (text, value) => {
    expect(parseDecimal(text)).toBe(value);
  });

  it("are made of numbers by their shortest form", () => {
    expect(decimalFromNumber(30)).toBe(30n * one);
    expect(decimalFromNumber(0.1)).toBe(100_000_000n);
    expect([NaN, Infinity, 1e15].map(decimalFromNumber)).toEqual([undefined, undefined, undefined]);
  });

  it("are written without exponent and trailing zeros", () => {
    expect([one, -1n, zero, (3n * one) / 2n].map(formatDecimal)).toEqual(["1", "-0.000000001", "0", "1.5"]);
  });
});
