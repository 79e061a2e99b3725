import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  comparePatterns,
  compareWidth,
  compilePattern,
  faultOfPattern,
  isInside,
  sharedName,
} from "./tool-patterns.ts";

const letters = fc.constantFrom("a", "b", "*");
const patterns = fc
  .array(letters, { minLength: 1, maxLength: 7 })
  .map((parts) => parts.join("").replaceAll(/\*+/g, "*"));
const names = fc.array(fc.constantFrom("a", "b"), { maxLength: 9 }).map((parts) => parts.join(""));

/** The slow, obvious matcher: tries every length for every star. */
function matchesSlowly(pattern: string, name: string): boolean {
  if (pattern === "") return name === "";
  if (pattern.startsWith("*")) {
    for (let taken = 0; taken <= name.length; taken += 1) {
      if (matchesSlowly(pattern.slice(1), name.slice(taken))) return true;
    }
    return false;
  }
  return pattern[0] === name[0] && name !== "" && matchesSlowly(pattern.slice(1), name.slice(1));
}

describe("compilePattern", () => {
  it("matches as trying every length of every star does", () => {
    fc.assert(
      fc.property(
        patterns,
        names,
        (pattern, name) => compilePattern(pattern).matches(name) === matchesSlowly(pattern, name),
      ),
    );
  });

  it("knows which patterns are exact names", () => {
    expect([compilePattern("a").isExact, compilePattern("*").isExact, compilePattern("a*").isExact]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("needs no more than the name's length on hostile patterns", () => {
    const hostile = compilePattern(`${"*a".repeat(300)}*b`);
    expect(hostile.matches("a".repeat(100_000))).toBe(false);
  });
});

/** Whether the first pattern lies inside the second. */
function lies(inner: string, outer: string): boolean {
  const [a, b] = comparePatterns([inner, outer]);
  return a !== undefined && b !== undefined && isInside(a, b);
}

/** A name that both patterns match. */
function share(first: string, second: string): string | undefined {
  const [a, b] = comparePatterns([first, second]);
  return a === undefined || b === undefined ? undefined : sharedName(a, b);
}

describe("isInside", () => {
  it("never says of a name that the inner pattern matches that the outer does not", () => {
    fc.assert(
      fc.property(patterns, patterns, names, (inner, outer, name) => {
        fc.pre(lies(inner, outer) && matchesSlowly(inner, name));
        return matchesSlowly(outer, name);
      }),
    );
  });

  it.each([
    ["read_file", "read_*", true],
    ["read_file", "read_file", true],
    ["read_*_raw", "read_*", true],
    ["read_*", "read_*_raw", false],
    ["*", "a*", false],
    ["a*", "*", true],
    ["a*b*c", "a*c", true],
    ["a*c", "a*b*c", false],
    ["\uE000*", "\uE000*", true],
    ["*", "\uE000", false],
  ])("of %s in %s is %j", (inner, outer, expected) => {
    expect(lies(inner, outer)).toBe(expected);
  });
});

describe("compareWidth", () => {
  it("puts a pattern before every other that it lies inside", () => {
    fc.assert(
      fc.property(patterns, patterns, (a, b) => {
        fc.pre(a !== b && lies(a, b));
        return compareWidth(a, b) < 0 && compareWidth(b, a) > 0;
      }),
    );
  });

  it("orders patterns of one width by their text", () => {
    expect(["b*", "a*"].toSorted(compareWidth)).toEqual(["a*", "b*"]);
    expect(compareWidth("a*", "a*")).toBe(0);
  });
});

describe("sharedName", () => {
  it("finds a name exactly when there is one", () => {
    fc.assert(
      fc.property(patterns, patterns, names, (a, b, name) => {
        fc.pre(a.includes("*") && b.includes("*"));
        const shared = share(a, b);
        if (shared !== undefined) return matchesSlowly(a, shared) && matchesSlowly(b, shared);
        return !(matchesSlowly(a, name) && matchesSlowly(b, name));
      }),
    );
  });

  it("names one that is easy to read", () => {
    expect(share("fetch_*", "*_key")).toBe("fetch__key");
  });
});

describe("faultOfPattern", () => {
  it.each([
    ["", "is empty"],
    ["a".repeat(1001), "has over 1000 characters"],
    ["a**", "has `**`, which means no more than `*`"],
    ["a".repeat(1000), undefined],
    ["*a*", undefined],
  ])("of %j is %j", (source, fault) => {
    expect(faultOfPattern(source)).toBe(fault);
  });
});
