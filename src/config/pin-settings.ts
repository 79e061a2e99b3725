import { resolve } from "node:path";
import type { ProblemList } from "../documents/problem-list.ts";
import { report } from "./config-problems.ts";
import { volatileFault, volatileHint } from "../definitions/definition-digest.ts";
import { readLockOf } from "./lock-file.ts";
import type { SeenFile } from "./read-text-file.ts";
import type { ServerDocument } from "./schema.ts";
import { defaults, type PinSettings } from "./settings.ts";

/** How a server of the file is pinned. A lock file says itself what may change, so the two are not written together. */
export function readPin(
  name: string,
  { pin, volatile_text: volatile = [], lock }: ServerDocument,
  folder: string,
  at: (...steps: string[]) => string,
  problems: ProblemList,
  files: SeenFile[],
): PinSettings {
  const mode = pin ?? defaults.pinMode;
  for (const [index, pattern] of volatile.entries()) {
    const fault = volatileFault(pattern);
    if (fault !== undefined) report(problems, at("volatile_text", `${index}`), fault, volatileHint);
  }
  if (lock === undefined) return { mode, volatile, locked: undefined };
  if (volatile.length > 0) {
    report(problems, at("volatile_text"), "a lock file says itself what may change", "write it into the lock file");
  }
  const read = readLockOf(resolve(folder, lock), name);
  files.push(read.seen);
  if ("pin" in read) return { ...read.pin, mode };
  report(problems, at("lock"), read.problem.message, read.problem.hint);
  return { mode, volatile, locked: undefined };
}
