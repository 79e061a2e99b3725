import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Effort } from "./harness/effort.ts";
import { ms, ratio } from "./harness/figures.ts";
import { buildCommand } from "./harness/package.ts";
import { makeScratch, programPath } from "./harness/paths.ts";
import { startProgram } from "./harness/program.ts";
import type { Report } from "./harness/report.ts";
import { median, medianRatio } from "./harness/statistics.ts";
import { policyText } from "./workload.ts";

interface Start {
  readonly name: string;
  /** Times the time of an empty Node.js process that is the goal. */
  readonly goal: number | undefined;
  /** Starts once and resolves to how long it took, milliseconds of wall time. */
  readonly once: () => Promise<number>;
}

/** How long the command takes to start, as multiples of an empty Node.js process. */
export async function benchStartUp(effort: Effort): Promise<Report> {
  const command = buildCommand();
  const folder = makeScratch();
  const policy = join(folder, "policy.json");
  const config = join(folder, "callgate.yaml");
  writeFileSync(policy, policyText());
  writeFileSync(config, configText(join(folder, "store.sqlite")));
  const starts: readonly Start[] = [
    { name: "an empty Node.js process", goal: undefined, once: () => runOnce(["-e", "0"]) },
    { name: "callgate --version", goal: 2, once: () => runOnce([command, "--version"]) },
    { name: "callgate validate, a policy of 40 tools", goal: 5, once: () => runOnce([command, "validate", policy]) },
    { name: "callgate serve until it listens", goal: 9, once: () => serveOnce(command, config) },
  ];
  const times: number[][] = starts.map(() => []);
  for (const { once } of starts) await once();
  for (let round = 0; round < effort.starts; round += 1) {
    for (const [at, { once }] of starts.entries()) times[at]?.push(await once());
  }
  return {
    name: "start-up",
    about: `Wall time from starting the process to its end, or to its listening line; median of ${effort.starts} interleaved starts, ratios the median of the rounds' ratios.`,
    tables: [
      {
        caption: "Start-up over an empty process",
        head: ["", "time", "times the empty process", "goal"],
        rows: starts.map(({ name, goal }, at) => [
          name,
          ms(median(times[at] ?? [])),
          ratio(medianRatio(times[at] ?? [], times[0] ?? [])),
          goal === undefined ? "" : `${goal} or less`,
        ]),
      },
    ],
    notes: [
      "The command is the built one in a folder without sources, as after an installation; its libraries are not bundled into it yet.",
      "`serve` opens its store, one configured server (started at the first call) and one policy; the store exists already.",
    ],
  };
}

function configText(storeFile: string): string {
  return JSON.stringify({
    listen: "127.0.0.1:0",
    store: storeFile,
    servers: { bench: { command: process.execPath, args: [programPath("quiet-server")] } },
    policies: { bench: "./policy.json" },
    grants: { alice: { tokenSha256: "0".repeat(64), servers: { bench: "bench" } } },
  });
}

async function runOnce(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const took = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return took;
}

async function serveOnce(command: string, config: string): Promise<number> {
  const startedAt = performance.now();
  const program = startProgram([command, "serve", "--config", config]);
  await program.sees(/listens at/, "stderr");
  const took = performance.now() - startedAt;
  await program.end();
  return took;
}
