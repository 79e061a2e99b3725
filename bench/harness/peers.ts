import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { workFolder } from "./paths.ts";

/** A package that Callgate is compared with. Not a dependency: installed when a bench asks for it. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** The file to import or to start, within the package. */
  readonly entry: string;
}

/** A peer's exports, each to be checked before use. */
export type PeerModule = Readonly<Record<string, unknown>>;

const folder = join(workFolder, "peers");

/** Installs what is missing, in one folder of their own, without install scripts. Says what it does and what it could not. */
export function installPeers(peers: readonly Peer[]): void {
  const missing = peers.filter((peer) => !isInstalled(peer));
  if (missing.length === 0) return;
  const specs = [...new Set(missing.map(({ name, version }) => `${name}@${version}`))];
  process.stderr.write(`Installing what is compared with into .bench/peers: ${specs.join(", ")}\n`);
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  const quiet = [
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--save-exact",
    "--loglevel=error",
    "--fetch-retries=1",
  ];
  const { status } = spawnSync("npm", ["install", ...quiet, ...specs], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) process.stderr.write("They could not be installed; what is missing is left out of the tables\n");
}

/** The path of a peer's entry, or undefined when it is not installed. */
export function peerPath(peer: Peer): string | undefined {
  return isInstalled(peer) ? join(folder, "node_modules", peer.name, peer.entry) : undefined;
}

/** A peer's exports, or undefined when it is not installed. */
export async function loadPeer(peer: Peer): Promise<PeerModule | undefined> {
  const path = peerPath(peer);
  if (path === undefined) return undefined;
  const loaded: PeerModule = await import(pathToFileURL(path).href);
  return loaded;
}

function isInstalled({ name, version }: Peer): boolean {
  const manifest = join(folder, "node_modules", name, "package.json");
  if (!existsSync(manifest)) return false;
  const found: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  return typeof found === "object" && found !== null && "version" in found && found.version === version;
}
