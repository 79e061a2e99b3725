import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { composeScan } from "../../compose/scan.ts";
import { createLogger } from "../../logger.ts";
import { commentOnce, type PullRequest } from "../../scan/pull-request-comment.ts";
import { scanLimits } from "../../scan/read-list.ts";
import { isObject, type JsonValue, ownMember } from "../../values/json.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { markdownReport, reportMark } from "../output/markdown-report.ts";
import { formatProblems } from "../output/problems.ts";
import { type Bars, outcomeOf, readBars } from "../scan-outcome.ts";
import { readScanTargets } from "../scan-targets.ts";
import { untilSignal } from "../until-signal.ts";

/** `callgate ci` */
export const ciCommand: Command = {
  usage: "callgate ci [--config FILE] [--fail-on LEVEL] [--fail-on-risk LEVEL] [--comment]",
  description:
    "Scans the servers of a repository's client configuration in CI, as action.yml does: prints a report in Markdown, adds it to the job's summary, and with --comment puts it on the pull request as one comment that is rewritten each time. It starts the commands of that configuration: run it for changes of people you trust. Without the configuration it does nothing. Exit codes as `scan`.",
  options: {
    config: { type: "string", short: "c", value: "FILE", description: "the configuration, default .mcp.json" },
    "fail-on": {
      type: "string",
      value: "LEVEL",
      description: "fail for findings of this level or worse: low, medium, high (default), critical",
    },
    "fail-on-risk": { type: "string", value: "LEVEL", description: "fail for tools of this risk or worse, too" },
    comment: { type: "boolean", description: "comment on the pull request; needs GITHUB_TOKEN" },
  },
  examples: ["callgate ci", "callgate ci --config .cursor/mcp.json --fail-on medium --comment"],
  run: async (args) => {
    const bars = readBars(args.text("fail-on") || undefined, args.text("fail-on-risk") || undefined);
    const config = args.text("config") || ".mcp.json";
    const pullRequest = args.flag("comment") ? readPullRequest() : undefined;
    if (!existsSync(config)) {
      process.stdout.write(`there is no \`${config}\`: nothing to scan\n`);
      return exitCodes.done;
    }
    const { targets, skipped, problems } = readScanTargets({
      ...args,
      text: (name) => (name === "config" ? config : args.text(name)),
    });
    if (problems.length > 0) {
      process.stderr.write(`${formatProblems(problems)}\n`);
      return exitCodes.fault;
    }
    const stop = new AbortController();
    void untilSignal().then(() => stop.abort());
    const options = { timeoutMs: 2 * scanLimits.timeoutMs, allowPrivate: false, signal: stop.signal };
    const servers = await composeScan(targets, options, createLogger("error"), { onServerStderr: () => {} });
    const report = markdownReport(servers, skipped, summaryOf(servers, bars));
    process.stdout.write(`${report}\n`);
    append("GITHUB_STEP_SUMMARY", report);
    const { grave, risky, unread, exitCode } = outcomeOf(servers, bars);
    append(
      "GITHUB_OUTPUT",
      `findings=${grave}\nrisky-tools=${risky}\nunread=${unread}\nclean=${String(exitCode === 0)}\n`,
    );
    if (pullRequest !== undefined) {
      const done = await commentOnce(pullRequest, reportMark, report);
      process.stderr.write(`the comment on the pull request was ${done}\n`);
    }
    return exitCode;
  },
};

function summaryOf(servers: Parameters<typeof outcomeOf>[0], bars: Bars): string {
  const { grave, findings, risky, unread } = outcomeOf(servers, bars);
  const tools = bars.failOnRisk === undefined ? "" : `, ${risky} tools of risk ${bars.failOnRisk} or worse`;
  const missing = unread === 0 ? "" : `, ${unread} of ${servers.length} servers not read`;
  return `${grave} findings of level ${bars.failOn} or worse, ${findings} in all${tools}${missing}.`;
}

/** The runner names files to write to. */
function append(variable: string, text: string): void {
  const file = process.env[variable];
  if (file !== undefined && file !== "") appendFileSync(file, text);
}

/** From the variables that a runner sets. Undefined where the event is no pull request. */
function readPullRequest(): PullRequest | undefined {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, GITHUB_EVENT_PATH: eventFile } = process.env;
  const apiUrl = process.env["GITHUB_API_URL"] ?? "https://api.github.com";
  if (token === undefined || token === "" || repository === undefined || eventFile === undefined)
    throw new UsageError(
      "`--comment` needs GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_EVENT_PATH, as a runner sets them",
    );
  if (!/^[\w.-]+\/[\w.-]+$/u.test(repository)) throw new UsageError("`GITHUB_REPOSITORY` is no `owner/name`");
  const event: JsonValue = JSON.parse(readFileSync(eventFile, "utf8"));
  const pull = isObject(event) ? ownMember(event, "pull_request") : undefined;
  const number = isObject(pull) ? ownMember(pull, "number") : undefined;
  return typeof number === "number" ? { apiUrl: apiUrl.replace(/\/$/u, ""), repository, number, token } : undefined;
}
