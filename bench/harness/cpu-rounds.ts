import type { Effort } from "./effort.ts";
import { median } from "./statistics.ts";

/** A synchronous operation to count. `index` rises by one with each call, so that inputs can take turns. */
export interface Subject {
  readonly name: string;
  /** What it returns is kept, so that the engine cannot leave the work out. */
  readonly run: (index: number) => unknown;
}

/** One subject's rates, one for each round, in the order of the rounds. */
export interface Rates {
  readonly name: string;
  /** Operations per second of CPU time of this process, the engine's own threads included. */
  readonly perCpuSecond: readonly number[];
  readonly median: number;
}

/** The last result of a subject; reading it is never needed. */
export const kept: { value: unknown } = { value: undefined };

/** Measures the subjects in turn, round by round, after a warm-up of each. */
export function measureCpu(subjects: readonly Subject[], effort: Effort): readonly Rates[] {
  const budgetMs = effort.roundMs / 4;
  const counts = subjects.map((subject) => countFor(subject, budgetMs));
  const rates: number[][] = subjects.map(() => []);
  for (let round = 0; round < effort.rounds; round += 1) {
    for (const [at, subject] of subjects.entries()) {
      const count = counts[at] ?? 1;
      rates[at]?.push((count / cpuMsOf(subject, count)) * 1_000);
    }
  }
  return subjects.map(({ name }, at) => {
    const perCpuSecond = rates[at] ?? [];
    return { name, perCpuSecond, median: median(perCpuSecond) };
  });
}

/** How often the subject runs in about that much CPU time; finding out warms it up. */
function countFor(subject: Subject, budgetMs: number): number {
  let count = 1;
  for (;;) {
    const usedMs = cpuMsOf(subject, count);
    if (usedMs >= budgetMs) break;
    count = usedMs < budgetMs / 20 ? count * 10 : Math.ceil((count * budgetMs * 1.1) / usedMs);
  }
  return Math.max(1, Math.round((count * budgetMs) / cpuMsOf(subject, count)));
}

function cpuMsOf(subject: Subject, count: number): number {
  const { run } = subject;
  const before = process.cpuUsage();
  for (let index = 0; index < count; index += 1) kept.value = run(index);
  const { user, system } = process.cpuUsage(before);
  return Math.max((user + system) / 1_000, 0.001);
}
