import { existsSync, writeFileSync } from "node:fs";
import pc from "picocolors";
import { composeScan, type ScannedServer, type ScanTarget } from "../../compose/scan.ts";
import { type LockedServer, type LockFile, lockText, readLock } from "../../config/lock-file.ts";
import { readTextFile } from "../../config/read-text-file.ts";
import { volatileFault } from "../../definitions/definition-digest.ts";
import { createLogger } from "../../logger.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type LockChange, type LockPlan, planLock } from "../lock-server.ts";
import { formatProblems } from "../output/problems.ts";
import { formatFinding } from "../output/record.ts";
import { shown } from "../output/rows.ts";
import { ask } from "../prompt.ts";
import { readServer } from "../server-argument.ts";
import { untilSignal } from "../until-signal.ts";

const timeoutMs = 30_000;

/** `callgate lock` */
export const lockCommand: Command = {
  usage: "callgate lock [OPTION ...] -- COMMAND [ARGUMENT ...]",
  description:
    "Writes the definitions of a server's tools, as it lists them now, into a lock file for `callgate run --lock` and for `lock:` in callgate.yaml: from then on a tool that is not as locked is denied. Shows what is not as locked before, as a unified diff, and what in it should be looked at; asks before it takes that in, or without a terminal wants --accept. With --check nothing is written, and the exit code is 1 when something is not as locked.",
  options: {
    output: { type: "string", short: "o", value: "FILE", description: "the lock file, default callgate.lock" },
    name: { type: "string", value: "NAME", description: "the server's name, default the package or program" },
    volatile: {
      type: "string",
      multiple: true,
      value: "PATTERN",
      description: "what may change in descriptions (RE2 syntax), kept in the file; default as in the file before",
    },
    accept: { type: "boolean", description: "take in what changed or should be looked at, without a question" },
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
    const known = Object.hasOwn(before.servers, name) ? before.servers[name] : undefined;
    const volatile = readVolatile(args, known);
    const seen = await look({ name, access: server.access });
    if (seen === undefined) return exitCodes.fault;
    const { tools, record } = seen;
    const now = new Date().toISOString();
    const plan = planLock({ tools, findings: record.findings, volatile, known, now });
    process.stdout.write(formatPlan(plan).join(""));
    if (args.flag("check")) return plan.changes.length === 0 ? exitCodes.done : exitCodes.refused;
    if (!(args.flag("accept") || (await isAccepted(plan, known !== undefined)))) return exitCodes.refused;
    const text = lockText({ version: "1", servers: { ...before.servers, [name]: plan.locked } });
    const { lock, problems } = readLock(text, file);
    if (lock === undefined) {
      process.stderr.write(`${formatProblems(problems)}\nnothing was locked: name a file of its own with \`-o\`\n`);
      return exitCodes.fault;
    }
    writeFileSync(file, text);
    process.stderr.write(`locked ${Object.keys(plan.locked.tools).length} tools of ${name} in ${file}\n`);
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

async function look(target: ScanTarget): Promise<Extract<ScannedServer, { status: "scanned" }> | undefined> {
  const stop = new AbortController();
  void untilSignal().then(() => stop.abort());
  const options = { timeoutMs, allowPrivate: true, signal: stop.signal };
  const [scanned] = await composeScan([target], options, createLogger("error"), { onServerStderr: () => {} });
  if (scanned?.status === "scanned") return scanned;
  process.stderr.write(`the server could not be read: ${shown(scanned?.message ?? "")}\n`);
  return undefined;
}

/** Whether a person takes in what is not as locked before, or should be looked at; a first lock of neither needs none. */
async function isAccepted({ changes, findings }: LockPlan, isLocked: boolean): Promise<boolean> {
  const differing = isLocked ? changes.filter(({ kind }) => kind !== "removed").length : 0;
  if (differing + findings.length === 0) return true;
  const what = `tools not as locked: ${differing}, findings: ${findings.length}`;
  if (!process.stdin.isTTY) {
    process.stderr.write(`nothing was locked (${what}): read them above, then add \`--accept\`\n`);
    return false;
  }
  const answer = await ask(`${what}. Lock these definitions? [y/N] `, "add `--accept`");
  const isYes = /^y(?:es)?$/i.test(answer);
  if (!isYes) process.stderr.write("nothing was locked\n");
  return isYes;
}

function formatPlan({ changes, findings, leftOut }: LockPlan): readonly string[] {
  return [
    ...changes.map(formatChange),
    ...findings.map((finding) => `${formatFinding(finding)}\n`),
    ...leftOut.map((name) => `note: ${shown(name)} has a name that no lock file can hold: it stays denied\n`),
  ];
}

function formatChange({ kind, tool, before, after, diff }: LockChange): string {
  const [was, is] = [before?.category, after?.category];
  const category = is === undefined ? "" : ` (${is}${was === undefined || was === is ? "" : `, was ${was}`})`;
  const isWhole = kind === "changed" && before?.definition === undefined;
  const note = isWhole ? "the lock file does not hold what it was before; this is the whole of it now:\n" : "";
  return `${kind.padEnd(7)}  ${shown(tool)}${category}\n${note}${diff.replaceAll(/^([-+]).*$/gmu, inColour)}`;
}

function inColour(line: string, mark: string): string {
  return mark === "+" ? pc.green(line) : pc.red(line);
}
