/**
 * Callgate in front of a real MCP server: `npm start`.
 *
 * Installs camoufox-mcp, starts the gateway with the published policy for its tool save_session, lets an agent call it
 * 31 times and prints what came through. Then the gateway stays up for your own client, until Ctrl-C.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { freePort, startGateway, writeRunFiles } from "./gateway.ts";
import { installServer, whyNotCamoufox, type BrowserKind, type InstalledServer } from "./install.ts";
import { buildReport, formatClients, formatTable } from "./report.ts";
import { say } from "./say.ts";
import { runAgent } from "./session.ts";
import { askDirectly } from "./upstream.ts";

const usage = `npm start -- [--once] [--json] [--port N] [--browser camoufox|chromium]

  --once     end after the table: exit code 0 when every number is right, 1 when not
  --json     print the numbers as JSON instead of a table
  --port     the gateway's port, 7777 without it; any free one when it is taken
  --browser  camoufox is the server's own (a download), chromium this machine's; without it, whichever can be had
`;

const demo = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), ".demo");

/** The server, ready to start, and how many tools it has of its own. */
interface PreparedServer {
  readonly server: InstalledServer;
  readonly tools: number;
}

async function prepare(browser: BrowserKind): Promise<PreparedServer> {
  const server = installServer(join(demo, "camoufox", browser), browser);
  // The server's own browser needs libraries that a bare machine lacks, so it has to prove that it starts.
  const { tools } = await askDirectly(server, browser === "camoufox");
  return { server, tools: tools.length };
}

async function prepareServer(wanted: string | undefined, asked: Promise<void>): Promise<PreparedServer> {
  if (wanted === "camoufox" || wanted === "chromium") return prepare(wanted);
  let why = await whyNotCamoufox();
  try {
    if (why === undefined) {
      const prepared = await prepare("camoufox");
      say("The server drives Camoufox's own browser");
      return prepared;
    }
  } catch (error) {
    // Ctrl-C ends the download too; that is no reason to go on without it.
    if (await isEndAsked(asked)) throw error;
    why = error instanceof Error ? error.message : String(error);
  }
  say(`The server drives this machine's Chromium instead of Camoufox's own browser: ${why}`);
  return prepare("chromium");
}

/** The token of the example's grant, the same at every start, so that what you paste into a client stays right. */
function readToken(): string {
  const file = join(demo, "token");
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const token = `cg_demo_${randomBytes(32).toString("base64url")}`;
  mkdirSync(demo, { recursive: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/** Resolves with the first signal that asks this process to end; later ones do not cut its clean-up short. */
function endAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
  });
}

/** Whether the end was asked for, also while a program that was waited for kept the signal from arriving. */
function isEndAsked(asked: Promise<void>): Promise<boolean> {
  const soon = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 100));
  return Promise.race([asked.then(() => true), soon]);
}

interface Options {
  readonly once: boolean;
  readonly json: boolean;
  readonly port: number;
  readonly browser: string | undefined;
}

/** Runs the example; the exit code. */
async function main(options: Options): Promise<number> {
  const asked = endAsked();
  const { server, tools } = await prepareServer(options.browser, asked);
  const port = await freePort(options.port);
  if (options.port !== 0 && port !== options.port) say(`Port ${options.port} is taken, using ${port}`);
  const folder = join(demo, `run-${port}`);
  const token = readToken();
  const files = writeRunFiles(folder, server, port, token);
  say("Starting the gateway");
  const gateway = await startGateway(files, port);
  try {
    const finished = await Promise.race([runAgent(gateway, files, token), asked]);
    if (finished === undefined) return 0;
    const report = buildReport(server.browser, tools, finished);
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${formatTable(report)}\n`);
    if (options.once) return report.isAsExpected ? 0 : 1;
    process.stdout.write(`${formatClients(gateway.url, token)}\n`);
    say(`Policy, saved sessions and log are in ${folder}; Ctrl-C ends everything`);
    const isAsked = await Promise.race([asked.then(() => true), gateway.ended.then(() => false)]);
    if (!isAsked) throw new Error(`the gateway ended by itself: see ${files.log}`);
    return 0;
  } finally {
    say("Stopping");
    await gateway.stop();
    if (options.once) rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const { values } = parseArgs({
    options: {
      once: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      port: { type: "string", default: "7777" },
      browser: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const isUsable = values.browser === undefined || ["camoufox", "chromium"].includes(values.browser);
  const port = Number(values.port);
  if (values.help || !isUsable || !Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write(usage);
    process.exitCode = values.help ? 0 : 2;
  } else {
    process.exitCode = await main({ ...values, port, browser: values.browser });
  }
} catch (error) {
  say(`\nThe example stopped: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 3;
}
