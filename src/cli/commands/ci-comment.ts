import { readFileSync } from "node:fs";
import { commentOnce, type PullRequest } from "../../scan/pull-request-comment.ts";
import { isObject, type JsonValue, ownMember } from "../../values/json.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { reportMark, shortened } from "../output/markdown-report.ts";

/** `callgate ci comment` */
export const ciCommentCommand: Command = {
  usage: "callgate ci comment FILE",
  description:
    "Puts a report that `callgate ci --report FILE` wrote on the pull request, as one comment that is rewritten each time. It starts no server. Needs GITHUB_TOKEN, and GITHUB_REPOSITORY and GITHUB_EVENT_PATH as a runner sets them; where the event is no pull request it does nothing.",
  options: {},
  examples: ["callgate ci comment report.md"],
  run: async (args) => {
    const [file] = args.positionals;
    if (file === undefined) throw new UsageError("name the report: `callgate ci comment report.md`");
    const report = readReport(file);
    const pullRequest = readPullRequest();
    if (pullRequest === undefined) {
      process.stderr.write("the event is no pull request: nothing to comment on\n");
      return exitCodes.done;
    }
    const done = await commentOnce(pullRequest, reportMark, shortened(report));
    process.stderr.write(`the comment on the pull request was ${done}\n`);
    return exitCodes.done;
  },
};

function readReport(file: string): string {
  let report = "";
  try {
    report = readFileSync(file, "utf8");
  } catch {
    throw new UsageError(`\`${file}\` cannot be read: write it with \`callgate ci --report ${file}\``);
  }
  if (!report.startsWith(reportMark)) throw new UsageError(`\`${file}\` is no report of \`callgate ci --report\``);
  return report;
}

/** From the variables that a runner sets. Undefined where the event is no pull request. */
function readPullRequest(): PullRequest | undefined {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, GITHUB_EVENT_PATH: eventFile } = process.env;
  const apiUrl = (process.env["GITHUB_API_URL"] ?? "https://api.github.com").replace(/\/$/u, "");
  const graphqlUrl = process.env["GITHUB_GRAPHQL_URL"] ?? `${apiUrl}/graphql`;
  if (token === undefined || token === "" || repository === undefined || eventFile === undefined)
    throw new UsageError("set GITHUB_TOKEN, and GITHUB_REPOSITORY and GITHUB_EVENT_PATH as a runner sets them");
  if (!/^[\w.-]+\/[\w.-]+$/u.test(repository)) throw new UsageError("`GITHUB_REPOSITORY` is no `owner/name`");
  const event: JsonValue = JSON.parse(readFileSync(eventFile, "utf8"));
  const pull = isObject(event) ? ownMember(event, "pull_request") : undefined;
  const number = isObject(pull) ? ownMember(pull, "number") : undefined;
  return typeof number === "number" ? { apiUrl, graphqlUrl, repository, number, token } : undefined;
}
