import { readFileSync } from "node:fs";
import pc from "picocolors";
import { AppError } from "../errors.ts";
import { nearestWord } from "../values/suggest.ts";
import { groups, resolveVerb } from "./admin/groups.ts";
import { type Command, formatHelp, readArguments, UsageError } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";

/** Every command with its line in the overview. A command's code is loaded when it is called. */
const commands: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  run: {
    summary: "put a policy between one client and one server, on standard streams",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  serve: {
    summary: "serve many servers and grants over HTTP, from a configuration file",
    load: async () => (await import("./commands/serve.ts")).serveCommand,
  },
  lock: {
    summary: "pin the definitions of a server's tools in a lock file, or compare them with it",
    load: async () => (await import("./commands/lock.ts")).lockCommand,
  },
  validate: {
    summary: "check a policy or a configuration and list every problem",
    load: async () => (await import("./commands/validate.ts")).validateCommand,
  },
  "policy explain": {
    summary: "say what a policy would do to one call, step by step",
    load: async () => (await import("./commands/policy-explain.ts")).policyExplainCommand,
  },
  "policy test": {
    summary: "run test cases against a policy",
    load: async () => (await import("./commands/policy-test.ts")).policyTestCommand,
  },
  "policy import": {
    summary: "turn a fragment or a policy in another dialect into a policy, with a report",
    load: async () => (await import("./commands/policy-import.ts")).policyImportCommand,
  },
  "catalogue search": {
    summary: "find servers, or tools, by any part of a name",
    load: async () => (await import("./commands/catalogue-search.ts")).catalogueSearchCommand,
  },
  "catalogue show": {
    summary: "show what is known of a server or of one of its tools",
    load: async () => (await import("./commands/catalogue-show.ts")).catalogueShowCommand,
  },
  "catalogue policy": {
    summary: "print a policy to start from for a server or one of its tools",
    load: async () => (await import("./commands/catalogue-policy.ts")).cataloguePolicyCommand,
  },
  "catalogue queue": {
    summary: "list servers that were asked for and are not known",
    load: async () => (await import("./commands/catalogue-queue.ts")).catalogueQueueCommand,
  },
  "catalogue changes": {
    summary: "list what changed between two looks at a server",
    load: async () => (await import("./commands/catalogue-changes.ts")).catalogueChangesCommand,
  },
  "catalogue override": {
    summary: "correct a tool's category here, with a note",
    load: async () => (await import("./commands/catalogue-override.ts")).catalogueOverrideCommand,
  },
  "catalogue import": {
    summary: "take servers in from other catalogues, saved lists and clients' configurations",
    load: async () => (await import("./commands/catalogue-import.ts")).catalogueImportCommand,
  },
  "catalogue update": {
    summary: "bring the catalogue's facts up to date, offline",
    load: async () => (await import("./commands/catalogue-update.ts")).catalogueUpdateCommand,
  },
  "catalogue serve": {
    summary: "serve the catalogue to agents as an MCP server, on standard streams",
    load: async () => (await import("./commands/catalogue-serve.ts")).catalogueServeCommand,
  },
  "catalogue classify": {
    summary: "say what each tool of a saved list can do: category, risk, and what said so",
    load: async () => (await import("./commands/catalogue-classify.ts")).catalogueClassifyCommand,
  },
  scan: {
    summary: "look at a live server: what its tools can do, what in their definitions is odd, a policy to start from",
    load: async () => (await import("./commands/scan.ts")).scanCommand,
  },
  "attacks list": {
    summary: "list known attacks and how far a policy stops each",
    load: async () => (await import("./commands/attacks-list.ts")).attacksListCommand,
  },
  "attacks show": {
    summary: "show one attack: how it works, where it happened, the policy that stops it",
    load: async () => (await import("./commands/attacks-show.ts")).attacksShowCommand,
  },
  "attacks run": {
    summary: "play attacks against their policies, or a gateway that runs, and say which rule stopped which",
    load: async () => (await import("./commands/attacks-run.ts")).attacksRunCommand,
  },
  "attacks serve": {
    summary: "be the hostile server of one attack or of all, to try a policy on",
    load: async () => (await import("./commands/attacks-serve.ts")).attacksServeCommand,
  },
  ci: {
    summary: "scan a repository's client configuration in CI",
    load: async () => (await import("./commands/ci.ts")).ciCommand,
  },
  "ci comment": {
    summary: "put the report of such a scan on the pull request",
    load: async () => (await import("./commands/ci-comment.ts")).ciCommentCommand,
  },
  precheck: {
    summary: "say what is known of a server before it is connected, what changed, and which rules to start with",
    load: async () => (await import("./commands/precheck.ts")).precheckCommand,
  },
  stack: {
    summary: "list the servers that the clients on this machine and in this project are configured with",
    load: async () => (await import("./commands/stack.ts")).stackCommand,
  },
  "install-hook": {
    summary: "have Claude Code ask before the first call to a server that is unknown or flagged",
    load: async () => (await import("./commands/install-hook.ts")).installHookCommand,
  },
  snippets: {
    summary: "print what to paste into clients, to lead them through callgate",
    load: async () => (await import("./commands/snippets.ts")).snippetsCommand,
  },
  "reset-password": {
    summary: "give a member a new password, on the gateway's own machine",
    load: async () => (await import("./commands/reset-password.ts")).resetPasswordCommand,
  },
  log: {
    summary: "show what was decided, live and past",
    load: async () => (await import("./commands/log.ts")).logCommand,
  },
  login: {
    summary: "sign in to a gateway, for the commands below",
    load: async () => (await import("./commands/login.ts")).loginCommand,
  },
  logout: {
    summary: "sign out of a gateway: its token is revoked",
    load: async () => (await import("./commands/logout.ts")).logoutCommand,
  },
  apply: {
    summary: "bring a gateway's database to files, showing the differences",
    load: async () => (await import("./commands/apply.ts")).applyCommand,
  },
  export: {
    summary: "write what a gateway's database holds into such files",
    load: async () => (await import("./commands/export.ts")).exportCommand,
  },
  doctor: {
    summary: "look at everything a gateway needs, and say what is wrong",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  backup: {
    summary: "copy the store into a file, also while gateways work on it",
    load: async () => (await import("./commands/backup.ts")).backupCommand,
  },
  restore: {
    summary: "put a backup in the place of the store",
    load: async () => (await import("./commands/restore.ts")).restoreCommand,
  },
};

/** Runs one command line (without `node` and the program) and resolves to its exit code. Never rejects. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const [first, second] = args;
    if (first === "--version" || first === "-v") return print(`${readVersion()}\n`);
    if (first === undefined || first === "--help" || first === "-h" || first === "help") return print(overview());
    if (Object.hasOwn(groups, first)) {
      const found = await resolveVerb(first, second);
      return found.kind === "help" ? print(found.text) : await start(found.name, found.command, args.slice(2));
    }
    const name = second !== undefined && `${first} ${second}` in commands ? `${first} ${second}` : first;
    const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (entry === undefined) throw new UsageError(unknownCommand(first, second));
    return await start(name, await entry.load(), args.slice(name.split(" ").length));
  } catch (error) {
    return reportFailure(error);
  }
}

/** Prints the help of a command, or runs it. */
function start(name: string, command: Command, args: readonly string[]): number | Promise<number> {
  const ownArguments = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (ownArguments.includes("--help") || ownArguments.includes("-h")) return print(formatHelp(command));
  return runCommand(name, command, args);
}

async function runCommand(name: string, command: Command, args: readonly string[]): Promise<number> {
  try {
    return await command.run(readArguments(command, args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}\n  see \`callgate ${name} --help\``);
  }
}

function reportFailure(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${pc.red("error")} ${error.message}\n`);
    return exitCodes.usage;
  }
  if (error instanceof AppError) {
    process.stderr.write(`${pc.red("error")} ${error.code} ${error.message}\n`);
    return exitCodes.fault;
  }
  process.stderr.write(
    `${pc.red("error")} INTERNAL ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return exitCodes.fault;
}

function unknownCommand(first: string, second: string | undefined): string {
  const group = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
  const isGroup = group.length > 0;
  if (isGroup && (second === undefined || second.startsWith("-"))) {
    return `\`${first}\` is several commands: ${group.map((name) => `\`${name}\``).join(", ")}`;
  }
  const asked = isGroup ? `${first} ${second ?? ""}` : first;
  const near =
    nearestWord(asked, [...Object.keys(commands), ...Object.keys(groups)]) ??
    (isGroup ? nearestWord(second ?? "", Object.keys(commands)) : undefined);
  return `there is no command \`${asked}\`: ${near === undefined ? "see `callgate --help`" : `did you mean \`${near}\`?`}`;
}

function overview(): string {
  const names = Object.keys(commands);
  const width = Math.max(...names.map((name) => name.length));
  const line = ([name, { summary }]: readonly [string, { readonly summary: string }]): string =>
    `  ${name.padEnd(width)}  ${summary}`;
  return [
    "Callgate decides every tool call of an AI agent before it runs.",
    "",
    "Usage: callgate COMMAND [OPTION ...]",
    "",
    "Commands:",
    ...Object.entries(commands).map(line),
    "",
    "Of a running gateway, over its HTTP API:",
    ...Object.entries(groups).map(line),
    "",
    "`callgate COMMAND --help` says more. Exit codes: 0 done, 1 refused or problems, 2 wrong use, 3 fault.",
    "",
  ].join("\n");
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}

function print(text: string): number {
  process.stdout.write(text);
  return exitCodes.done;
}
