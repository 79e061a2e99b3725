import type { Lane } from "../clients/lane.ts";
import type { Effort } from "./effort.ts";
import type { Program } from "./program.ts";
import { median, percentile } from "./statistics.ts";

/** Something that answers calls: a server, a forwarder or a gateway. */
export interface Target {
  readonly name: string;
  /** The process between client and server, whose CPU time counts; undefined when there is none. */
  readonly middle: Program | undefined;
  readonly lanes: readonly Lane[];
  /** Ends the processes and connections. */
  readonly close: () => Promise<void>;
}

/** What one round at one concurrency found. Latencies in milliseconds. */
export interface RoundResult {
  readonly p50: number;
  readonly p99: number;
  readonly callsPerSecond: number;
  /** Calls per CPU-second of the middle process; NaN without one. */
  readonly callsPerCpuSecond: number;
}

/** One target's rounds, in order. */
export interface TargetResult {
  readonly name: string;
  readonly rounds: readonly RoundResult[];
}

/** Warms every target up and measures them in turn, round by round, each with that many calls under way at once. */
export async function measureTargets(
  targets: readonly Target[],
  concurrency: number,
  effort: Effort,
): Promise<readonly TargetResult[]> {
  for (const target of targets) await runFor(target, concurrency, effort.roundMs);
  const rounds: RoundResult[][] = targets.map(() => []);
  for (let round = 0; round < effort.rounds; round += 1) {
    for (const [at, target] of targets.entries()) {
      rounds[at]?.push(await runFor(target, concurrency, effort.roundMs));
    }
  }
  return targets.map(({ name }, at) => ({ name, rounds: rounds[at] ?? [] }));
}

/** The values of one figure, round by round. */
export function valuesOf(result: TargetResult | undefined, figure: keyof RoundResult): readonly number[] {
  return (result?.rounds ?? []).map((round) => round[figure]);
}

/** The median of one figure over the rounds. */
export function medianOf(result: TargetResult | undefined, figure: keyof RoundResult): number {
  return median(valuesOf(result, figure));
}

async function runFor({ lanes, middle }: Target, concurrency: number, ms: number): Promise<RoundResult> {
  const latencies: number[] = [];
  const cpuBefore = middle?.cpuMs() ?? Number.NaN;
  const startedAt = performance.now();
  const until = startedAt + ms;
  const work = async (lane: Lane): Promise<void> => {
    for (let now = performance.now(); now < until;) {
      await lane.call();
      const answeredAt = performance.now();
      latencies.push(answeredAt - now);
      now = answeredAt;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, at) => work(laneAt(lanes, at))));
  const elapsedMs = performance.now() - startedAt;
  const cpuMs = (middle?.cpuMs() ?? Number.NaN) - cpuBefore;
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    callsPerSecond: (latencies.length / elapsedMs) * 1_000,
    callsPerCpuSecond: (latencies.length / cpuMs) * 1_000,
  };
}

function laneAt(lanes: readonly Lane[], at: number): Lane {
  const lane = lanes[at % lanes.length];
  if (lane === undefined) throw new Error("a target needs a lane");
  return lane;
}
