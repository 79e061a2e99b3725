/**
 * Runs fuzz targets for as long as one likes: `npm run fuzz -- [TARGET ...] [--minutes N] [--seed N]`. Ends with 1 at the
 * first counterexample, which is shown as small as it gets, with the seed that finds it again. The target `api` asks a
 * running gateway.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { closeAll } from "../kit/opened.ts";
import { answersAsDescribed, startApiTarget } from "./api/api-target.ts";
import { fuzzTargets } from "./targets.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const names = [...fuzzTargets.map(({ name }) => name), "api"];
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

if (positionals.length === 0 || positionals.includes("api")) await fuzzApi();

/** Every operation of the HTTP API in turn, for as long as the others. */
async function fuzzApi(): Promise<void> {
  const target = await startApiTarget();
  const until = performance.now() + minutes * 60_000;
  let seed = firstSeed;
  let runs = 0;
  try {
    while (performance.now() < until) {
      for (const operation of target.operations) {
        const property = answersAsDescribed(target, operation, () => (runs += 1));
        const result = await fc.check(property, { numRuns: 20, seed });
        if (!result.failed) continue;
        console.error(`api, ${operation.id}, seed ${seed}:\n${fc.defaultReportMessage(result) ?? ""}`);
        process.exitCode = 1;
        return;
      }
      seed += 1;
    }
    console.info(`api: ${runs} requests in ${minutes} min, seeds ${firstSeed} to ${seed - 1}, nothing found`);
  } finally {
    await closeAll();
  }
}
