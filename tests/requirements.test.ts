import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { requirements } from "./requirements.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Files whose texts name tests: tests, suites that they run, and tables of cases. */
function testFiles(): readonly string[] {
  const files = ["src", "tests"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const isTest = (file: string): boolean => /\.test\.ts$|\.yaml$|-suite\.ts$|-cases\.ts$/.test(file);
  return files.filter((file) => isTest(file) && basename(file) !== "requirements.test.ts");
}

/** The ids that tests name in square brackets, alone or in a list. */
function namedIds(): ReadonlySet<string> {
  const brackets = /\[((?:[A-Z]\d+(?:, ?| )?)+)\]/g;
  const found = testFiles().flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(brackets)].flatMap(([, ids = ""]) => ids.match(/\bR\d+\b/g) ?? []),
  );
  return new Set(found);
}

describe("the numbered behaviours", () => {
  const named = namedIds();
  const idsOf = (state: "proved" | "planned"): readonly string[] =>
    requirements.filter((requirement) => requirement.state === state).map(({ id }) => id);

  it("are 165, in order", () => {
    expect(requirements.map(({ id }) => id)).toEqual(Array.from({ length: 165 }, (_, index) => `R${index + 1}`));
  });

  it("that are proved have a test that names them", () => {
    expect(idsOf("proved").filter((id) => !named.has(id))).toEqual([]);
  });

  it("that are planned have none, unless they are begun", () => {
    const begun = requirements.filter((requirement) => requirement.state === "planned" && requirement.isBegun);
    const begunIds = new Set(begun.map(({ id }) => id));
    expect(idsOf("planned").filter((id) => named.has(id) !== begunIds.has(id))).toEqual([]);
  });

  it("are all that tests name", () => {
    const known = new Set(requirements.map(({ id }) => id));
    expect([...named].filter((id) => !known.has(id))).toEqual([]);
  });
});
