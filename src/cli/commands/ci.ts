import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { composeScan } from "../../compose/scan.ts";
import { createLogger } from "../../logger.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { markdownReport } from "../output/markdown-report.ts";
import { formatProblems } from "../output/problems.ts";
import { type Bars, outcomeOf, readBars } from "../scan-outcome.ts";
import { targetsOfConfig } from "../scan-targets.ts";
import { readTimeout } from "../timeout-argument.ts";
import { untilSignal } from "../until-signal.ts";

/** A runner starts with empty caches, so that most servers are installed first. */
const timeoutMs = 120_000;

/** `callgate ci` */
export const ciCommand: Command = {
  usage:
    "callgate ci [--config FILE] [--fail-on LEVEL] [--fail-on-risk LEVEL] [--pass NAME ...] [--timeout TIME] [--report FILE]",
  description:
    "Scans the servers of a repository's client configuration in CI, as action.yml does, also those that are switched off: prints a report in Markdown, adds it to the job's summary, and writes it for `callgate ci comment`. It starts the commands of that configuration, which can read this command's environment: start it without secrets, for changes of people you trust. Of the environment servers are given only what --pass names. Without the configuration it does nothing. Exit codes as `scan`.",
  options: {
    config: { type: "string", short: "c", value: "FILE", description: "the configuration, default .mcp.json" },
    "fail-on": {
      type: "string",
      value: "LEVEL",
      description: "fail for findings of this level or worse: low, medium, high (default), critical",
    },
    "fail-on-risk": { type: "string", value: "LEVEL", description: "fail for tools of this risk or worse, too" },
    pass: {
      type: "string",
      multiple: true,
      value: "NAME",
      description: "a variable that the configuration may use; every other one counts as not set",
    },
    timeout: { type: "string", value: "TIME", description: "for each server, default 2m, at most 5m" },
    report: { type: "string", value: "FILE", description: "write the report there, for `callgate ci comment`" },
  },
  examples: ["callgate ci", "callgate ci --config .cursor/mcp.json --fail-on medium --pass NOTES_URL"],
  run: async (args) => {
    const [extra] = args.positionals;
    if (extra !== undefined) throw new UsageError(`\`${extra}\` is no option: name a configuration with \`--config\``);
    const bars = readBars(args.text("fail-on") || undefined, args.text("fail-on-risk") || undefined);
    const limitMs = readTimeout(args.text("timeout") || undefined, timeoutMs);
    const environment = readPassed(args.texts("pass"));
    const config = args.text("config") || ".mcp.json";
    if (!existsSync(config)) {
      process.stdout.write(`there is no \`${config}\`: nothing to scan\n`);
      return exitCodes.done;
    }
    const { targets, problems } = targetsOfConfig(config, { environment, withDisabled: true });
    if (problems.length > 0) {
      process.stderr.write(`${formatProblems(problems)}\n`);
      return exitCodes.fault;
    }
    const stop = new AbortController();
    void untilSignal().then(() => stop.abort());
    const options = { timeoutMs: limitMs, allowPrivate: false, signal: stop.signal };
    const servers = await composeScan(targets, options, createLogger("error"), { onServerStderr: () => {} });
    const isUnset = targets.some(({ access }) => access.kind === "unresolved");
    const hint = isUnset ? " A variable counts as set only where `pass` names it." : "";
    const report = markdownReport(servers, `${summaryOf(servers, bars)}${hint}`);
    process.stdout.write(`${report}\n`);
    append("GITHUB_STEP_SUMMARY", report);
    const { grave, risky, unread, exitCode } = outcomeOf(servers, bars);
    append(
      "GITHUB_OUTPUT",
      `findings=${grave}\nrisky-tools=${risky}\nunread=${unread}\nclean=${String(exitCode === 0)}\n`,
    );
    const file = args.text("report");
    if (file !== undefined) {
      writeFileSync(file, report);
      append("GITHUB_OUTPUT", `report=${file}\n`);
    }
    return exitCode;
  },
};

function readPassed(names: readonly string[]): Readonly<Record<string, string | undefined>> {
  const wrong = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name));
  if (wrong !== undefined) throw new UsageError(`\`--pass\` takes the name of a variable, not \`${wrong}\``);
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

function summaryOf(servers: Parameters<typeof outcomeOf>[0], bars: Bars): string {
  const { grave, findings, risky, unread } = outcomeOf(servers, bars);
  const tools = bars.failOnRisk === undefined ? "" : `, ${risky} tools of risk ${bars.failOnRisk} or worse`;
  const missing = unread === 0 ? "" : `, **${unread} of ${servers.length} servers not read**`;
  return `${grave} findings of level ${bars.failOn} or worse, ${findings} in all${tools}${missing}.`;
}

/** The runner names files to write to. */
function append(variable: string, text: string): void {
  const file = process.env[variable];
  if (file !== undefined && file !== "") appendFileSync(file, text);
}
