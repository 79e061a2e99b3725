/**
 * Callgate's benchmarks: `npm run bench [-- NAME ...] [-- --quick]`. Each name runs in a process of its own, prints its
 * tables and writes them to bench/results/<name>.md. With `--quick` rounds are few and short and nothing is written.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Effort, fullEffort, quickEffort } from "./harness/effort.ts";
import { printReport, type Report, writeReport } from "./harness/report.ts";

const benches: Readonly<Record<string, () => Promise<(effort: Effort) => Promise<Report>>>> = {
  decide: async () => (await import("./decide.ts")).benchDecide,
  "round-trip": async () => (await import("./round-trip.ts")).benchRoundTrip,
  peers: async () => (await import("./peers.ts")).benchPeers,
  store: async () => (await import("./store.ts")).benchStore,
  scan: async () => (await import("./scan.ts")).benchScan,
  "start-up": async () => (await import("./start-up.ts")).benchStartUp,
  revocation: async () => (await import("./revocation.ts")).benchRevocation,
  definitions: async () => (await import("./definitions.ts")).benchDefinitions,
  catalogue: async () => (await import("./catalogue.ts")).benchCatalogue,
};

/** Runs every named bench in a fresh process, so that none warms up or litters the engine for the next. */
function runEach(names: readonly string[], flags: readonly string[]): number {
  const self = fileURLToPath(import.meta.url);
  let worst = 0;
  for (const name of names) {
    const { status } = spawnSync(process.execPath, [...process.execArgv, self, name, ...flags], { stdio: "inherit" });
    worst = Math.max(worst, status ?? 1);
  }
  return worst;
}

async function runOne(name: string, isQuick: boolean): Promise<number> {
  const load = benches[name];
  if (load === undefined) return usage(`there is no bench \`${name}\``);
  const bench = await load();
  const report = await bench(isQuick ? quickEffort : fullEffort);
  printReport(report);
  if (!isQuick) process.stdout.write(`\nwritten to ${writeReport(report)}\n`);
  return 0;
}

function usage(fault: string): number {
  const names = Object.keys(benches).join(", ");
  process.stderr.write(`${fault}: \`npm run bench -- [NAME ...] [--quick]\`, names are ${names}\n`);
  return 2;
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const flags = args.filter((arg) => arg.startsWith("-"));
  const names = args.filter((arg) => !arg.startsWith("-"));
  const unknown = flags.find((flag) => flag !== "--quick");
  if (unknown !== undefined) return usage(`unknown option \`${unknown}\``);
  const [only, ...more] = names;
  if (only !== undefined && more.length === 0) return runOne(only, flags.length > 0);
  return runEach(only === undefined ? Object.keys(benches) : names, flags);
}

process.exitCode = await main();
