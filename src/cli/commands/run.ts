import { basename } from "node:path";
import { composeBridge } from "../../compose/bridge.ts";
import { composeRun, type PolicyRead } from "../../compose/run.ts";
import { defaultStoreFile } from "../../config/home.ts";
import { readLockOf } from "../../config/lock-file.ts";
import { readFile } from "../../config/read-text-file.ts";
import { defaults } from "../../config/settings.ts";
import { createLogger } from "../../logger.ts";
import { parseDuration } from "../../documents/durations.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { reportEvents } from "../output/report-events.ts";
import { readServer } from "../server-argument.ts";
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
      description: "an environment variable the server gets, beside what a program needs to start",
    },
    timeout: {
      type: "string",
      value: "TIME",
      description: "how long a call may stay without an answer, e.g. 90s; default 120s",
    },
    upstream: { type: "string", value: "URL", description: "a server over HTTP instead of a command" },
    header: {
      type: "string",
      multiple: true,
      value: "NAME: VALUE",
      description: "a header sent to --upstream or --gateway; ${NAME} in it is an environment variable",
    },
    sse: { type: "boolean", description: "--upstream speaks the older HTTP+SSE transport" },
    gateway: {
      type: "string",
      value: "URL",
      description: "lead to a team's gateway, for clients that only speak stdio: its policy decides, no -p",
    },
    lock: {
      type: "string",
      value: "FILE",
      description: "the reviewed definitions (see `callgate lock`): tools that are not as reviewed are denied",
    },
    "show-denied": { type: "boolean", description: "keep tools that can never be called in the list" },
    store: {
      type: "string",
      value: "FILE",
      description: "the store, default callgate.sqlite in the data folder (CALLGATE_HOME)",
    },
    "log-level": { type: "string", value: "LEVEL", description: "debug, info, warn (default), error or silent" },
  },
  examples: [
    "callgate run -p policy.json -- npx -y camoufox-mcp@1.0.0",
    "callgate run -p policy.json --env GITHUB_TOKEN -- github-mcp-server stdio",
    "callgate run -p policy.json --lock callgate.lock -- npx -y camoufox-mcp@1.0.0",
    "callgate run -p policy.json --upstream https://mcp.example.com/mcp --header 'Authorization: Bearer ${TOKEN}'",
    "callgate run --gateway http://127.0.0.1:7777/mcp/camoufox --header 'Authorization: Bearer ${CALLGATE_TOKEN}'",
  ],
  run: async (args) => {
    const policyFile = args.text("policy");
    const isBridge = args.text("gateway") !== undefined;
    if (isBridge && policyFile !== undefined) throw new UsageError("`--gateway` takes no policy: its own decides");
    if (policyFile === undefined && !isBridge) {
      throw new UsageError("name the policy: `callgate run -p policy.json -- COMMAND`");
    }
    const lockFile = args.text("lock");
    if (isBridge && lockFile !== undefined)
      throw new UsageError("`--gateway` takes no lock file: it has its own reviews");
    const { name, access } = readServer(args);
    const logger = createLogger(logLevel(args.text("log-level")));
    const serverName = args.text("name") ?? name;
    const options = {
      serverName,
      access,
      storeFile: args.text("store") ?? defaultStoreFile(),
      callTimeoutMs: readTimeout(args.text("timeout")),
      showDenied: args.flag("show-denied"),
      input: process.stdin,
      output: process.stdout,
    };
    const running =
      policyFile === undefined
        ? composeBridge(options, logger, reportEvents())
        : await composeRun(options, () => readPolicy(policyFile, lockFile, serverName), logger, reportEvents());
    if (running === undefined) return exitCodes.refused;
    await Promise.race([running.ended, untilSignal()]);
    await running.close(0);
    return exitCodes.done;
  },
};

function readPolicy(file: string, lockFile: string | undefined, server: string): PolicyRead {
  const read = readFile(file);
  const { text } = read;
  const id = basename(file).replace(/\.(json|ya?ml)$/i, "");
  const source = typeof text === "string" ? { id, file, shownFile: file, text } : text;
  const pin = { mode: defaults.pinMode, volatile: [], locked: undefined };
  if (lockFile === undefined) return { source, pin, seen: [read] };
  const lock = readLockOf(lockFile, server);
  const { seen } = lock;
  return "problem" in lock
    ? { source: lock.problem, pin, seen: [read, seen] }
    : { source, pin: lock.pin, seen: [read, seen] };
}

function readTimeout(text: string | undefined): number {
  if (text === undefined) return defaults.callTimeoutMs;
  const timeoutMs = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (timeoutMs === undefined) throw new UsageError(`\`${text}\` is not a length of time: write \`90s\` or \`5m\``);
  return timeoutMs;
}
