import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { within } from "../kit/wait.ts";
import { listSchema, readCall, type PeerSession, type Target } from "./peer.ts";
import { ensurePackage } from "./packages.ts";

/** How long one run of a client's program may take, milliseconds. */
const programMs = 60_000;

/** What a program printed, and how it ended. */
interface Ended {
  readonly command: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

async function runProgram(
  args: readonly string[],
  home: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env["PATH"] ?? "", HOME: home, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    cwd: home,
  });
  const [command, text] = [args.join(" "), { stdout: "", stderr: "" }];
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString("utf8")));
  try {
    await within(`${command} to end`, once(child, "close"), programMs);
  } finally {
    child.kill("SIGKILL");
  }
  return { command, ...text, exitCode: child.exitCode };
}

function readJson({ command, stdout, stderr }: Ended): unknown {
  try {
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`no JSON from ${command}: ${stdout}\n${stderr}`, { cause: error });
  }
}

/** A client's configuration file with one server, `gate`; its path. */
function writeClientConfig(target: Extract<Target, { kind: "stdio" }>): string {
  const file = join(target.home, "client.json");
  const { command, args, env } = target;
  writeFileSync(file, JSON.stringify({ mcpServers: { gate: { command, args, env } } }));
  return file;
}

/** What the Inspector can be told of the era. */
export type InspectorEra = "legacy" | "auto" | "modern";

const inspectorSchema = z.object({ result: z.unknown() });

/** The Inspector's command line: a program run for every request. */
export async function openInspector(target: Target, era: InspectorEra): Promise<PeerSession> {
  const server =
    target.kind === "http"
      ? [target.url, "--transport", "http", "--header", `Authorization: Bearer ${target.token}`]
      : ["--config", writeClientConfig(target), "--server", "gate"];
  const ask = async (method: string, ...more: readonly string[]): Promise<unknown> => {
    const flags = ["--format", "json", "--protocol-era", era, "--method", method];
    const args = [ensurePackage("inspector"), "--cli", ...server, ...flags, ...more];
    // Without a place of its own for its list of servers it writes into the home folder; the two exclude each other.
    const env = target.kind === "http" ? { MCP_CATALOG_PATH: join(target.home, "catalog.json") } : {};
    return inspectorSchema.parse(readJson(await runProgram(args, target.home, env))).result;
  };
  return {
    revision: undefined,
    list: async () => listSchema.parse(await ask("tools/list")).tools.map(({ name }) => name),
    call: async (tool, args) => {
      const pairs = Object.entries(args).map(([name, value]) => `${name}=${inspectorValue(value)}`);
      return readCall(await ask("tools/call", "--tool-name", tool, ...pairs.flatMap((pair) => ["--tool-arg", pair])));
    },
    close: async () => {},
  };
}

function inspectorValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** mcporter's command line: a program run for every request. */
export async function openMcporter(target: Target): Promise<PeerSession> {
  const cli = ensurePackage("mcporter");
  const server =
    target.kind === "http"
      ? ["--http-url", target.url, "--allow-http", "--header", `Authorization=Bearer ${target.token}`, "--name", "gate"]
      : [];
  const config = target.kind === "http" ? [] : ["--config", writeClientConfig(target)];
  const named = target.kind === "http" ? [] : ["gate"];
  // It replaces ${NAME} in arguments itself, from its own environment. Left alone it keeps browser servers, found by
  // their paths, in a process that outlives it.
  const variables = { MCPORTER_DISABLE_KEEPALIVE: "*", ...(target.kind === "http" ? {} : target.env) };
  const ask = async (command: string, ...more: readonly string[]): Promise<Ended> =>
    runProgram([cli, ...config, command, ...more, ...server, "--no-oauth"], target.home, variables);
  return {
    revision: undefined,
    list: async () => listSchema.parse(readJson(await ask("list", ...named, "--json"))).tools.map(({ name }) => name),
    call: async (tool, args) => {
      const call = ["--server", "gate", "--tool", tool, "--args", JSON.stringify(args)];
      // It prints the text alone, and tells a tool's error by its exit code.
      const { stdout, exitCode } = await ask("call", ...call, "--output", "text");
      return { isError: exitCode !== 0, text: stdout };
    },
    close: async () => {},
  };
}
