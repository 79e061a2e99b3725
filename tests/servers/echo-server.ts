/**
 * A small MCP server over stdio, both eras, without any SDK: `node echo-server.ts [FLAG ...]`.
 *
 * It is also the independent witness of what reached the server: every byte that arrives on standard input is appended
 * to the file that the environment variable `CALLGATE_SPY_LOG` names, and the ids of its processes, one a line, to the
 * one in `CALLGATE_SPY_PIDS`. Its flags make it misbehave; `usage` below says how.
 */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { answer, isMessage, objectAt, type EchoOptions, type Era, type Message } from "./echo-answers.ts";

const usage = `--era=legacy|modern|both  which eras it speaks (both)
--page-size=N             tools/list in pages of N
--die-after=N             exits with code 1 after answering N requests
--hang-on-start           reads, never answers
--flood                   after the first request writes notifications without end
--garbage                 writes bytes that are no JSON before every answer
--noise                   writes lines of text to standard output and error, as a chatty logger does
--never-read              never reads standard input
--ignore-sigterm-and-fork ignores SIGTERM, SIGINT and the end of its input, and so does a child it starts
--close-stdout            closes standard output after the first answer and lives on
--duplicate-tools         names the tool safe twice in its list
--bad-list                answers tools/list with an object where the list should be
--bad-entries             answers tools/list with entries that have no usable name
--exit-on-call            exits with code 1 when a tool is called, without an answer
--exit-on-discover        exits with code 1 on server/discover, as some servers of the legacy era do
--change-list             after the first tools/list sends notifications/tools/list_changed`;

const { values: flags } = parseArgs({
  options: {
    era: { type: "string", default: "both" },
    "page-size": { type: "string", default: "0" },
    "die-after": { type: "string" },
    "hang-on-start": { type: "boolean", default: false },
    flood: { type: "boolean", default: false },
    garbage: { type: "boolean", default: false },
    noise: { type: "boolean", default: false },
    "never-read": { type: "boolean", default: false },
    "ignore-sigterm-and-fork": { type: "boolean", default: false },
    "close-stdout": { type: "boolean", default: false },
    "duplicate-tools": { type: "boolean", default: false },
    "bad-list": { type: "boolean", default: false },
    "bad-entries": { type: "boolean", default: false },
    "exit-on-call": { type: "boolean", default: false },
    "exit-on-discover": { type: "boolean", default: false },
    "change-list": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function readEra(value: string): Era {
  if (value === "legacy" || value === "modern" || value === "both") return value;
  throw new Error(`unknown era \`${value}\`: legacy, modern or both`);
}

const options: EchoOptions = {
  era: readEra(flags.era),
  pageSize: Number(flags["page-size"]),
  hasDuplicateTools: flags["duplicate-tools"],
  hasBadList: flags["bad-list"],
  hasBadEntries: flags["bad-entries"],
};
const dieAfter = flags["die-after"] === undefined ? Infinity : Number(flags["die-after"]);

/** Calls of `slow` that have not answered yet, by request id. */
const running = new Map<unknown, NodeJS.Timeout>();
let answeredCount = 0;
let isFlooding = false;
let isListChanged = false;

function append(variable: string, data: string | Uint8Array): void {
  const file = process.env[variable];
  if (file !== undefined) appendFileSync(file, data);
}

function write(message: Readonly<Record<string, unknown>>): void {
  if (flags.garbage) process.stdout.write(Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x22, 0x0a]));
  if (flags.noise) {
    process.stdout.write("INFO  handled a request\n");
    process.stderr.write("\u001b[31ma line of the server's log\u0007\n".repeat(20));
  }
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

function flood(): void {
  if (isFlooding) return;
  isFlooding = true;
  const params = { level: "info", data: "x".repeat(1000) };
  const line = `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params })}\n`;
  const pour = (): void => {
    let hasRoom = true;
    for (let written = 0; hasRoom && written < 1000; written += 1) hasRoom = process.stdout.write(line);
    if (hasRoom) setImmediate(pour);
    else process.stdout.once("drain", pour);
  };
  pour();
}

function afterAnswer(method: string): void {
  answeredCount += 1;
  if (answeredCount >= dieAfter) process.exit(1);
  if (flags["close-stdout"]) process.stdout.end();
  if (flags.flood) flood();
  if (flags["change-list"] && method === "tools/list" && !isListChanged) {
    isListChanged = true;
    write({ method: "notifications/tools/list_changed" });
  }
}

function answerNow(id: unknown, method: string, params: Message): void {
  write({ id, ...answer(method, params, options) });
  afterAnswer(method);
}

function answerSlowly(id: unknown, params: Message): void {
  const ms = Number(objectAt(params, "arguments")["ms"] ?? 0);
  const { progressToken } = objectAt(params, "_meta");
  if (progressToken !== undefined) {
    write({ method: "notifications/progress", params: { progressToken, progress: 0, total: 1 } });
  }
  const finish = (): void => {
    running.delete(id);
    answerNow(id, "tools/call", params);
  };
  running.set(id, setTimeout(finish, ms));
}

function handle(message: Message): void {
  const { method, id } = message;
  const params = objectAt(message, "params");
  if (typeof method !== "string") return;
  if (method === "notifications/cancelled") {
    const cancelled = params["requestId"];
    clearTimeout(running.get(cancelled));
    running.delete(cancelled);
  }
  if (flags["exit-on-discover"] && method === "server/discover") process.exit(1);
  if (flags["exit-on-call"] && method === "tools/call") process.exit(1);
  // A call without an id runs all the same, as in many servers: the witness shows that it came through.
  if (id === undefined || flags["hang-on-start"]) return;
  if (method === "tools/call" && params["name"] === "slow") answerSlowly(id, params);
  else answerNow(id, method, params);
}

function handleLine(line: string): void {
  if (line.trim() === "") return;
  try {
    const value: unknown = JSON.parse(line);
    // Old servers run what hides in a batch, and so does this one.
    for (const message of Array.isArray(value) ? value : [value]) if (isMessage(message)) handle(message);
  } catch {
    write({ id: null, error: { code: -32700, message: "Parse error" } });
  }
}

function read(): void {
  let rest = Buffer.alloc(0);
  process.stdin.on("data", (chunk: Buffer) => {
    append("CALLGATE_SPY_LOG", chunk);
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString("utf8");
      rest = rest.subarray(end + 1);
      handleLine(line);
    }
  });
  process.stdin.on("end", () => {
    if (!flags["ignore-sigterm-and-fork"]) process.exit(0);
  });
}

function ignoreSignalsAndFork(): void {
  const stubborn = 'process.on("SIGTERM", () => {}); process.on("SIGINT", () => {}); setInterval(() => {}, 1000);';
  const child = spawn(process.execPath, ["-e", stubborn], { stdio: ["ignore", "inherit", "ignore"] });
  append("CALLGATE_SPY_PIDS", `${child.pid ?? ""}\n`);
  process.on("SIGTERM", () => {});
  process.on("SIGINT", () => {});
  setInterval(() => {}, 1000);
}

if (flags.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
append("CALLGATE_SPY_PIDS", `${process.pid}\n`);
// A reader that went away is the normal end of a server over stdio.
process.stdout.on("error", () => process.exit(0));
if (flags["ignore-sigterm-and-fork"]) ignoreSignalsAndFork();
if (flags["close-stdout"] || flags["never-read"]) setInterval(() => {}, 1000);
if (!flags["never-read"]) read();
