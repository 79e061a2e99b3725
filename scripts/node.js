// Finds a Node.js that Callgate runs on, and fetches one from the npm registry when this machine's is too old.
// Plain JavaScript for Node.js 18 and later, built-in modules only: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** The oldest Node.js that Callgate supports: the floor that its HTTP client library sets. */
export const oldestNode = [22, 19, 0];

/** The version that is fetched when the machine's own is older. */
const fetchedNode = "24.21.0";

/** @param {string} version as in `process.versions.node` */
export function isNodeSupported(version) {
  const parts = version.split(".").map(Number);
  for (let i = 0; i < oldestNode.length; i += 1) {
    if (parts[i] !== oldestNode[i]) return parts[i] > oldestNode[i];
  }
  return true;
}

function fetchedNodePath() {
  const os = process.platform === "win32" ? "win" : process.platform;
  const folder = join(repositoryRoot, ".node", "node_modules", `node-${os}-${process.arch}`, "bin");
  return join(folder, process.platform === "win32" ? "node.exe" : "node");
}

/** The path of a fitting Node.js that is already here (this one, or one fetched earlier), or undefined. */
export function findNode() {
  if (isNodeSupported(process.versions.node)) return process.execPath;
  const fetched = fetchedNodePath();
  return existsSync(fetched) ? fetched : undefined;
}

/** The path of a fitting Node.js; fetches one (about 60 MB) into `.node/` when there is none. Throws when that fails. */
export function ensureNode() {
  const found = findNode();
  if (found !== undefined) return found;
  const os = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${os}-${process.arch}`;
  process.stderr.write(
    `This machine has Node.js ${process.versions.node}, Callgate needs ${oldestNode.join(".")} or later: fetching ${fetchedNode} into .node/\n`,
  );
  const result = spawnSync(
    "npm",
    ["install", "--prefix", join(repositoryRoot, ".node"), "--no-save", "--no-package-lock", `${name}@${fetchedNode}`],
    { stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" },
  );
  if (result.status !== 0 || !existsSync(fetchedNodePath())) {
    throw new Error(
      `could not fetch Node.js: install ${oldestNode.join(".")} or later yourself and run the command again (npm exit code ${result.status})`,
    );
  }
  return fetchedNodePath();
}

/** The environment in which `node`, `npm` and `npx` are the given Node.js. */
export function environmentFor(nodePath) {
  return { ...process.env, PATH: `${dirname(nodePath)}${delimiter}${process.env.PATH ?? ""}` };
}
