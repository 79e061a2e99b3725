import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

interface Package {
  readonly name: string;
  readonly version: string;
  /** What is started or imported, inside the package. */
  readonly entry: string;
}

const officialVersion = "2026.8.31";

/** A package that somebody else publishes and Callgate is tried with. Never a dependency. */
export type PeerPackage =
  | "inspector"
  | "sdkV1"
  | "mcpRemote"
  | "mcporter"
  | "everything"
  | "filesystem"
  | "memory"
  | "sequentialThinking"
  | "context7"
  | "playwright"
  | "dbhub";

const packages: Readonly<Record<PeerPackage, Package>> = {
  inspector: {
    name: "@modelcontextprotocol/inspector",
    version: "2.12.0",
    entry: "clients/launcher/build/index.js",
  },
  sdkV1: { name: "@modelcontextprotocol/sdk", version: "1.32.2", entry: "dist/esm/client" },
  mcpRemote: { name: "mcp-remote", version: "0.15.1", entry: "dist/proxy.js" },
  mcporter: { name: "mcporter", version: "0.12.3", entry: "dist/cli.js" },
  everything: { name: "@modelcontextprotocol/server-everything", version: officialVersion, entry: "dist/index.js" },
  filesystem: { name: "@modelcontextprotocol/server-filesystem", version: officialVersion, entry: "dist/index.js" },
  memory: { name: "@modelcontextprotocol/server-memory", version: officialVersion, entry: "dist/index.js" },
  sequentialThinking: {
    name: "@modelcontextprotocol/server-sequential-thinking",
    version: officialVersion,
    entry: "dist/index.js",
  },
  context7: { name: "@upstash/context7-mcp", version: "4.1.1", entry: "dist/index.js" },
  playwright: { name: "@playwright/mcp", version: "0.0.83", entry: "cli.js" },
  dbhub: { name: "@bytebase/dbhub", version: "1.4.0", entry: "dist/index.js" },
};

const peersFolder = fileURLToPath(new URL("../../.peers", import.meta.url));

const manifestSchema = z.object({ version: z.string() });

/**
 * The path of a package's entry. Fetches the package with npm on first use, in that one version, into a folder of its
 * own below `.peers`; throws when npm cannot.
 */
export function ensurePackage(peer: PeerPackage): string {
  const { name, version, entry } = packages[peer];
  const prefix = join(peersFolder, `${name.split("/").at(-1)}-${version}`);
  const folder = join(prefix, "node_modules", ...name.split("/"));
  if (!isInstalled(folder, version)) {
    // Test files run side by side: each fetches on its own, and the first to be done stays.
    const own = `${prefix}.${process.pid}`;
    install(own, `${name}@${version}`);
    putInPlace(own, prefix, () => isInstalled(folder, version));
  }
  return join(folder, entry);
}

function putInPlace(own: string, prefix: string, isThere: () => boolean): void {
  try {
    renameSync(own, prefix);
  } catch {
    // Somebody was faster, or left half a package behind.
    if (isThere()) return rmSync(own, { recursive: true, force: true });
    rmSync(prefix, { recursive: true, force: true });
    renameSync(own, prefix);
  }
}

function isInstalled(folder: string, version: string): boolean {
  const manifest = join(folder, "package.json");
  return existsSync(manifest) && manifestSchema.parse(JSON.parse(readFileSync(manifest, "utf8"))).version === version;
}

function install(prefix: string, specifier: string): void {
  mkdirSync(prefix, { recursive: true });
  const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-fund", "--no-audit"];
  const result = spawnSync("npm", ["install", "--prefix", prefix, ...flags, specifier], {
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status === 0) return;
  rmSync(prefix, { recursive: true, force: true });
  throw new Error(`could not fetch ${specifier} (npm exit code ${result.status})`);
}
