/**
 * Runs the official conformance suite against our fixture, directly and through Callgate, and compares:
 * `node scripts/run.js tests/conformance/run.ts`. Exit code 0: nothing is worse through Callgate; 1: something is, or
 * the fixture itself fails.
 */
import { parseArgs } from "node:util";
import { closeAll } from "../kit/opened.ts";
import { clientScenarios, runClientScenarios, type ClientRevision } from "./client-scenarios.ts";
import { compareRuns, isPassed, scoreOf, type Comparison, type Scenario } from "./compare.ts";
import { requirementSets, runSuite, type Requirements } from "./suite.ts";
import { startGateway, startHttpFixture, stdioFixture } from "./subjects.ts";

const usage = `--path=direct|stdio|http|client  the way: no Callgate; Callgate in front of our stdio or HTTP server; a client of ours
                              through Callgate to the suite's servers (all)
--requirements=${requirementSets.join("|")}  the set of scenarios (all)
--scenario=NAME               one scenario only, with what is worse about it
`;

const paths = ["direct", "stdio", "http", "client"] as const;
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

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 240 ? `${line.slice(0, 240)}...` : line;
}

function print(title: string, comparisons: readonly Comparison[]): void {
  process.stdout.write(`\n${title}\n${"scenario".padEnd(48)}${"direct".padEnd(12)}through\n`);
  for (const { name, isScored, direct, through, losses } of comparisons) {
    const shown = isScored ? name : `(${name})`;
    process.stdout.write(`${shown.padEnd(48)}${cell(direct).padEnd(12)}${cell(through)}\n`);
    // One scenario alone is looked into: then everything is said.
    for (const loss of losses) process.stdout.write(`    ${comparisons.length === 1 ? loss : oneLine(loss)}\n`);
  }
}

function show(label: string, scenarios: readonly Scenario[]): void {
  const { passed, total } = scoreOf(scenarios);
  process.stdout.write(`${label}: ${passed}/${total} scored scenarios pass\n`);
}

/** Prints both runs of a set; whether nothing is worse and the direct run is without fault. */
function report(title: string, direct: readonly Scenario[], through: readonly Scenario[]): boolean {
  const comparisons = compareRuns(direct, through);
  print(title, comparisons);
  show("direct", direct);
  show("through Callgate", through);
  const { passed, total } = scoreOf(direct);
  return passed === total && comparisons.every((comparison) => comparison.losses.length === 0);
}

/** Runs one set against the fixture, directly and on the other ways. Whether all is well. */
async function runServerSet(
  requirements: Requirements,
  urls: ReadonlyMap<Path, string>,
  scenario: string | undefined,
): Promise<boolean> {
  const run = async (url: string): Promise<readonly Scenario[]> =>
    runSuite({ kind: "server", url }, requirements, scenario);
  const direct = await run(urls.get("direct") ?? "");
  if (urls.size === 1) {
    const alone = direct.map((one): Comparison => ({ ...one, direct: one, through: undefined, losses: [] }));
    print(`${requirements}, direct`, alone);
    show("direct", direct);
  }
  const { passed, total } = scoreOf(direct);
  let isWell = passed === total;
  for (const [path, url] of urls) {
    if (path === "direct") continue;
    isWell = report(`${requirements}, Callgate in front of ${path}`, direct, await run(url)) && isWell;
  }
  return isWell;
}

async function runClientSet(revision: ClientRevision, scenario: string | undefined): Promise<boolean> {
  const direct = await runClientScenarios("direct", revision, scenario);
  const through = await runClientScenarios("through", revision, scenario);
  return report(`${revision}, a client through Callgate`, direct, through);
}

function hasClientScenarios(requirements: Requirements): requirements is ClientRevision {
  return requirements in clientScenarios;
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
  const chosen = pick(paths, options.path);
  const urls = new Map<Path, string>();
  if (chosen.some((path) => path !== "client")) urls.set("direct", await startHttpFixture());
  if (chosen.includes("stdio")) urls.set("stdio", await startGateway(stdioFixture));
  if (chosen.includes("http")) urls.set("http", await startGateway({ url: await startHttpFixture() }));
  let isWell = true;
  for (const set of sets) {
    if (urls.size > 0) isWell = (await runServerSet(set, urls, options.scenario)) && isWell;
    if (chosen.includes("client") && hasClientScenarios(set))
      isWell = (await runClientSet(set, options.scenario)) && isWell;
  }
  return isWell ? 0 : 1;
}

try {
  process.exitCode = await main();
} finally {
  await closeAll();
}
