import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const startTimeoutMs = 30_000;

/** There is no PostgreSQL on this machine, none can be installed, or the one that is there does not start. */
export class NoPostgres extends Error {}

/** A PostgreSQL of our own, reachable through a socket in a folder of its own, by nobody else. */
export interface Cluster {
  /** For the server: `postgresql://...`. */
  readonly url: string;
  /** Runs SQL as the database's owner; its output without decoration. Throws when the database refuses it. */
  readonly sql: (text: string) => string;
  /** Ends it and removes its files. */
  readonly stop: () => Promise<void>;
}

function findPrograms(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return folders.find((folder) => ["initdb", "postgres", "psql"].every((name) => existsSync(join(folder, name))));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The folder of PostgreSQL's programs; Debian's package is installed when they are missing and we are root. */
function ensurePrograms(): string {
  const found = findPrograms();
  if (found !== undefined) return found;
  if (isRoot() && existsSync("/usr/bin/apt-get")) {
    process.stderr.write("Installing Debian's postgresql package (once)\n");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    for (const words of [["update"], ["install", "-y", "--no-install-recommends", "postgresql"]]) {
      spawnSync("apt-get", words, { env, stdio: ["ignore", "ignore", "inherit"] });
    }
  }
  const installed = findPrograms();
  if (installed === undefined)
    throw new NoPostgres("install PostgreSQL (Debian, as root: `apt-get install postgresql`)");
  return installed;
}

/** Who PostgreSQL runs as: it refuses root, so then it is the user of Debian's package. */
function readOwner(): { readonly uid: number; readonly gid: number } | undefined {
  if (!isRoot()) return undefined;
  const ids = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout));
  const [uid = 0, gid = 0] = ids;
  if (!(uid > 0 && gid > 0)) throw new NoPostgres("PostgreSQL refuses to run as root, and there is no user `postgres`");
  return { uid, gid };
}

/** Makes a database in a new folder and starts it. Throws {@link NoPostgres} when that cannot be done here. */
export async function startCluster(): Promise<Cluster> {
  const programs = ensurePrograms();
  const owner = readOwner();
  const folder = mkdtempSync(join(tmpdir(), "callgate-postgres-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const flags = ["-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"];
  const made = spawnSync(join(programs, "initdb"), ["-D", data, ...flags], { ...owner, cwd: folder, encoding: "utf8" });
  if (made.status !== 0) {
    remove();
    throw new NoPostgres(
      `initdb failed: ${made.error?.message ?? made.stderr.trim().split("\n").slice(0, 5).join("; ")}`,
    );
  }
  const settings = ["-c", "listen_addresses=", "-c", "fsync=off"];
  const child = spawn(join(programs, "postgres"), ["-D", data, "-k", folder, ...settings], {
    ...owner,
    cwd: folder,
    stdio: "ignore",
  });
  const exit = once(child, "exit");
  const stop = async (): Promise<void> => {
    // PostgreSQL's fast shutdown: whoever is connected is cut off.
    child.kill("SIGINT");
    await exit;
    remove();
  };
  const psql = (text: string): ReturnType<typeof spawnSync> =>
    spawnSync(join(programs, "psql"), ["-h", folder, "-U", "postgres", "-XqtAc", text], { encoding: "utf8" });
  const deadline = performance.now() + startTimeoutMs;
  while (psql("select 1").status !== 0) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new NoPostgres("PostgreSQL did not start");
    }
    await sleep(50);
  }
  const sql = (text: string): string => {
    const { status, stdout, stderr } = psql(text);
    if (status !== 0) throw new Error(`the database refused \`${text}\`: ${String(stderr)}`);
    return String(stdout).trim();
  };
  return { url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`, sql, stop };
}
