import { existsSync, writeFileSync } from "node:fs";
import pc from "picocolors";
import { type Preset, presets } from "../../catalogue/recommend.ts";
import { starterPolicy } from "../../catalogue/starter-policy.ts";
import { composeScan, type ScannedServer } from "../../compose/scan.ts";
import { recordFolder } from "../../config/home.ts";
import { parseDuration } from "../../documents/durations.ts";
import { createLogger } from "../../logger.ts";
import { scanLimits } from "../../scan/read-list.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { keepRecord } from "../keep-record.ts";
import { formatJson } from "../output/json.ts";
import { formatProblems } from "../output/problems.ts";
import { formatRecord } from "../output/record.ts";
import { reportEvents } from "../output/report-events.ts";
import { shown } from "../output/rows.ts";
import { type Bars, outcomeOf, readBars } from "../scan-outcome.ts";
import { readScanTargets } from "../scan-targets.ts";
import { untilSignal } from "../until-signal.ts";
import { logLevel } from "./serve.ts";

/** A command that first installs a package needs more than the usual time. */
const timeoutMsMax = 300_000;

/** `callgate scan` */
export const scanCommand: Command = {
  usage: "callgate scan [OPTION ...] -- COMMAND [ARGUMENT ...], callgate scan URL, or callgate scan --config FILE",
  description:
    "Connects to a server (a command that you give, an address, or every server of a configuration), reads its lists and ends it: what each tool can do, what in the definitions should be looked at, grade and cost. No tool is called and nothing is sent anywhere else. Bounds: 30 s, 10 MiB a message, 20 MiB in all, 5,000 entries and 200 pages a list. Exit code 0 nothing found at the level, 1 findings, 2 wrong use, 3 a server could not be read.",
  options: {
    config: { type: "string", short: "c", value: "FILE", description: "every server of a configuration" },
    env: {
      type: "string",
      multiple: true,
      value: "NAME[=VALUE]",
      description: "an environment variable the command gets, beside what a program needs to start",
    },
    header: {
      type: "string",
      multiple: true,
      value: "NAME: VALUE",
      description: "a header for the address; ${NAME} in it is an environment variable",
    },
    "header-env": {
      type: "string",
      multiple: true,
      value: "NAME=VARIABLE",
      description: "a header for the address whose value is in an environment variable",
    },
    sse: { type: "boolean", description: "the address speaks the older HTTP+SSE transport" },
    "public-only": { type: "boolean", description: "refuse addresses that are private, loopback or link-local" },
    name: { type: "string", value: "NAME", description: "what to call the server" },
    timeout: {
      type: "string",
      value: "TIME",
      description: "for each server, default 30s, at most 5m: for a command that first installs a package",
    },
    "fail-on": {
      type: "string",
      value: "LEVEL",
      description: "exit with 1 for findings of this level or worse: low, medium, high (default), critical",
    },
    "fail-on-risk": {
      type: "string",
      value: "LEVEL",
      description: "exit with 1 for tools of this risk or worse, too: low, medium, high, critical",
    },
    policy: { type: "string", value: "FILE", description: "write a policy to start from, YAML with comments" },
    preset: { type: "string", value: "WORD", description: `of that policy: ${presets.join(", ")}; default balanced` },
    force: { type: "boolean", description: "overwrite the file of --policy" },
    json: { type: "boolean", description: "print the records as JSON" },
    "no-save": { type: "boolean", description: "keep no record for `precheck` and `stack` in the data folder" },
    verbose: { type: "boolean", description: "show what the server writes to its standard error" },
    "log-level": { type: "string", value: "LEVEL", description: "debug, info, warn, error (default) or silent" },
  },
  examples: [
    "callgate scan -- npx -y camoufox-mcp@1.0.0",
    "callgate scan https://mcp.example.com/mcp --header-env Authorization=EXAMPLE_AUTH --policy policy.yaml",
    "callgate scan --config callgate.yaml --fail-on medium --json",
  ],
  run: async (args) => {
    const bars = readBars(args.text("fail-on"), args.text("fail-on-risk"));
    const preset = readPreset(args.text("preset"));
    const timeoutMs = readTimeout(args.text("timeout"));
    const policyFile = args.text("policy");
    if (policyFile !== undefined && existsSync(policyFile) && !args.flag("force"))
      throw new UsageError(`\`${policyFile}\` is there already: name another file, or add \`--force\``);
    const { targets, skipped, problems } = readScanTargets(args);
    if (problems.length > 0) {
      process.stderr.write(`${formatProblems(problems)}\n`);
      return exitCodes.fault;
    }
    if (policyFile !== undefined && targets.length !== 1)
      throw new UsageError("`--policy` is for one server: name it alone");
    const servers = await scan(targets, timeoutMs, args);
    if (args.flag("json")) process.stdout.write(`${formatJson(asJson(servers, skipped, bars))}\n`);
    else process.stdout.write(`${report(servers, skipped, bars).join("\n")}\n`);
    if (policyFile !== undefined) writePolicy(servers, policyFile, preset);
    if (!args.flag("no-save"))
      for (const server of servers) if (server.status === "scanned") keepRecord(recordFolder(), server);
    return outcomeOf(servers, bars).exitCode;
  },
};

