import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import type { InstalledServer } from "./install.ts";

const callgate = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "bin", "callgate.js");
const startTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;

/** The policy as it is published for this server, exactly. */
export const publishedPolicy: string = readFileSync(new URL("policy.json", import.meta.url), "utf8");

/**
 * The published policy with one tool more: camoufox-mcp saves only sessions that it made, so the example makes one
 * before it puts the published policy in place.
 */
export function policyWithCreateSession(): string {
  const policy: { tools: Record<string, unknown> } = JSON.parse(publishedPolicy);
  return `${JSON.stringify({ ...policy, tools: { ...policy.tools, create_session: {} } }, null, 2)}\n`;
}

/** Files of one run, below its folder. */
export interface RunFiles {
  readonly config: string;
  readonly policy: string;
  /** Where the browser sessions are saved. */
  readonly sessions: string;
  /** What the gateway and the server say. */
  readonly log: string;
}

/** Empties `folder` and writes the gateway's configuration and first policy into it. */
export function writeRunFiles(folder: string, server: InstalledServer, port: number, token: string): RunFiles {
  rmSync(folder, { recursive: true, force: true });
  const file = (name: string): string => join(folder, name);
  const files: RunFiles = {
    config: file("callgate.yaml"),
    policy: file("policy.json"),
    sessions: file("sessions"),
    log: file("gateway.log"),
  };
  mkdirSync(files.sessions, { recursive: true });
  const config = {
    listen: `127.0.0.1:${port}`,
    // Counters and audit: a store of this run's own, so that the minute of an earlier run does not count.
    store: "./callgate.sqlite",
    servers: { camoufox: { command: server.command, args: server.args, env: server.env, cwd: folder } },
    policies: { "save-session": "./policy.json" },
    grants: { demo: { token, servers: { camoufox: "save-session" } } },
  };
  writeFileSync(files.config, stringify(config), { mode: 0o600 });
  writeFileSync(files.policy, policyWithCreateSession());
  return files;
}

/** A port of this machine that is free: `wanted`, or any other when that one is taken. */
export async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(wanted, "127.0.0.1", () => resolve(true));
  });
  if (!isFree) return freePort(0);
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port on this machine");
  return address.port;
}

/** A running gateway. */
export interface RunningGateway {
  /** The address of the server behind it, for MCP clients. */
  readonly url: string;
  /** Resolves when the process has ended, asked or not. */
  readonly ended: Promise<void>;
  /** Ends it and everything it started; resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.setTimeout(1000, () => socket.destroy());
  });
}

async function waitUntilListening(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("the gateway ended while it started");
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the gateway did not listen within ${startTimeoutMs / 1000} s`);
}

/**
 * Starts `callgate serve` as a process of its own and resolves when it listens. Throws an Error that ends with the
 * last lines of its log when it does not come up.
 */
export async function startGateway(files: RunFiles, port: number): Promise<RunningGateway> {
  const log = openSync(files.log, "a");
  // A process group of its own: Ctrl-C reaches this example alone, which then ends the gateway in good order.
  const child = spawn(process.execPath, [callgate, "serve", "--config", files.config], {
    detached: process.platform !== "win32",
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const tooLate = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    child.kill("SIGTERM");
    await ended;
    clearTimeout(tooLate);
  };
  try {
    await waitUntilListening(child, port);
  } catch (error) {
    await stop();
    const tail = readFileSync(files.log, "utf8").trimEnd().split("\n").slice(-15).join("\n");
    throw new Error(`${error instanceof Error ? error.message : String(error)}; its log ends with\n${tail}`, {
      cause: error,
    });
  }
  return { url: `http://127.0.0.1:${port}/mcp/camoufox`, ended, stop };
}
