import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { echoTools } from "./echo-tools.ts";

const server = fileURLToPath(new URL("echo-server.ts", import.meta.url));
const initialize = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}\n';
const list = '{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n';
const call = '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"safe"}}\n';

let folder: string;
let log: string;
const children: ChildProcessWithoutNullStreams[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callgate-echo-"));
  log = join(folder, "received");
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function start(...flags: string[]): ChildProcessWithoutNullStreams {
  const env = { ...process.env, CALLGATE_SPY_LOG: log, CALLGATE_SPY_PIDS: join(folder, "pids") };
  const child = spawn(process.execPath, [server, ...flags], { env });
  children.push(child);
  return child;
}

/** Standard output until the process ends. */
async function outputOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("latin1")));
  await once(child, "close");
  return output;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the echo server as a witness", () => {
  it("keeps every byte that arrives, also those it cannot read", async () => {
    const sent = Buffer.concat([
      Buffer.from(`${initialize}not json\r\n`),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from("no end"),
    ]);
    const child = start();
    const output = outputOf(child);
    child.stdin.end(sent);
    await output;
    expect(readFileSync(log)).toEqual(sent);
  });

  it("runs what hides in a batch and a call without an id, so that a test sees them come through", async () => {
    const child = start("--exit-on-call");
    child.stdin.write('[{"jsonrpc":"2.0","method":"tools/call","params":{"name":"evil"}}]\n');
    expect(await once(child, "exit")).toEqual([1, null]);
  });
});

describe("the echo server with the official client", () => {
  const eras = [
    { mode: "legacy", era: "legacy" },
    { mode: "auto", era: "modern" },
  ] as const;
  it.each(eras)("lists and calls its tools in the $era era", async ({ mode, era }) => {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [server, `--era=${era}`] }));
    try {
      const names = (await client.listTools()).tools.map((tool) => tool.name);
      expect(names).toEqual(echoTools.map((tool) => tool.name));
      const args = { amount: 12.5, currency: "EUR" };
      const result = await client.callTool({ name: "refund", arguments: args });
      expect(result.structuredContent).toEqual({ tool: "refund", arguments: args });
      await expect(client.callTool({ name: "none" })).rejects.toThrow("Unknown tool: none");
    } finally {
      await client.close();
    }
  });
});

describe("the echo server misbehaving", () => {
  const cases: readonly { flags: string[]; sent: string; shows: RegExp; why: string }[] = [
    {
      flags: ["--die-after=2"],
      sent: initialize + list + call,
      shows: /"id":2(?!.*"id":3)/s,
      why: "two answers, then gone",
    },
    { flags: ["--hang-on-start"], sent: initialize, shows: /^$/, why: "not one byte" },
    { flags: ["--garbage"], sent: initialize, shows: /^\{\xff\xfe\0"\n\{"jsonrpc"/, why: "no JSON, then the answer" },
    { flags: ["--noise"], sent: initialize, shows: /^INFO.*\n\{"jsonrpc"/, why: "a log line between the answers" },
    { flags: ["--duplicate-tools"], sent: list, shows: /"name":"safe".*"name":"safe"/, why: "one name twice" },
    { flags: ["--bad-list"], sent: list, shows: /"tools":\{/, why: "no list" },
    { flags: ["--bad-entries"], sent: list, shows: /"name":7/, why: "a name that is no text" },
    { flags: ["--exit-on-call"], sent: initialize + call, shows: /"id":1(?!.*"id":3)/s, why: "no answer to the call" },
    { flags: ["--page-size=4"], sent: list, shows: /"nextCursor":"4"/, why: "a first page" },
    { flags: ["--change-list"], sent: list, shows: /"id":2.*\n.*list_changed/, why: "the list, then its change" },
  ];
  it.each(cases)("$flags gives $why", async ({ flags, sent, shows }) => {
    const child = start(...flags);
    const output = outputOf(child);
    child.stdin.on("error", () => {});
    child.stdin.end(sent);
    expect(await output).toMatch(shows);
  });

  it("--flood writes on without being asked", async () => {
    const child = start("--flood");
    child.stdin.write(initialize);
    let bytes = 0;
    for await (const chunk of child.stdout) {
      bytes += Buffer.isBuffer(chunk) ? chunk.length : 0;
      if (bytes > 5_000_000) break;
    }
    expect(bytes).toBeGreaterThan(5_000_000);
  });

  it("--never-read takes nothing, so that its input fills up", async () => {
    const child = start("--never-read");
    child.stdin.on("error", () => {});
    await once(child, "spawn");
    while (child.stdin.write("x".repeat(65_536)));
    expect(child.stdin.writableNeedDrain).toBe(true);
    expect(() => readFileSync(log)).toThrow("ENOENT");
  });

  it("--close-stdout ends its output after one answer and lives on", async () => {
    const child = start("--close-stdout");
    child.stdin.write(initialize);
    child.stdout.resume();
    await once(child.stdout, "end");
    expect(child.exitCode).toBeNull();
  });

  it("--ignore-sigterm-and-fork outlives SIGTERM and the end of its input, with a child", async () => {
    const child = start("--ignore-sigterm-and-fork");
    child.stdin.write(initialize);
    await once(child.stdout, "data");
    const pids = readFileSync(join(folder, "pids"), "utf8").trim().split("\n").map(Number);
    try {
      child.kill("SIGTERM");
      child.stdin.end(list);
      await once(child.stdout, "data");
      expect(pids.map(isAlive)).toEqual([true, true]);
    } finally {
      for (const pid of pids) process.kill(pid, "SIGKILL");
    }
  });
});
