import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "../../scripts/repository.ts";
import { workFolder } from "./paths.ts";

/**
 * Builds Callgate and gives the path of its command in a copy that has no sources beside it, as in an installed package:
 * there the command neither looks for changed sources nor strips types.
 */
export function buildCommand(): string {
  const { exitCode } = run(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    join(root, "scripts", "build.ts"),
  ]);
  if (exitCode !== 0) throw new Error("Callgate could not be built: see the lines above");
  const folder = join(workFolder, "package");
  rmSync(folder, { recursive: true, force: true });
  for (const part of ["bin", "dist", "package.json"]) cpSync(join(root, part), join(folder, part), { recursive: true });
  return join(folder, "bin", "callgate.js");
}
