/**
 * Runs the official conformance suite against our fixture, directly and through Callgate, and compares:
 * `node scripts/run.js tests/conformance/run.ts`. Exit code 0: nothing is worse through Callgate; 1: something is, or
 * the fixture itself fails.
 */
import { parseArgs } from "node:util";
import { closeAll } from "../kit/opened.ts";
import { compareRuns, isPassed, scoreOf, type Comparison, type Scenario } from "./compare.ts";
import { requirementSets, runSuite, type Requirements } from "./suite.ts";
import { startGateway, startHttpFixture, stdioFixture } from "./subjects.ts";

const usage = `--path=direct|stdio|http      the way: none of Callgate, or Callgate in front of a stdio or an HTTP server (all)
--requirements=${requirementSets.join("|")}  the set of scenarios (all)
--scenario=NAME               one scenario only, with what is worse about it
`;

const paths = ["direct", "stdio", "http"] as const;
type Path = (typeof paths)[number];

function pick<T extends string>(all: readonly T[], wanted: string | undefined): readonly T[] {
  if (wanted === undefined) return all;
  const found = all.filter((value) => value === wanted);
  if (found.length === 0) throw new Error(`unknown \`${wanted}\`: ${all.join(", ")}`);
  return found;
}

/** `ok 3`, or `FAIL 1/3`: checks that did not fail, of all that were made. */
function cell(scenario: Scenario | undefined): string {
  if (scenario === undefined) return "-";
  const made = scenario.checks.filter((check) => check.status !== "INFO");
  const fine = made.filter((check) => check.status !== "FAILURE").length;
  return isPassed(scenario) ? `ok ${fine}` : `FAIL ${fine}/${made.length}`;
}

function print(title: string, comparisons: readonly Comparison[]): void {
  process.stdout.write(`\n${title}\n${"scenario".padEnd(48)}${"direct".padEnd(12)}through\n`);
  for (const { name, isScored, direct, through, losses } of comparisons) {
    const shown = isScored ? name : `(${name})`;
    process.stdout.write(`${shown.padEnd(48)}${cell(direct).padEnd(12)}${cell(through)}\n`);
    for (const loss of losses) process.stdout.write(`    ${loss}\n`);
  }
}

function show(label: string, scenarios: readonly Scenario[]): void {
  const { passed, total } = scoreOf(scenarios);
  process.stdout.write(`${label}: ${passed}/${total} scored scenarios pass\n`);
}

/** Runs one set on the given ways. Whether all is well. */
async function runSet(
  requirements: Requirements,
  urls: ReadonlyMap<Path, string>,
  scenario: string | undefined,
): Promise<boolean> {
  const run = async (path: Path): Promise<readonly Scenario[]> =>
    runSuite({ kind: "server", url: urls.get(path) ?? "" }, requirements, scenario);
  const direct = await run("direct");
  const { passed, total } = scoreOf(direct);
  let isWell = passed === total;
  if (urls.size === 1) {
    print(
      `${requirements}, direct`,
      direct.map((one) => ({ ...one, direct: one, through: undefined, losses: [] })),
    );
    show(`${requirements}, direct`, direct);
  }
  for (const path of urls.keys()) {
    if (path === "direct") continue;
    const through = await run(path);
    const comparisons = compareRuns(direct, through);
    print(`${requirements}, through Callgate in front of ${path}`, comparisons);
    show(`${requirements}, direct`, direct);
    show(`${requirements}, through`, through);
    isWell &&= comparisons.every((comparison) => comparison.losses.length === 0);
  }
  return isWell;
}

async function main(): Promise<number> {
  const { values: options } = parseArgs({
    options: {
      path: { type: "string" },
      requirements: { type: "string" },
      scenario: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const sets = pick(requirementSets, options.requirements);
  const urls = new Map<Path, string>([["direct", await startHttpFixture()]]);
  for (const path of pick(paths, options.path)) {
    if (path === "stdio") urls.set(path, await startGateway(stdioFixture));
    if (path === "http") urls.set(path, await startGateway({ url: await startHttpFixture() }));
  }
  let isWell = true;
  for (const set of sets) isWell = (await runSet(set, urls, options.scenario)) && isWell;
  return isWell ? 0 : 1;
}

try {
  process.exitCode = await main();
} finally {
  await closeAll();
}
