import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { ConfiguredAccess } from "./configured-server.ts";
import { isDecidingVariable } from "./deciding-variables.ts";
import { expandAccess } from "./expand.ts";

/**
 * What starts a server that is no package, as SHA-256, hex: program and arguments, with the files that they name, and the
 * variables and the folder that decide what runs. Another program under the same name has another one. Undefined for a
 * server at an address, and where only the client knows the command.
 */
export function launchOf(access: ConfiguredAccess, project: string): string | undefined {
  const expanded = expandAccess(access, process.env, project);
  if (!expanded.ok || expanded.access.kind === "url") return undefined;
  const { command, args, env, cwd } = expanded.access;
  const folder = resolve(project, cwd ?? "");
  const words = [command, ...args].map((word) => (existsSync(resolve(folder, word)) ? resolve(folder, word) : word));
  // A program on its own, or an interpreter with a script, is the same from every folder; anything else may look around.
  const [program = "", script = program] = words;
  const place = cwd === undefined && isAbsolute(script) ? "" : folder;
  const variables = Object.entries(env).filter(([name]) => isDecidingVariable(name));
  return createHash("sha256")
    .update(JSON.stringify([words, place, variables.toSorted(([a], [b]) => (a < b ? -1 : 1))]))
    .digest("hex");
}
