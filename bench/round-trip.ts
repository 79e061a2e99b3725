import type { Effort } from "./harness/effort.ts";
import { ms, percent, rate, ratio } from "./harness/figures.ts";
import { latencyTable } from "./harness/latency-table.ts";
import { measureTargets, medianOf, type Target, type TargetResult, valuesOf } from "./harness/load.ts";
import { flushMs } from "./harness/flush.ts";
import { buildCommand } from "./harness/package.ts";
import type { Report, Table } from "./harness/report.ts";
import { medianRatio } from "./harness/statistics.ts";
import {
  directTarget,
  forwarderTarget,
  gatewayTarget,
  memoryGatewayTarget,
  passThroughTarget,
} from "./http-targets.ts";
import { directStdio, forwarderStdio, gatewayStdio } from "./stdio-targets.ts";

/** A `tools/call` there and back, over stdio and over HTTP, beside no gateway at all and a blind forwarder. */
export async function benchRoundTrip(effort: Effort): Promise<Report> {
  const command = buildCommand();
  const stdio = await measureStdio(command, effort);
  const httpToStdio = await measureHttpToStdio(command, effort);
  const httpToHttp = await measureHttpToHttp(command, effort);
  return {
    name: "round-trip",
    about:
      "One `tools/call` of 1 KB with a result of 1 KB, MCP 2026-07-28, from a raw client to a server that does next to " +
      "nothing. Callgate has every control on: a grant, a policy of 40 tools with four predicates (one " +
      "a regular expression) and one limit, decision and outcome rows and the limit durable (`synchronous = FULL`). " +
      "Calls per CPU-second count the CPU time of the process between client and server alone. Added latency is the " +
      "median of the rounds' differences to direct, ratios the median of the rounds' ratios.",
    tables: [...stdio, ...httpToStdio, ...httpToHttp],
    notes: [
      "The blind forwarder pipes bytes (stdio), passes bodies on unread but for the id (HTTP to stdio), or is undici's `Pool.dispatch` (HTTP to HTTP): the least anything in between can do on Node.js.",
      "HTTP to stdio: direct is the same server answering HTTP itself, so what is added includes the hop to the server's process.",
      "Client, gateway and server share the machine's cores, so latencies at a high load say little; calls per CPU-second hold.",
      "The gateway with a store in memory answers each call at once; calls that commit together also reach the server together, which saves writes. What the store alone costs is in `store`.",
      `Each admission waits for a flush to the disk; writing and flushing 4 KiB alone took ${ms(flushMs())} here.`,
      "Before timing, each gateway let an allowed call through and denied one that breaks a rule.",
    ],
  };
}

async function measureStdio(command: string, effort: Effort): Promise<readonly Table[]> {
  const targets = [directStdio(), forwarderStdio(), await gatewayStdio(command)];
  const alone = await measureTargets(targets, 1, effort);
  const loaded = await measureTargets(targets, 16, effort);
  await closeAll(targets);
  return [
    latencyTable("stdio to stdio, one call at a time (goal for the added p50: 0.15 ms)", alone),
    throughputTable("stdio to stdio, 16 calls at once", loaded),
  ];
}

const relaxedName = "Callgate, durable against kill -9 only";

async function measureHttpToStdio(command: string, effort: Effort): Promise<readonly Table[]> {
  const full = await gatewayTarget(command, { name: "Callgate" });
  const relaxed = await gatewayTarget(command, { name: relaxedName, durability: "process" });
  const main = [await directTarget(), await forwarderTarget(), full, relaxed];
  const unlimited = await gatewayTarget(command, { name: "Callgate, no limit", hasLimit: false });
  const free = await memoryGatewayTarget("Callgate, no limit, store in memory");
  const alone = await measureTargets(main, 1, effort);
  const at16 = await measureTargets(main, 16, effort);
  const at32 = await measureTargets(main, 32, effort);
  const priced = await measureTargets([full, relaxed, unlimited, free], 32, effort);
  await closeAll([...main, unlimited, free]);
  return [
    latencyTable("HTTP to stdio, one call at a time (goal for the added p50: 0.4 ms, p99: 1.5 ms)", alone),
    throughputTable("HTTP to stdio, 16 calls at once", at16),
    throughputTable("HTTP to stdio, 32 calls at once", at32),
    priceTable(priced),
  ];
}

async function measureHttpToHttp(command: string, effort: Effort): Promise<readonly Table[]> {
  const direct = await directTarget();
  const serverUrl = direct.url;
  const targets = [
    direct,
    await passThroughTarget(serverUrl),
    await gatewayTarget(command, { name: "Callgate", serverUrl }),
    await gatewayTarget(command, { name: relaxedName, serverUrl, durability: "process" }),
  ];
  const alone = await measureTargets(targets, 1, effort);
  const at32 = await measureTargets(targets, 32, effort);
  await closeAll(targets.toReversed());
  return [
    latencyTable("HTTP to HTTP, one call at a time (goal for the added p50: 0.4 ms, p99: 1.5 ms)", alone),
    throughputTable("HTTP to HTTP, 32 calls at once (goal: 12 k calls/CPU-s, 0.5 of the forwarder)", at32),
  ];
}

async function closeAll(targets: readonly Target[]): Promise<void> {
  for (const target of targets) await target.close();
}

function throughputTable(caption: string, results: readonly TargetResult[]): Table {
  const forwarder = results.find(({ name }) => name === "blind forwarder");
  return {
    caption,
    head: ["", "calls/CPU-s", "of the forwarder", "calls/s", "p50"],
    rows: results.map((result) => [
      result.name,
      rate(medianOf(result, "callsPerCpuSecond")),
      ratio(medianRatio(valuesOf(result, "callsPerCpuSecond"), valuesOf(forwarder, "callsPerCpuSecond"))),
      rate(medianOf(result, "callsPerSecond")),
      ms(medianOf(result, "p50")),
    ]),
  };
}

/** What durable audit and limit cost: how many fewer calls a CPU-second holds than without them. */
function priceTable(results: readonly TargetResult[]): Table {
  const free = results.at(-1);
  return {
    caption: "What durable audit and limit take of the throughput, HTTP to stdio, 32 calls at once (goal: under 15 %)",
    head: ["", "calls/CPU-s", "less than in memory"],
    rows: results.map((result) => [
      result.name,
      rate(medianOf(result, "callsPerCpuSecond")),
      percent(1 - medianRatio(valuesOf(result, "callsPerCpuSecond"), valuesOf(free, "callsPerCpuSecond"))),
    ]),
  };
}
