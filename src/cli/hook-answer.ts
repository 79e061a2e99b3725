import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { Worker } from "node:worker_threads";
import { isAtLeast } from "../catalogue/checks/finding.ts";
import { visibleText } from "../catalogue/checks/visible-text.ts";
import { clientName, deniedTools, precheck } from "../catalogue/precheck.ts";
import type { ToolRecord } from "../catalogue/server-record.ts";
import { hookMemoryFile } from "../config/home.ts";
import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { type CalledTool, findCalled } from "./find-server.ts";
import { openKnownServers } from "./known-servers.ts";

/** What Claude Code is told before a call (its hooks reference, PreToolUse). Undefined: nothing, the call goes its way. */
type HookOutput = JsonObject | undefined;

const inputBytesMax = 16 * 1024 * 1024;
const inputMs = 5_000;
const rememberedMax = 2_000;
/** How long a look-up may take, milliseconds; Claude Code itself waits longer (`hook-settings.ts`). */
const lookUpMs = 2_500;

/**
 * Answers the hook on standard input and output. It never blocks: what is known to be good gets a note, what is flagged or
 * unknown becomes a question to the user, once in a session, and so does a look-up that takes too long; when nothing could
 * be checked it says so and the call goes on. Never rejects; nothing about the call itself is looked at but the tool's name.
 */
export async function answerHook(): Promise<void> {
  const output = await readInput()
    .then(answerInTime)
    .catch((error: unknown): HookOutput => {
      const reason = error instanceof Error ? error.message : String(error);
      return {
        systemMessage: `callgate: the precheck was skipped, the call goes on unchecked: ${visibleText(reason)}`,
      };
    });
  if (output !== undefined) process.stdout.write(`${JSON.stringify(output)}\n`);
}

async function readInput(): Promise<JsonObject> {
  const timer = setTimeout(() => process.stdin.destroy(new Error("nothing was said in time")), inputMs);
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of process.stdin) {
      const chunk = Buffer.from(part);
      bytes += chunk.length;
      if (bytes > inputBytesMax) throw new Error("the input is too large");
      parts.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  const value = parse(Buffer.concat(parts).toString("utf8"));
  if (!isObject(value)) throw new Error("the input is no JSON object");
  return value;
}

function parse(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** The look-up in a thread of its own: a project's files must not be able to hold the answer up. */
function answerInTime(input: JsonObject): Promise<HookOutput> {
  const { tool_name, cwd, session_id } = input;
  if (typeof tool_name !== "string" || !tool_name.startsWith("mcp__")) return Promise.resolve(undefined);
  // The same file name beside this one, as source and as build.
  const file = new URL(import.meta.url.replace(/hook-answer(\.\w+)$/u, "hook-worker$1"));
  const worker = new Worker(file, { workerData: { tool_name, cwd, session_id } });
  return new Promise<HookOutput>((resolve, reject) => {
    const late = question("the precheck took too long and was skipped: what is configured here was not looked at");
    const timer = setTimeout(() => resolve(late), lookUpMs);
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => clearTimeout(timer));
  }).finally(() => void worker.terminate());
}

/** What is said of a call. Looks files up, and remembers what was said. Throws as `findCalled` does. */
export function answer(input: JsonObject): HookOutput {
  const { tool_name: toolName, cwd, session_id: session } = input;
  const [, server, tool] = /^mcp__(.+?)__(.+)$/su.exec(typeof toolName === "string" ? toolName : "") ?? [];
  if (server === undefined || tool === undefined) return undefined;
  const sessionKey = `${typeof session === "string" ? session : ""} ${server}`;
  const toolKey = `${sessionKey} ${tool}`;
  const known = remembered();
  // Looking a server up takes longer than a call may be held up each time.
  if (known.includes(toolKey)) return undefined;
  const folders = [process.env["CLAUDE_PROJECT_DIR"], cwd, process.cwd()].filter(
    (folder) => typeof folder === "string",
  );
  const [worst] = called(`mcp__${server}__${tool}`, folders.find((folder) => isAbsolute(folder)) ?? "")
    .map(weigh)
    .toSorted((a, b) => b.weight - a.weight);
  if (worst === undefined) return undefined;
  // With what was said: a server that has become another one is no longer what the note was about.
  const saidKey = `${sessionKey}: ${worst.server} ${worst.weight}`;
  // Not before: a look that failed is said each time.
  remember(known, worst.isFlagged ? [toolKey] : [saidKey, toolKey]);
  return worst.isFlagged || !known.includes(saidKey) ? worst.output : undefined;
}

function called(toolName: string, project: string): readonly CalledTool[] {
  const servers = openKnownServers();
  try {
    return findCalled(servers, toolName, project);
  } finally {
    servers.close();
  }
}

/** What one reading of the name comes to; of several the heaviest counts. */
interface Weighed {
  readonly server: string;
  readonly isFlagged: boolean;
  readonly weight: number;
  readonly output: JsonObject;
}

function weigh({ server, tool, entry, doubt }: CalledTool): Weighed {
  const record = entry?.record;
  const { verdict, reasons } = precheck(record, doubt);
  const name = visibleText(server);
  const why = visible(reasons);
  const flagged = (record === undefined ? [] : deniedTools(record)).find(
    (denied) => clientName(denied.name) === clientName(tool),
  );
  const said = (weight: number, output: JsonObject): Weighed => ({
    server,
    isFlagged: flagged !== undefined,
    weight,
    output,
  });
  if (flagged !== undefined)
    return said(3, question(`\`${visibleText(tool)}\` of ${name}: ${visibleText(whyDenied(flagged))}`));
  if (verdict === "ask-first") return said(2, question(`${name}: ${why}`));
  if (verdict === "unknown") return said(1, question(`${why} (${name}): \`callgate scan --config FILE\` looks at it`));
  return said(0, { systemMessage: `callgate: ${name}, looked at on ${record?.scannedAt.slice(0, 10) ?? ""}: ${why}` });
}

/** What was found in a tool's definition says more than what the tool is for. */
function whyDenied({ reason, findings }: ToolRecord): string {
  const grave = findings.filter(({ severity }) => isAtLeast(severity, "high"));
  return grave.length === 0 ? reason : grave.map(({ severity, message }) => `${severity}: ${message}`).join("; ");
}

function visible(reasons: readonly string[]): string {
  return reasons.map(visibleText).join("; ");
}

function question(reason: string): JsonObject {
  return {
    hookSpecificOutput: {
      hookEventName: "PreToolUse",
      permissionDecision: "ask",
      permissionDecisionReason: `callgate: ${reason}`,
    },
  };
}

/** What was said before. */
function remembered(): readonly string[] {
  try {
    const value: unknown = JSON.parse(readFileSync(hookMemoryFile(), "utf8"));
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  } catch {
    // The first time there is no such file.
    return [];
  }
}

/** What cannot be remembered is said again. */
function remember(known: readonly string[], keys: readonly string[]): void {
  const file = hookMemoryFile();
  const all = [...new Set([...known, ...keys])];
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(all.slice(-rememberedMax)), { mode: 0o600 });
  } catch {
    // A question asked twice harms nobody.
  }
}
