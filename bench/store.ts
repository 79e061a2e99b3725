import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CallRow, OutcomeRow } from "../src/audit/row.ts";
import { systemClock } from "../src/clock.ts";
import { newTimedId } from "../src/ids.ts";
import { type Call, decide } from "../src/policy/index.ts";
import { openMemoryStore } from "../src/store/memory/memory-store.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../src/store/store.ts";
import type { Wants } from "../src/values/admission.ts";
import { compile, describe } from "./engines.ts";
import type { Effort } from "./harness/effort.ts";
import { microsEach, ms, rate, ratio } from "./harness/figures.ts";
import { flushMs } from "./harness/flush.ts";
import { makeScratch } from "./harness/paths.ts";
import type { Report } from "./harness/report.ts";
import { median, medianRatio, percentile } from "./harness/statistics.ts";
import { allowedCalls, policyText } from "./workload.ts";

/** A store under test with so many calls under way at once. */
interface Subject {
  readonly name: string;
  readonly store: Store;
  readonly group: number;
  readonly policy: string;
}

interface Round {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  /** From asking for admission to its commit, milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const groups = [1, 8, 32];

/** Durable admission and settlement of calls: counter, flow mark, decision row and outcome row. */
export async function benchStore(effort: Effort): Promise<Report> {
  const folder = makeScratch();
  const open = (name: string, durability: "power-loss" | "process"): Promise<Store> =>
    openSqliteStore({ path: join(folder, `${name}.sqlite`), clock: systemClock, durability });
  const limited = policyText();
  const full = await open("full", "power-loss");
  const normal = await open("normal", "process");
  const memory = openMemoryStore({ clock: systemClock });
  const subjects: Subject[] = [
    ...groups.map((group) => ({ name: "FULL (power loss)", store: full, group, policy: limited })),
    ...groups.map((group) => ({ name: "NORMAL (kill -9)", store: normal, group, policy: limited })),
    { name: "FULL, no limit", store: full, group: 32, policy: policyText({ hasLimit: false }) },
    { name: "in memory", store: memory, group: 32, policy: limited },
  ];
  const results = await measure(subjects, effort);
  for (const store of [full, normal, memory]) await store.close();
  const base = results[0]?.map(({ perCpuSecond }) => perCpuSecond) ?? [];
  return {
    name: "store",
    about:
      "Calls admitted and settled per second: one limit is looked at and charged, a flow mark, a decision row and an " +
      "outcome row are written, and each call waits for its own commit. `At once` is how many calls wait together and " +
      "so share commits; ratios are to the first line, per CPU-second.",
    tables: [
      {
        caption: "Admit and settle in one SQLite file",
        head: ["synchronous", "at once", "calls/s", "calls/CPU-s", "CPU each", "ratio", "admit p50", "admit p99"],
        rows: subjects.map(({ name, group }, at) => {
          const rounds = results[at] ?? [];
          const of = (figure: keyof Round): readonly number[] => rounds.map((round) => round[figure]);
          return [
            name,
            String(group),
            rate(median(of("perSecond"))),
            rate(median(of("perCpuSecond"))),
            microsEach(median(of("perCpuSecond"))),
            ratio(medianRatio(of("perCpuSecond"), base)),
            ms(median(of("p50"))),
            ms(median(of("p99"))),
          ];
        }),
      },
    ],
    notes: [
      `The file lies in the checkout's file system; writing and flushing 4 KiB alone took ${ms(flushMs())} there.`,
      "CPU time includes building both rows and the loop around them.",
    ],
  };
}

async function measure(subjects: readonly Subject[], effort: Effort): Promise<readonly (readonly Round[])[]> {
  const rounds: Round[][] = subjects.map(() => []);
  for (const subject of subjects) await runFor(subject, effort.roundMs);
  for (let round = 0; round < effort.rounds; round += 1) {
    for (const [at, subject] of subjects.entries()) rounds[at]?.push(await runFor(subject, effort.roundMs));
  }
  return rounds;
}

async function runFor({ store, group, policy }: Subject, durationMs: number): Promise<Round> {
  const prepared = prepare(policy);
  const latencies: number[] = [];
  const settling = new Set<Promise<void>>();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const work = async (): Promise<void> => {
    while (performance.now() - startedAt < durationMs) {
      const askedAt = performance.now();
      const requestId = newTimedId("req", systemClock.wallMs());
      const { call, wants } = prepared[latencies.length % prepared.length] ?? fail();
      const { kind } = await store.admit({
        requestId,
        wants,
        isHeld: false,
        row: (result) => callRow(requestId, call, result.kind === "admitted" ? result.touched : []),
      });
      if (kind !== "admitted") throw new Error(`a call was not admitted: ${kind}`);
      latencies.push(performance.now() - askedAt);
      // The server answers no sooner than the next turn; the answer does not wait for the outcome row.
      await nextTurn();
      const settled = store.settle({ requestId, isNotSent: false, row: outcomeRow(requestId) });
      settling.add(settled);
      void settled.then(() => settling.delete(settled));
    }
  };
  await Promise.all(Array.from({ length: group }, work));
  await Promise.all(settling);
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: (latencies.length / elapsedMs) * 1_000,
    perCpuSecond: (latencies.length / (user + system)) * 1_000_000,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}

function fail(): never {
  throw new Error("there is no call to admit");
}

function prepare(text: string): readonly { readonly call: Call; readonly wants: Wants }[] {
  const policy = compile(text);
  return allowedCalls.map((sample) => {
    const call = describe(sample);
    const { wants } = decide(policy, call, { nowMs: Date.now() });
    if (wants === undefined) throw new Error("the policy does not let the call through");
    return { call, wants };
  });
}

function callRow(requestId: string, call: Call, limits: CallRow["limits"]): CallRow {
  return {
    kind: "call",
    time: new Date().toISOString(),
    requestId,
    grant: { id: call.grant.id, label: call.grant.label, owner: null },
    client: { name: "bench", version: "1", ip: "127.0.0.1" },
    server: call.server.name,
    method: "tools/call",
    transport: "http",
    era: "modern",
    tool: call.tool.name,
    category: null,
    policy: { id: "bench", version: 1, sha256: "0".repeat(64) },
    outcome: "allow",
    code: "allowed",
    rule: "",
    message: "",
    condition: null,
    observed: [],
    limits,
    argumentKeys: Object.keys(call.args),
    argumentDigest: "0".repeat(64),
    requestBytes: 1_024,
    decideMicros: 100,
  };
}

function outcomeRow(requestId: string): OutcomeRow {
  return {
    kind: "outcome",
    time: new Date().toISOString(),
    requestId,
    status: "completed",
    resultBytes: 1_024,
    upstreamMicros: 100,
    isRefunded: false,
  };
}
