/** Checks that the files scripts/generate.ts writes are up to date: it runs it and compares them with what was there. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./repository.ts";

/** The folders generated files are written to. */
const folders = ["schema", "docs"];

function digests(): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders.filter((name) => existsSync(join(root, name)))) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name);
      found.set(path, createHash("sha256").update(readFileSync(path)).digest("hex"));
    }
  }
  return found;
}

const before = digests();
const { exitCode } = run(process.execPath, [join("scripts", "generate.ts")]);
const after = digests();
const changed = [...after.keys()].filter((path) => after.get(path) !== before.get(path));
for (const path of changed) process.stderr.write(`${path} was out of date; it is written anew, commit it\n`);
process.exitCode = exitCode === 0 && changed.length === 0 ? 0 : 1;
