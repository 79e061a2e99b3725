import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { numberFault } from "./numbers.ts";

describe("numbers that two parsers would read alike [R69]", () => {
  test.each([
    ["0"],
    ["-0"],
    ["-0.0"],
    ["0e999999999999"],
    ["100.0"],
    ["1e2"],
    ["1E+2"],
    ["0.1"],
    ["0.10"],
    ["1.50e-3"],
    ["9007199254740991"],
    ["-9007199254740991.0"],
    ["900719925474099.1e1"],
    ["5e-324"],
    ["123456.7890"],
    ["1000e-3"],
  ])("[B054] %s is held as written", (text) => {
    expect(numberFault(text)).toBeUndefined();
  });

  test.each([
    ["[B049]", "1e400", "number_out_of_range"],
    ["[B049]", "-1e400", "number_out_of_range"],
    ["[B050]", "1e-400", "number_not_exact"],
    ["[B052]", "9007199254740993", "unsafe_integer"],
    ["[B052]", "9007199254740992", "unsafe_integer"],
    ["[B052]", "-9007199254740992", "unsafe_integer"],
    ["[B052]", "9007199254740992.0", "unsafe_integer"],
    ["[B052]", "9.007199254740992e15", "unsafe_integer"],
    ["[B052]", "1e16", "unsafe_integer"],
    ["[B052]", "9007199254740991.9", "unsafe_integer"],
    ["[B053]", "100.00000000000000001", "number_not_exact"],
    ["[B053]", "0.1000000000000000055", "number_not_exact"],
    ["[B053]", "9007199254740990.6", "number_not_exact"],
  ])("%s %s is refused as %s", (_, text, fault) => {
    expect(numberFault(text)).toBe(fault);
  });

  test("what is no number is left to the grammar", () => {
    expect(["", "1.2.3", "--1", "1e", "."].map(numberFault)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("the shortest form of every double is held, unless it is an integer out of range", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const isFine = !Number.isInteger(value) || Number.isSafeInteger(value);
        expect(numberFault(String(value)) === undefined).toBe(isFine);
      }),
    );
  });

  test("a digit more than a double can hold is seen, whatever the spelling", () => {
    const digits = fc.integer({ min: 1, max: 99_999 });
    fc.assert(
      fc.property(digits, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 8 }), (whole, last, exponent) => {
        expect(numberFault(`${whole}.${"0".repeat(20)}${last}`)).toBe("number_not_exact");
        expect(numberFault(`${whole}.${"0".repeat(20)}${last}e${exponent}`)).toBe("number_not_exact");
        expect(numberFault(`${whole}.${"0".repeat(20)}e${exponent}`)).toBeUndefined();
      }),
    );
  });
});
