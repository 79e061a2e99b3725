import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { visibleText } from "../catalogue/checks/visible-text.ts";
import { clientRules, precheck } from "../catalogue/precheck.ts";
import type { ServerRecord } from "../catalogue/server-record.ts";
import { hookMemoryFile } from "../config/home.ts";
import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { findServer } from "./find-server.ts";
import { openKnownServers } from "./known-servers.ts";

/** What Claude Code is told before a call (its hooks reference, PreToolUse). Undefined: nothing, the call goes its way. */
type HookOutput = JsonObject | undefined;

const inputBytesMax = 16 * 1024 * 1024;
const inputMs = 5_000;
const rememberedMax = 2_000;

/**
 * Answers the hook on standard input and output. It never blocks: what is known to be good gets a note, what is flagged or
 * unknown becomes a question to the user, once in a session; and when nothing could be checked it says so and the call
 * goes on. Never rejects; nothing about the call itself is looked at but the tool's name.
 */
export async function answerHook(): Promise<void> {
  const output = await readInput()
    .then(answer)
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

function answer(input: JsonObject): HookOutput {
  const { tool_name: toolName, cwd, session_id: session } = input;
  const [, server, tool] = /^mcp__(.+?)__(.+)$/su.exec(typeof toolName === "string" ? toolName : "") ?? [];
  if (server === undefined || tool === undefined) return undefined;
  const sessionKey = `${typeof session === "string" ? session : ""} ${server}`;
  const toolKey = `${sessionKey} ${tool}`;
  const known = remembered();
  // Looking a server up takes longer than a call may be held up each time.
  if (known.includes(toolKey)) return undefined;
  const record = recordOf(server, typeof cwd === "string" ? cwd : process.cwd());
  const { verdict, reasons } = precheck(record);
  const denied = record === undefined ? [] : clientRules(record, server).codex.disabled_tools;
  const isFlagged = denied.includes(tool);
  const name = visibleText(server);
  // Not before: a look that failed is said each time.
  remember(known, isFlagged ? [toolKey] : [sessionKey, toolKey]);
  if (!isFlagged && known.includes(sessionKey)) return undefined;
  if (verdict === "unknown")
    return question(`${reasons.join("; ")} (${name}): \`callgate scan --config FILE\` looks at it`);
  const found = record?.tools.find((candidate) => candidate.name === tool);
  if (isFlagged)
    return question(`\`${visibleText(tool)}\` of ${name}: ${visibleText(found?.reason ?? "it is flagged")}`);
  if (verdict === "ask-first") return question(`${name}: ${reasons.join("; ")}`);
  return {
    systemMessage: `callgate: ${name}, looked at on ${record?.scannedAt.slice(0, 10) ?? ""}: ${reasons.join("; ")}`,
  };
}

function recordOf(server: string, project: string): ServerRecord | undefined {
  const known = openKnownServers();
  try {
    return findServer(known, server, project).entry?.record;
  } finally {
    known.close();
  }
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