async function scan(
  targets: Parameters<typeof composeScan>[0],
  timeoutMs: number,
  args: Arguments,
): Promise<readonly ScannedServer[]> {
  const stop = new AbortController();
  void untilSignal().then(() => stop.abort());
  const logger = createLogger(logLevel(args.text("log-level") ?? "error"));
  const events = args.flag("verbose") ? reportEvents() : { onServerStderr: () => {} };
  const options = { timeoutMs, allowPrivate: !args.flag("public-only"), signal: stop.signal };
  return composeScan(targets, options, logger, events);
}

function writePolicy(servers: readonly ScannedServer[], file: string, preset: Preset): void {
  const [server] = servers;
  if (server?.status !== "scanned") return;
  writeFileSync(file, starterPolicy(server.record, preset));
  process.stderr.write(`wrote ${file}: look at it, then \`callgate run -p ${file} -- COMMAND\`\n`);
}

type Skipped = ReturnType<typeof readScanTargets>["skipped"];

function asJson(servers: readonly ScannedServer[], skipped: Skipped, bars: Bars): unknown {
  const { exitCode, ...counts } = outcomeOf(servers, bars);
  return {
    ...bars,
    clean: exitCode === exitCodes.done,
    counts,
    servers: servers.map((server) => {
      if (server.status === "failed") return server;
      const { name, status, protocolVersion, notes, record } = server;
      return { name, status, protocolVersion, notes, record };
    }),
    skipped,
  };
}

function report(servers: readonly ScannedServer[], skipped: Skipped, bars: Bars): readonly string[] {
  const parts = servers.flatMap((server): readonly string[] => {
    if (server.status === "failed")
      return [`${pc.bold(shown(server.name))} ${pc.red("not read")} ${server.code} ${shown(server.message)}`, ""];
    const { record, notes, protocolVersion } = server;
    const entries = record.entries.length === 0 ? "" : `, ${record.entries.length} prompts and resources`;
    const changing = record.tools.length - record.counts.Read;
    const head = `${pc.bold(shown(server.name))} ${record.tools.length} tools, ${changing} can change something${entries} (protocol ${protocolVersion})`;
    return [head, ...formatRecord(record), ...notes.map((note) => `note: ${shown(note)}`), ""];
  });
  return [
    ...parts,
    ...skipped.map(({ name, message }) => `${pc.bold(shown(name))} left out: ${shown(message)}`),
    summary(servers, bars),
  ];
}

function summary(servers: readonly ScannedServer[], bars: Bars): string {
  const { grave, findings, risky, unread } = outcomeOf(servers, bars);
  const { failOn, failOnRisk } = bars;
  const tools = failOnRisk === undefined ? "" : `; ${risky} tools of risk ${failOnRisk} or worse`;
  const missing = unread === 0 ? "" : `; ${unread} of ${servers.length} servers could not be read`;
  return `${grave} findings of level ${failOn} or worse, ${findings} in all${tools}${missing}`;
}

function readPreset(word: string | undefined): Preset {
  const preset = presets.find((known) => known === (word ?? "balanced"));
  if (preset === undefined) throw new UsageError(`unknown preset \`${word ?? ""}\`: use ${presets.join(", ")}`);
  return preset;
}

function readTimeout(text: string | undefined): number {
  if (text === undefined) return scanLimits.timeoutMs;
  const timeoutMs = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (timeoutMs === undefined || timeoutMs <= 0 || timeoutMs > timeoutMsMax)
    throw new UsageError(`\`${text}\` is not a length of time up to 5 minutes: write \`90s\``);
  return timeoutMs;
}
