/**
 * Compares the policy engine with the oracle for as long as one likes: `npm run soak:policy -- --pairs 10000000 --seed N`.
 * Exits with 1 and the smallest case found when they differ.
 */

import { parseArgs } from "node:util";
import { Coverage, codesOfOneCall, operatorKinds } from "./coverage.ts";
import { compareAtRandom } from "./run.ts";
import { compareSequences } from "./sequences.ts";

const { values } = parseArgs({
  options: {
    pairs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const wanted = Number(values.pairs);
const firstSeed = Number(values.seed);
if (!Number.isSafeInteger(wanted) || wanted < 1 || !Number.isSafeInteger(firstSeed)) {
  console.error("give --pairs a whole number above 0 and --seed a whole number");
  process.exit(2);
}

const callsPerPolicy = 50;
const policiesPerRound = Math.min(1000, Math.ceil(wanted / callsPerPolicy));
const coverage = new Coverage();
const startedMs = performance.now();
let pairs = 0;
let calls = 0;
let seed = firstSeed;
while (pairs < wanted) {
  try {
    pairs += compareAtRandom({ policies: policiesPerRound, callsPerPolicy, seed }, coverage);
    calls += await compareSequences(policiesPerRound, seed, coverage);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
    console.error(
      `seed ${seed}, after ${pairs} pairs: ${error instanceof Error ? error.message : String(error)}\n${cause}`,
    );
    process.exit(1);
  }
  seed += 1;
  const seconds = (performance.now() - startedMs) / 1000;
  console.info(`${pairs} pairs and ${calls} calls in sequences agree after ${seconds.toFixed(0)} s, next seed ${seed}`);
}
console.info(coverage.report());
const missing = coverage.missing([...codesOfOneCall, ...operatorKinds]);
console.info(
  missing.length === 0 ? "every code and every operator result came up" : `never came up: ${missing.join(", ")}`,
);
