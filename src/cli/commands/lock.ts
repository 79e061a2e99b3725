import { existsSync, writeFileSync } from "node:fs";
import { classifyTool } from "../../catalogue/classify/classify-tool.ts";
import { composeScan, type ScanTarget } from "../../compose/scan.ts";
import { type LockedServer, type LockFile, readLock } from "../../config/lock-file.ts";
import { readTextFile } from "../../config/read-text-file.ts";
import { createDefinitionDigest, volatileFault } from "../../definitions/definition-digest.ts";
import { createLogger } from "../../logger.ts";
import type { ToolDefinition } from "../../catalogue/record.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatProblems } from "../output/problems.ts";
import { shown } from "../output/rows.ts";
import { readServer } from "../server-argument.ts";
import { untilSignal } from "../until-signal.ts";

const timeoutMs = 30_000;

/** `callgate lock` */
export const lockCommand: Command = {
  usage: "callgate lock [OPTION ...] -- COMMAND [ARGUMENT ...]",
  description:
    "Writes the definitions of a server's tools, as it lists them now, into a lock file for `callgate run --lock` and for `lock:` in callgate.yaml: from then on a tool that is not as locked is denied. Shows what is not as locked before. With --check nothing is written, and the exit code is 1 when something is not as locked.",
  options: {
    output: { type: "string", short: "o", value: "FILE", description: "the lock file, default callgate.lock" },
    name: { type: "string", value: "NAME", description: "the server's name, default the package or program" },
    volatile: {
      type: "string",
      multiple: true,
      value: "PATTERN",
      description: "what may change in descriptions (RE2 syntax), kept in the file; default as in the file before",
    },
    check: { type: "boolean", description: "only compare" },
    env: {
      type: "string",
      multiple: true,
      value: "NAME[=VALUE]",
      description: "an environment variable of the command",
    },
    upstream: { type: "string", value: "URL", description: "a server over HTTP instead of a command" },
    header: { type: "string", multiple: true, value: "NAME: VALUE", description: "a header sent to --upstream" },
    sse: { type: "boolean", description: "--upstream speaks the older HTTP+SSE transport" },
  },
  examples: ["callgate lock -- npx -y camoufox-mcp@1.0.0", "callgate lock --check -- npx -y camoufox-mcp@1.0.0"],
  run: async (args) => {
    const server = readServer(args);
    const name = args.text("name") ?? server.name;
    const file = args.text("output") ?? "callgate.lock";
    const before = readBefore(file);
    if (before === undefined) return exitCodes.fault;
    const known = before.servers[name];
    const volatile = readVolatile(args, known);
    const tools = await listTools({ name, access: server.access });
    if (tools === undefined) return exitCodes.fault;
    const locked = lockedServer(tools, volatile);
    const changes = describeChanges(known, locked);
    process.stdout.write(changes.map((line) => `${line}\n`).join(""));
    if (args.flag("check")) return changes.length === 0 ? exitCodes.done : exitCodes.refused;
    const servers = { ...before.servers, [name]: locked };
    const sorted = Object.fromEntries(Object.entries(servers).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(file, `${JSON.stringify({ version: "1", servers: sorted }, undefined, 2)}\n`);
    process.stderr.write(`locked ${tools.length} tools of ${name} in ${file}\n`);
    return exitCodes.done;
  },
};

/** The file as it is; undefined, with its problems shown, when it is there and cannot be read. */
function readBefore(file: string): LockFile | undefined {
  if (!existsSync(file)) return { version: "1", servers: {} };
  const text = readTextFile(file);
  const { lock, problems } = typeof text === "string" ? readLock(text, file) : { lock: undefined, problems: [text] };
  if (lock === undefined) process.stderr.write(`${formatProblems(problems)}\n`);
  return lock;
}

function readVolatile(args: Arguments, known: LockedServer | undefined): readonly string[] {
  const given = args.texts("volatile");
  for (const pattern of given) {
    const fault = volatileFault(pattern);
    if (fault !== undefined) throw new UsageError(`\`--volatile ${pattern}\`: ${fault}`);
  }
  return given.length > 0 ? given : (known?.volatile ?? []);
}

async function listTools(target: ScanTarget): Promise<readonly ToolDefinition[] | undefined> {
  const stop = new AbortController();
  void untilSignal().then(() => stop.abort());
  const options = { timeoutMs, allowPrivate: true, signal: stop.signal };
  const [scanned] = await composeScan([target], options, createLogger("error"), { onServerStderr: () => {} });
  if (scanned?.status === "scanned") return scanned.tools;
  process.stderr.write(`the server could not be read: ${scanned?.message ?? ""}\n`);
  return undefined;
}

function lockedServer(tools: readonly ToolDefinition[], volatile: readonly string[]): LockedServer {
  const digest = createDefinitionDigest(volatile);
  const entries = tools.map((tool) => {
    const { category, signals } = classifyTool(tool);
    return [tool.name, { sha256: digest({ ...tool }), category, signals }] as const;
  });
  return { volatile, tools: Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

function describeChanges(before: LockedServer | undefined, after: LockedServer): readonly string[] {
  const [was, is] = [before?.tools ?? {}, after.tools];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].toSorted().flatMap((name) => {
    const [old, now] = [was[name], is[name]];
    if (old === undefined) return [`new      ${shown(name)} (${now?.category ?? ""})`];
    if (now === undefined) return [`removed  ${shown(name)}`];
    return old.sha256 === now.sha256 ? [] : [`changed  ${shown(name)} (${now.category})`];
  });
}
