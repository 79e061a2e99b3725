import { basename } from "node:path";
import { composeRun } from "../../compose.ts";
import { defaultStoreFile } from "../../config/home.ts";
import { readTextFile } from "../../config/read-text-file.ts";
import { defaults, type PolicySource } from "../../config/settings.ts";
import type { Problem } from "../../errors.ts";
import { createLogger } from "../../logger.ts";
import { parseDuration } from "../../policy/durations.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { reportEvents } from "../output/report-events.ts";
import { untilSignal } from "../until-signal.ts";
import { logLevel } from "./serve.ts";

/** `callgate run` */
export const runCommand: Command = {
  usage: "callgate run -p POLICY [OPTION ...] -- COMMAND [ARGUMENT ...]",
  description:
    "Starts a server behind a policy, for one client on standard streams: put it in front of the server's command in the client's configuration.",
  options: {
    policy: {
      type: "string",
      short: "p",
      value: "FILE",
      description: "the policy, JSON or YAML; reloaded when it changes",
    },
    name: {
      type: "string",
      value: "NAME",
      description: "the server's name (counters key on it), default the package or program",
    },
    env: {
      type: "string",
      multiple: true,
      value: "NAME[=VALUE]",
      description: "an environment variable the server gets; nothing else is passed",
    },
    timeout: {
      type: "string",
      value: "TIME",
      description: "how long a call may stay without an answer, e.g. 90s; default 120s",
    },
    "show-denied": { type: "boolean", description: "keep tools that can never be called in the list" },
    store: { type: "string", value: "FILE", description: "the store, default in the data folder" },
    "log-level": { type: "string", value: "LEVEL", description: "debug, info, warn (default), error or silent" },
  },
  examples: [
    "callgate run -p policy.json -- npx -y camoufox-mcp@1.0.0",
    "callgate run -p policy.json --env GITHUB_TOKEN -- github-mcp-server stdio",
  ],
  run: async (args) => {
    const policyFile = args.text("policy");
    if (policyFile === undefined) throw new UsageError("name the policy: `callgate run -p policy.json -- COMMAND`");
    const [command, ...rest] = args.positionals;
    if (command === undefined)
      throw new UsageError(
        "name the server's command after `--`: `callgate run -p policy.json -- npx -y camoufox-mcp@1.0.0`",
      );
    const running = await composeRun(
      {
        policyFile,
        serverName: args.text("name") ?? nameOfCommand(command, rest),
        command,
        args: rest,
        env: readEnvironment(args.texts("env")),
        storeFile: args.text("store") ?? defaultStoreFile(),
        callTimeoutMs: readTimeout(args.text("timeout")),
        showDenied: args.flag("show-denied"),
        input: process.stdin,
        output: process.stdout,
      },
      () => readPolicy(policyFile),
      createLogger(logLevel(args.text("log-level"))),
      reportEvents(),
    );
    if (running === undefined) return exitCodes.refused;
    await Promise.race([running.ended, untilSignal()]);
    await running.close(0);
    return exitCodes.done;
  },
};

/** The server's name from its command: the package of an `npx` call without its version, else the program. */
export function nameOfCommand(command: string, args: readonly string[]): string {
  const program = basename(command).replace(/\.(exe|js|mjs|ts|py)$/i, "");
  const isRunner = ["npx", "bunx", "uvx", "pnpx"].includes(program);
  const isInterpreter = ["node", "python", "python3", "bun", "deno", "tsx"].includes(program);
  const named = isRunner || isInterpreter ? args.find((arg) => !arg.startsWith("-")) : undefined;
  const name =
    named === undefined
      ? program
      : isRunner
        ? named.replace(/^(@?[^@]+)@.*$/, "$1")
        : basename(named).replace(/\.[a-z]+$/i, "");
  return (
    name
      .replace(/^@/, "")
      .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
      .replaceAll(/__+/g, "_")
      .slice(0, 64) || "server"
  );
}

function readPolicy(file: string): PolicySource | Problem {
  const text = readTextFile(file);
  if (typeof text !== "string") return text;
  return { id: basename(file).replace(/\.(json|ya?ml)$/i, ""), file, shownFile: file, text };
}

function readEnvironment(entries: readonly string[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const entry of entries) {
    const at = entry.indexOf("=");
    const name = at === -1 ? entry : entry.slice(0, at);
    const value = at === -1 ? process.env[name] : entry.slice(at + 1);
    if (value === undefined)
      throw new UsageError(`the environment variable \`${name}\` is not set: set it, or write \`--env ${name}=VALUE\``);
    environment[name] = value;
  }
  return environment;
}

function readTimeout(text: string | undefined): number {
  if (text === undefined) return defaults.callTimeoutMs;
  const timeoutMs = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (timeoutMs === undefined) throw new UsageError(`\`${text}\` is not a length of time: write \`90s\` or \`5m\``);
  return timeoutMs;
}
