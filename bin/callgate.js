#!/usr/bin/env node
// Starts Callgate. Plain JavaScript for Node.js 18 and later, so that an old Node.js gets an answer it can use.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, "dist", "cli", "main.js");
const fault = 3;

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(fault);
}

/** The oldest Node.js this package runs on, as package.json says: `>=22.19.0` gives `22.19.0`. */
function oldestNode() {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return manifest.engines.node.replace(">=", "");
}

function isAtLeast(version, oldest) {
  const [parts, floor] = [version, oldest].map((text) => text.split(".").map(Number));
  for (let i = 0; i < floor.length; i += 1) if (parts[i] !== floor[i]) return parts[i] > floor[i];
  return true;
}

/** When anything in a folder last changed; its own time tells of files that are gone. */
function newestChangeMs(folder) {
  let newest = statSync(folder).mtimeMs;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const changed = entry.isDirectory() ? newestChangeMs(path) : statSync(path).mtimeMs;
    if (changed > newest) newest = changed;
  }
  return newest;
}

function isBuilt() {
  return existsSync(main) && statSync(main).mtimeMs >= newestChangeMs(join(root, "src"));
}

function build(node) {
  const result = spawnSync(node, [join(root, "scripts", "run.js"), join(root, "scripts", "build.ts")], {
    cwd: root,
    // Standard output belongs to the command: `callgate run` speaks MCP on it.
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) fail("could not build Callgate from this checkout: see the lines above");
}

/** Runs this file again on another Node.js, with its signals and its exit code. */
function runOn(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
  // In a terminal Ctrl-C already reaches the child, and a second one would mean "at once".
  const forwarded = process.stdin.isTTY ? ["SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  process.on("SIGINT", () => {});
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`could not start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** Node.js 22 calls its SQLite experimental with every start; Callgate has tested that version. */
function silenceSqliteWarning() {
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    if (rest[0] === "ExperimentalWarning" && String(warning).includes("SQLite")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
}

async function start() {
  const isCheckout = existsSync(join(root, "src", "cli", "main.ts"));
  if (!isAtLeast(process.versions.node, oldestNode())) {
    if (!isCheckout) {
      fail(
        `callgate needs Node.js ${oldestNode()} or later, this is ${process.versions.node}: update it, or run \`npx -y -p node@24 -p callgate callgate ${process.argv.slice(2).join(" ")}\``,
      );
    }
    const { ensureNode } = await import("../scripts/node.js");
    return runOn(ensureNode());
  }
  if (isCheckout && !isBuilt()) build(process.execPath);
  silenceSqliteWarning();
  const { main: run } = await import("../dist/cli/main.js");
  process.exitCode = await run(process.argv.slice(2));
}

try {
  await start();
} catch (error) {
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
