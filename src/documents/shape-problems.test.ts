import { describe, expect, it } from "vitest";
import { problemsOfShape } from "./shape-problems.ts";

type Issues = Parameters<typeof problemsOfShape>[0];

function told(issues: Issues, value: Parameters<typeof problemsOfShape>[1]): readonly string[] {
  return problemsOfShape(issues, value).map(({ code, path, message, hint }) => `${code} ${path}: ${message}; ${hint}`);
}

describe("problemsOfShape", () => {
  it("has words for a fault of a kind that the language does not use yet", () => {
    expect(told([{ code: "custom", path: ["a"], message: "" }], { a: 1 })).toEqual([
      "TYPE_WRONG /a: `1` stands where another value belongs; write another value",
    ]);
    expect(told([{ code: "invalid_type", expected: "date", path: ["a"], message: "" }], { a: 1 })).toEqual([
      "TYPE_WRONG /a: `1` stands where date belongs; write date",
    ]);
  });

  it("says that a key is missing where its parent is no object either", () => {
    expect(told([{ code: "invalid_type", expected: "string", path: ["a", "b"], message: "" }], { a: 1 })).toEqual([
      'KEY_MISSING /a/b: the key `b` is missing; add `"b"`',
    ]);
  });

  it("cuts long keys and values", () => {
    const long = "k".repeat(150);
    const cut = `${"k".repeat(100)}...`;
    expect(told([{ code: "unrecognized_keys", keys: [long], path: [], message: "known" }], { [long]: 1 })[0]).toContain(
      `the key \`${cut}\` is`,
    );
    expect(told([{ code: "invalid_type", expected: "number", path: ["a"], message: "" }], { a: long })[0]).toContain(
      `\`"${"k".repeat(99)}...\` stands`,
    );
  });

  it("names every kind that a value of none of several kinds could be", () => {
    const branches: Issues[] = [
      [{ code: "invalid_type", expected: "string", path: [], message: "" }],
      [
        { code: "invalid_type", expected: "object", path: [], message: "" },
        { code: "custom", path: [], message: "" },
      ],
    ];
    expect(
      told([{ code: "invalid_union", errors: branches.map((issues) => [...issues]), path: ["a"], message: "" }], {
        a: 1,
      }),
    ).toEqual([
      "TYPE_WRONG /a: `1` stands where text in quotes or an object belongs; write text in quotes or an object",
    ]);
  });
});
