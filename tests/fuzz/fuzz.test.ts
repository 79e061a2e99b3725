import * as fc from "fast-check";
import { describe, it } from "vitest";
import { fuzzTargets } from "./targets.ts";

// A short run of each target; `npm run fuzz` runs them for as long as one likes.

describe("whatever bytes come", () => {
  it.each(fuzzTargets)("$name keeps its promises", ({ property }) => {
    fc.assert(property, { numRuns: 3_000, seed: Number(process.env["FUZZ_SEED"] ?? "20261126") });
  });
});
