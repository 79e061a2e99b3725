import pc from "picocolors";
import { type ApiClient, ApiRefusal } from "../../admin-client/api-client.ts";
import { findGateway } from "../../admin-client/find-gateway.ts";
import type { ProblemView } from "../../api/contract/problem.ts";
import { AppError } from "../../errors.ts";
import { type Arguments, type Command, type Option, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { shown } from "../output/rows.ts";

/** What a verb came to: one value for `--json`, and the same as lines for people. */
export interface Shown {
  readonly value: unknown;
  readonly lines: readonly string[];
  /** Default 0. */
  readonly exitCode?: number;
}

/** One verb of a group such as `servers`: what it takes, and what it asks of the gateway. */
export interface AdminVerb {
  /** What stands beside the options: `ID`, `ID FILE`, `[ID]`. */
  readonly takes: string;
  readonly description: string;
  readonly options?: Readonly<Record<string, Option>>;
  readonly example: string;
  readonly run: (client: ApiClient, args: Arguments) => Promise<Shown>;
}

const commonOptions: Readonly<Record<string, Option>> = {
  url: {
    type: "string",
    value: "URL",
    description: "the gateway, default CALLGATE_URL, else the one last signed in to",
  },
  json: { type: "boolean", description: "print the same as JSON" },
};

/** A verb as a command of its own. */
export function adminCommand(name: string, verb: AdminVerb): Command {
  const { takes, description, options = {}, example, run } = verb;
  const beside = takes === "" ? "" : ` ${takes}`;
  return {
    usage: `callgate ${name}${beside} [OPTION ...]`,
    description,
    options: { ...options, ...commonOptions },
    examples: [example],
    run: async (args) => {
      checkCount(name, takes, args.positionals.length);
      try {
        const { value, lines, exitCode = exitCodes.done } = await run(findGateway(args.text("url")), args);
        process.stdout.write(args.flag("json") ? `${formatJson(value)}\n` : lines.map((line) => `${line}\n`).join(""));
        return exitCode;
      } catch (error) {
        return reportRefusal(error);
      }
    },
  };
}

/** Says what a gateway would not do, with its code. Throws anything else again. */
export function reportRefusal(error: unknown): number {
  if (error instanceof ApiRefusal) {
    process.stderr.write(`${formatRefusal(error.problem).join("\n")}\n`);
    return error.problem.status >= 500 ? exitCodes.fault : exitCodes.refused;
  }
  if (error instanceof AppError && (error.code === "UNAUTHENTICATED" || error.code === "INPUT_INVALID")) {
    process.stderr.write(`${pc.red("error")} ${error.code} ${error.message}\n`);
    return exitCodes.refused;
  }
  throw error;
}

/** Lines of a refusal for people: code and message, then each mistake with its place and what to do. */
export function formatRefusal({ code, detail, requestId, status, problems = [] }: ProblemView): readonly string[] {
  const where = status >= 500 ? ` (request ${requestId})` : "";
  return [
    `${pc.red("error")} ${code} ${shown(detail)}${where}`,
    ...problems.flatMap(({ path, message, hint, line, column }) => [
      `  ${line === undefined ? shown(path) : `${line}:${column ?? 1} ${shown(path)}`}: ${shown(message)}`,
      `    ${pc.cyan("hint")}: ${shown(hint)}`,
    ]),
  ];
}

function checkCount(name: string, takes: string, given: number): void {
  const count = (text: string): number => (text.match(/\w+/g) ?? []).length;
  const least = count(takes.replaceAll(/\[[^\]]*\]/g, ""));
  const most = takes.includes("...") ? Infinity : count(takes);
  if (given >= least && given <= most) return;
  throw new UsageError(`write \`callgate ${name}${takes === "" ? "" : ` ${takes}`}\``);
}

/** A word beside the options by its place, from 0; empty when it was left out. */
export function word(args: Arguments, index: number): string {
  return args.positionals[index] ?? "";
}
