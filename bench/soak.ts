/**
 * A gateway under a steady mixed load for minutes: `npm run soak [-- --minutes N] [-- --rate CALLS_PER_SECOND]`. Prints and
 * writes to bench/results/soak.md how memory, descriptors and child processes went, and what was left at the end.
 */
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { rate } from "./harness/figures.ts";
import { buildCommand } from "./harness/package.ts";
import { type ProcessFacts, readProcessFacts } from "./harness/process-facts.ts";
import { printReport, type Report, writeReport } from "./harness/report.ts";
import { slopeOf } from "./harness/statistics.ts";
import { startGateway } from "./http-targets.ts";
import { type SoakCounts, startSoakLoad } from "./soak-load.ts";

interface Sample extends ProcessFacts {
  readonly atMinutes: number;
}

const sampleEveryMs = 5_000;
const settleMs = 8_000;

async function soak(minutes: number, callsPerSecond: number): Promise<Report> {
  const { program, url } = await startGateway(buildCommand(), {});
  const pid = program.child.pid ?? 0;
  const before = readProcessFacts(pid);
  const load = startSoakLoad(url, callsPerSecond);
  const startedAt = performance.now();
  const samples: Sample[] = [];
  for (let atMinutes = 0; atMinutes < minutes; atMinutes = (performance.now() - startedAt) / 60_000) {
    await sleep(sampleEveryMs);
    const sample = { atMinutes: (performance.now() - startedAt) / 60_000, ...readProcessFacts(pid) };
    samples.push(sample);
    process.stderr.write(`${sample.atMinutes.toFixed(1)} min: ${describe(sample)}\n`);
  }
  const counts = await load.end();
  await sleep(settleMs);
  const after = readProcessFacts(pid);
  await program.end();
  return toReport({ minutes, callsPerSecond, before, samples, after, counts });
}

interface Soaked {
  readonly minutes: number;
  readonly callsPerSecond: number;
  readonly before: ProcessFacts;
  readonly samples: readonly Sample[];
  readonly after: ProcessFacts;
  readonly counts: SoakCounts;
}

function toReport({ minutes, callsPerSecond, before, samples, after, counts }: Soaked): Report {
  const warmUpMinutes = Math.min(3, minutes / 3);
  const warm = samples.filter(({ atMinutes }) => atMinutes >= warmUpMinutes);
  const perMinute = slopeOf(warm.map(({ atMinutes, rssMib }) => ({ x: atMinutes, y: rssMib })));
  const marks = [0.1, 0.25, 0.5, 0.75, 1].map((share) => samples[Math.ceil(samples.length * share) - 1]);
  const row = (name: string, facts: ProcessFacts): string[] => [
    name,
    facts.rssMib.toFixed(1),
    String(facts.descriptors),
    String(facts.children),
  ];
  return {
    name: "soak",
    about:
      `\`callgate serve\` with every control on, under ${callsPerSecond} calls a second for ${minutes} minutes: allowed and denied ` +
      "calls, lists, requests without a valid token, requests whose client hangs up at once, and each second a legacy " +
      "session with a server process of its own, a stream of its own and three calls, ended with DELETE.",
    tables: [
      {
        caption: "What was done",
        head: ["", "count"],
        rows: Object.entries(counts).map(([name, count]) => [name, rate(count)]),
      },
      {
        caption: "The gateway's process",
        head: ["", "memory, MiB", "descriptors", "children"],
        rows: [
          row("before", before),
          ...marks.flatMap((sample) =>
            sample === undefined ? [] : [row(`${sample.atMinutes.toFixed(1)} min`, sample)],
          ),
          row("when all clients had left", after),
        ],
      },
    ],
    notes: [
      `Slope of the memory after ${warmUpMinutes.toFixed(1)} minutes of warm-up, by least squares: ${(perMinute * 10).toFixed(2)} MiB in 10 minutes (goal: under 1).`,
      "The child that is left is the one that modern clients of the grant share.",
    ],
  };
}

function describe({ rssMib, descriptors, children }: ProcessFacts): string {
  return `${rssMib.toFixed(1)} MiB, ${descriptors} descriptors, ${children} children`;
}

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, rate: { type: "string", default: "200" } },
});
const minutes = Number(values.minutes);
const report = await soak(minutes, Number(values.rate));
printReport(report);
const command = `npm run soak -- --minutes ${values.minutes} --rate ${values.rate}`;
if (minutes >= 10) process.stdout.write(`\nwritten to ${writeReport(report, command)}\n`);
