import { closeSync, openSync, writeSync } from "node:fs";
import pc from "picocolors";
import { ApiRefusal } from "../../admin-client/api-client.ts";
import { type Applied, applyChanges } from "../../admin-client/apply-changes.ts";
import { readCurrent } from "../../admin-client/current-state.ts";
import { type DesiredState, readDesired } from "../../admin-client/desired-state.ts";
import { findGateway } from "../../admin-client/find-gateway.ts";
import { type Change, type Plan, planChanges } from "../../admin-client/plan-changes.ts";
import { AppError } from "../../errors.ts";
import { formatRefusal, reportRefusal } from "../admin/admin-verb.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { formatProblems } from "../output/problems.ts";
import { shown } from "../output/rows.ts";

/** `callgate apply` */
export const applyCommand: Command = {
  usage: "callgate apply -f DIR [--dry-run] [--prune] [--tokens-out FILE] [--json]",
  description:
    "Brings a gateway's database to files: callgate.yaml in the folder, with servers, policies and grants (without tokens). Shows every difference, as a unified diff for policies. Nothing is done when anything in the files is wrong; a change that the gateway refuses ends it, and says what was done. Exit code 0 nothing to do or done, 1 problems, or with --dry-run differences.",
  options: {
    file: { type: "string", short: "f", value: "DIR", description: "the folder with callgate.yaml, or such a file" },
    "dry-run": { type: "boolean", description: "show the differences and change nothing" },
    prune: {
      type: "boolean",
      description: "remove servers and policies, and revoke grants, that the files do not name",
    },
    "tokens-out": {
      type: "string",
      value: "FILE",
      description: "write the tokens of new grants into this new file (mode 0600) instead of printing them",
    },
    url: {
      type: "string",
      value: "URL",
      description: "the gateway, default CALLGATE_URL, else the one last signed in to",
    },
    json: { type: "boolean", description: "print the report as JSON" },
  },
  examples: ["callgate apply -f deploy --dry-run", "callgate apply -f deploy --tokens-out tokens.json"],
  run: async (args) => {
    const path = args.text("file");
    if (path === undefined || args.positionals.length > 0)
      throw new UsageError("name the folder: `callgate apply -f DIR`");
    const { desired, problems, notes } = readDesired(path);
    if (problems.length > 0) process.stderr.write(`${formatProblems(problems)}\n`);
    if (desired === undefined) return exitCodes.refused;
    for (const note of notes) process.stderr.write(`${pc.yellow("note")} ${shown(note)}\n`);
    try {
      return await apply(desired, args);
    } catch (error) {
      return reportRefusal(error);
    }
  },
};

async function apply(desired: DesiredState, args: Arguments): Promise<number> {
  const client = findGateway(args.text("url"));
  const plan = planChanges(desired, await readCurrent(client), args.flag("prune"));
  const isDry = args.flag("dry-run") || plan.problems.length > 0;
  const tokensFile = args.text("tokens-out");
  const mints = plan.changes.filter(({ step }) => step.kind === "mint_grant").length;
  // Opened before anything is minted: a token that cannot be written down would be lost.
  const file = isDry || mints === 0 || tokensFile === undefined ? undefined : openNew(tokensFile);
  const applied = isDry ? undefined : await applyChanges(client, plan.changes);
  if (file !== undefined && applied !== undefined) {
    writeSync(file, `${JSON.stringify(applied.tokens, undefined, 2)}\n`);
    closeSync(file);
  }
  const report = file === undefined ? applied : applied && { ...applied, tokens: [] };
  if (args.flag("json")) process.stdout.write(`${formatJson(asJson(plan, report))}\n`);
  else process.stdout.write(`${[...formatPlan(plan), ...formatApplied(plan, report, tokensFile, mints)].join("\n")}\n`);
  if (applied?.failed !== undefined) return reportRefusal(applied.failed.error);
  const isDone = plan.problems.length === 0 && (applied !== undefined || plan.changes.length === 0);
  return isDone ? exitCodes.done : exitCodes.refused;
}

function openNew(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    throw new AppError("FILE_EXISTS", `\`${path}\` cannot be made: name a new file`, { cause: error });
  }
}

function asJson({ changes, problems, kept }: Plan, applied: Applied | undefined): unknown {
  const shownChange = ({ action, what, name, details }: Change): unknown => ({ action, what, name, details });
  const failed = applied?.failed;
  return {
    changes: changes.map(shownChange),
    problems,
    kept,
    applied: applied === undefined ? null : applied.done.length,
    failed: failed === undefined ? null : { ...Object(shownChange(failed.change)), problem: problemOf(failed.error) },
    tokens: applied?.tokens ?? [],
  };
}

function problemOf(error: unknown): unknown {
  if (error instanceof ApiRefusal) return error.problem;
  return error instanceof AppError ? { code: error.code, detail: error.message } : { code: "INTERNAL" };
}

const marks = { add: pc.green("+"), change: pc.yellow("~"), remove: pc.red("-") } as const;

function formatPlan({ changes, problems, kept }: Plan): readonly string[] {
  const count = (action: Change["action"]): number => changes.filter((change) => change.action === action).length;
  return [
    ...changes.flatMap(({ action, what, name, details }) => [
      `${marks[action]} ${what} ${pc.bold(shown(name))}`,
      ...details.map((line) => `    ${coloured(shown(line))}`),
    ]),
    ...problems.map((problem) => `${pc.red("problem")} ${shown(problem)}`),
    ...(kept.length === 0 ? [] : [`left alone, not in the files (see --prune): ${shown(kept.join(", "))}`]),
    `${count("add")} to add, ${count("change")} to change, ${count("remove")} to remove`,
  ];
}

function coloured(line: string): string {
  if (line.startsWith("+")) return pc.green(line);
  return line.startsWith("-") ? pc.red(line) : line;
}

function formatApplied(
  { changes, problems }: Plan,
  applied: Applied | undefined,
  tokensFile: string | undefined,
  mints: number,
): readonly string[] {
  if (problems.length > 0) return ["nothing was changed"];
  if (applied === undefined) return changes.length === 0 ? [] : ["nothing was changed (--dry-run)"];
  const { done, tokens, failed } = applied;
  return [
    ...tokens.map(({ label, token }) => `token of ${shown(label)}: ${token}`),
    ...(tokens.length === 0 ? [] : ["keep them now: they are never shown again"]),
    ...(tokensFile === undefined || mints === 0 ? [] : [`wrote the tokens to ${tokensFile}`]),
    ...(failed === undefined
      ? []
      : [`stopped at ${failed.change.what} ${shown(failed.change.name)}, which was refused`]),
    ...(failed?.error instanceof ApiRefusal ? formatRefusal(failed.error.problem) : []),
    `${done.length} of ${changes.length} changes made`,
  ];
}
