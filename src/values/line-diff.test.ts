import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineDiff } from "./line-diff.ts";

/** Applies a diff as `patch` does: an independent reader of the format. */
function patched(before: string, diff: string): string {
  if (diff === "") return before;
  const old = before.split("\n");
  const made: string[] = [];
  let at = 0;
  for (const line of diff.slice(0, -1).split("\n")) {
    const start = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/.exec(line);
    if (start !== null) {
      const first = start[2] === "0" ? Number(start[1]) : Number(start[1]) - 1;
      made.push(...old.slice(at, first));
      at = first;
    } else if (line.startsWith("+")) made.push(line.slice(1));
    else {
      expect(old[at]).toBe(line.slice(1));
      if (line.startsWith(" ")) made.push(line.slice(1));
      at += 1;
    }
  }
  return [...made, ...old.slice(at)].join("\n");
}

const texts = fc
  .array(fc.constantFrom("a", "b", "c", "{", "}", ""), { maxLength: 40 })
  .map((lines) => lines.join("\n"));

describe("lineDiff", () => {
  it("leads from one text to the other, whatever they are", () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        expect(patched(before, lineDiff(before, after))).toBe(after);
      }),
      { numRuns: 2_000 },
    );
  });

  it("shows a change with three lines around it, and what is far away not at all", () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    const after = lines.with(10, "changed").join("\n");
    expect(lineDiff(lines.join("\n"), after)).toBe(
      "@@ -8,7 +8,7 @@\n line 7\n line 8\n line 9\n-line 10\n+changed\n line 11\n line 12\n line 13\n",
    );
  });

  it("says nothing of equal texts, and shows texts with nothing in common as replaced", () => {
    expect(lineDiff("a\nb", "a\nb")).toBe("");
    const many = (word: string): string => Array.from({ length: 3_000 }, (_, index) => `${word} ${index}`).join("\n");
    const diff = lineDiff(many("old"), many("new"));
    expect(diff.split("\n").filter((line) => line.startsWith("-")).length).toBe(3_000);
    expect(patched(many("old"), diff)).toBe(many("new"));
  });
});
