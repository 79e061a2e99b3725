/**
 * Runs fuzz targets for as long as one likes: `npm run fuzz -- [TARGET ...] [--minutes N] [--seed N]`. Ends with 1 at the
 * first counterexample, which is shown as small as it gets, with the seed that finds it again.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { fuzzTargets } from "./targets.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const names = fuzzTargets.map(({ name }) => name);
const unknown = positionals.find((name) => !names.includes(name));
const minutes = Number(values.minutes);
const firstSeed = Number(values.seed);
if (unknown !== undefined || !(minutes > 0) || !Number.isSafeInteger(firstSeed)) {
  console.error(`npm run fuzz -- [TARGET ...] [--minutes N] [--seed N]; targets are ${names.join(", ")}`);
  process.exit(2);
}

const runsPerRound = 5_000;
const chosen = fuzzTargets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
for (const { name, property } of chosen) {
  const until = performance.now() + minutes * 60_000;
  let seed = firstSeed;
  let runs = 0;
  while (performance.now() < until) {
    const result = fc.check(property, { numRuns: runsPerRound, seed });
    if (result.failed) {
      console.error(`${name}, seed ${seed}:\n${fc.defaultReportMessage(result) ?? ""}`);
      process.exit(1);
    }
    runs += result.numRuns;
    seed += 1;
  }
  console.info(`${name}: ${runs} inputs in ${minutes} min, seeds ${firstSeed} to ${seed - 1}, nothing found`);
}
