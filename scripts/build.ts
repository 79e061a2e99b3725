/** Compiles src/ to dist/: `npm run build`. When that fails, the dist/ that was there stays. */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./repository.ts";

const dist = join(root, "dist");
const cache = join(root, "node_modules", ".cache");
const fresh = join(cache, `callgate-dist-${process.pid}`);
const old = join(cache, `callgate-old-${process.pid}`);

/** Two renames, so that a command started meanwhile meets a whole dist/; other builds may do the same right now. */
function replaceDist(): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      rmSync(old, { recursive: true, force: true });
      if (existsSync(dist)) renameSync(dist, old);
      renameSync(fresh, dist);
      return;
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

/** What is read when Callgate runs and is no program: the attack database. */
function copyData(): void {
  for (const name of ["entries", "replays", "without-entry.yaml"])
    cpSync(join(root, "src", "attacks", name), join(fresh, "attacks", name), { recursive: true });
}

const startedAt = new Date();
mkdirSync(cache, { recursive: true });
try {
  const { exitCode } = run("tsc", ["-p", "tsconfig.build.json", "--outDir", fresh]);
  if (exitCode === 0) {
    copyData();
    // A change made while the compiler ran must count as newer: bin/callgate.js compares this time with src/.
    const main = join(fresh, "cli", "main.js");
    if (existsSync(main)) utimesSync(main, startedAt, startedAt);
    replaceDist();
  }
  process.exitCode = exitCode;
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
