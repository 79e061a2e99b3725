// Runs a TypeScript file of this repository on a fitting Node.js, with the packages installed: `node scripts/run.js FILE [ARGUMENT ...]`.
// Plain JavaScript for Node.js 18 and later: it is what makes a fresh clone on a bare machine ready.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { ensureNode, environmentFor, repositoryRoot } from "./node.js";

/** Whether node_modules holds what the lock file says. Times do not count: a checkout touches files. */
function arePackagesInstalled() {
  try {
    const read = (path) => JSON.parse(readFileSync(join(repositoryRoot, path), "utf8")).packages;
    const wanted = read("package-lock.json");
    const installed = read("node_modules/.package-lock.json");
    return Object.entries(wanted).every(
      ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
    );
  } catch {
    return false;
  }
}

function ensurePackages(environment) {
  if (arePackagesInstalled()) return;
  process.stderr.write("Installing the packages Callgate is built with\n");
  const result = spawnSync("npm", ["ci", "--ignore-scripts"], {
    cwd: repositoryRoot,
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) throw new Error(`npm ci failed (exit code ${result.status}): see the lines above`);
}

try {
  const node = ensureNode();
  const environment = environmentFor(node);
  ensurePackages(environment);
  const [file, ...rest] = process.argv.slice(2);
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", resolve(file), ...rest], {
    stdio: "inherit",
    env: environment,
  });
  // In a terminal Ctrl-C already reaches the child, and a second one would mean "at once".
  const forwarded = process.stdin.isTTY ? ["SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  process.on("SIGINT", () => {});
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(3);
}
