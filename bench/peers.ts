import type { Effort } from "./harness/effort.ts";
import { flushMs } from "./harness/flush.ts";
import { ms, rate, ratio } from "./harness/figures.ts";
import { latencyTable } from "./harness/latency-table.ts";
import { measureTargets, medianOf, type Target, type TargetResult, valuesOf } from "./harness/load.ts";
import { buildCommand } from "./harness/package.ts";
import { programPath } from "./harness/paths.ts";
import { installPeers } from "./harness/peers.ts";
import { startProgram } from "./harness/program.ts";
import type { Report, Table } from "./harness/report.ts";
import { medianRatio } from "./harness/statistics.ts";
import { civic, mcpProxy, supergateway } from "./peer-gateways.ts";
import {
  callgateHttp,
  callgateLines,
  civicHttp,
  civicLines,
  directHttp,
  mcpProxyHttp,
  supergatewayHttp,
  supergatewayLines,
} from "./peer-targets.ts";

/** A `tools/call` through Callgate with all controls on, beside what others put between client and server, with none. */
export async function benchPeers(effort: Effort): Promise<Report> {
  installPeers([mcpProxy, supergateway, civic]);
  const command = buildCommand();
  const server = startProgram([programPath("quiet-http-server")]);
  const [url] = await server.sees(/http:\S+/, "stdout");
  const direct = await directHttp(server, url);
  const toStdio = await measure(
    [direct, await callgateHttp(command), await mcpProxyHttp(), await supergatewayHttp()],
    effort,
  );
  const toHttp = await measure([direct, await callgateHttp(command, url), await civicHttp(url)], effort);
  const lines = await measure(
    [await callgateLines(command, url), await supergatewayLines(url), await civicLines(url)],
    effort,
  );
  await direct.close();
  return {
    name: "peers",
    about:
      "One `tools/call` of 1 KB with a result of 1 KB, MCP 2025-11-25 (the era that all of them speak), in one session. " +
      "Callgate has every control on: a grant, a policy of 40 tools with four predicates (one a regular expression) and " +
      "one limit, decision and outcome rows and the limit durable (`synchronous = FULL`). The others have no controls, or " +
      "theirs are off. Calls per CPU-second count the process between client and server alone, not the server's. All " +
      "take turns in every round; ratios are medians of the rounds' ratios.",
    tables: [
      ...tablesOf("HTTP to a server on standard streams", toStdio),
      ...tablesOf("HTTP to HTTP", toHttp),
      ...tablesOf("standard streams to a server over HTTP", lines),
    ],
    notes: [
      "`mcp-proxy` runs with `--server stream --no-eventStore`, `supergateway` with `--stateful --logLevel none`: the fastest ways they have that keep a session.",
      `Each of Callgate's calls waits for a flush to the disk, the others' do not; writing and flushing 4 KiB alone took ${ms(flushMs())} here.`,
      "Before timing, Callgate let an allowed call through and denied one that breaks a rule.",
    ],
  };
}

interface Measured {
  readonly alone: readonly TargetResult[];
  readonly loaded: readonly TargetResult[];
}

async function measure(found: readonly (Target | undefined)[], effort: Effort): Promise<Measured> {
  const targets = found.filter((target) => target !== undefined);
  const alone = await measureTargets(targets, 1, effort);
  const loaded = await measureTargets(targets, 32, effort);
  for (const target of targets) if (target.name !== "direct") await target.close();
  return { alone, loaded };
}

function tablesOf(way: string, { alone, loaded }: Measured): readonly Table[] {
  return [latencyTable(`${way}, one call at a time`, alone), throughputTable(way, loaded)];
}

function throughputTable(way: string, results: readonly TargetResult[]): Table {
  const ours = results.find(({ name }) => name.startsWith("Callgate"));
  return {
    caption: `${way}, 32 calls at once (goal: at least 3 times theirs)`,
    head: ["", "calls/CPU-s", "Callgate's are so many times", "calls/s", "p50", "p99"],
    rows: results.map((result) => [
      result.name,
      rate(medianOf(result, "callsPerCpuSecond")),
      result === ours || result.name === "direct"
        ? "-"
        : ratio(medianRatio(valuesOf(ours, "callsPerCpuSecond"), valuesOf(result, "callsPerCpuSecond"))),
      rate(medianOf(result, "callsPerSecond")),
      ms(medianOf(result, "p50")),
      ms(medianOf(result, "p99")),
    ]),
  };
}
