import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** How a program ended. */
export interface Ended {
  /** 0 when all went well; 1 as well when it could not be started. */
  readonly exitCode: number;
  readonly ms: number;
}

/**
 * Runs a program with the packages' own programs on its PATH, in the checkout unless `cwd` says otherwise. Its output
 * goes where ours goes.
 */
export function run(program: string, args: readonly string[], cwd: string = root): Ended {
  const programs = join(root, "node_modules", ".bin");
  const path = [programs, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  const started = performance.now();
  const result = spawnSync(program, args, {
    cwd,
    env: { ...process.env, PATH: path },
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (result.error !== undefined) process.stderr.write(`${program}: ${result.error.message}\n`);
  return { exitCode: result.status ?? 1, ms: performance.now() - started };
}
