import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../scripts/repository.ts";

/** The folder of the benches. */
export const benchFolder: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the benches install, build and write; git ignores it and it may be deleted at any time. */
export const workFolder: string = join(root, ".bench");

/**
 * A new empty folder, removed when the process ends. Not in the system's temporary folder: that one is often in memory,
 * where a durable write costs nothing.
 */
export function makeScratch(): string {
  const parent = join(workFolder, "scratch");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "run-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a program of the benches. */
export function programPath(name: string): string {
  return join(benchFolder, "programs", `${name}.ts`);
}
