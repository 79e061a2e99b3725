import { createHash } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { basename, delimiter, isAbsolute, join, resolve } from "node:path";
import { commandReference, packageReference } from "../catalogue/references.ts";
import type { ConfiguredAccess } from "./configured-server.ts";
import { isDecidingVariable } from "./deciding-variables.ts";
import { expandAccess } from "./expand.ts";
import { packageOfAccess } from "./package-of-command.ts";
import { plainAddress } from "./plain-address.ts";

/** Where and with what a command is started, when its configuration does not say. */
export interface StartPlace {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A command of a configuration. */
export type CommandAccess = Pick<ConfiguredAccess & { readonly kind: "command" }, "command" | "args" | "cwd" | "env">;

/**
 * What a configured server is looked up by: its package, its address, or what its command starts. What the client calls
 * it says nothing. Undefined where only the client knows what is started.
 */
export function referenceOfAccess(access: ConfiguredAccess, place: StartPlace): string | undefined {
  const found = packageOfAccess(access);
  if (found !== undefined) return packageReference(found);
  const expanded = expandAccess({ ...access, ...withoutValues(access) }, place.environment, place.folder);
  if (!expanded.ok) return undefined;
  return expanded.access.kind === "command"
    ? commandReference(commandSha256(expanded.access, place))
    : plainAddress(expanded.access.url)?.toLowerCase();
}

/** What headers, and variables that decide nothing, hold does not tell servers apart, and may be known to the client alone. */
function withoutValues(access: ConfiguredAccess) {
  return access.kind === "command" ? { env: Object.fromEntries(decidingEntries(access.env)) } : { headers: {} };
}

function decidingEntries(env: CommandAccess["env"]): readonly (readonly [string, string])[] {
  return Object.entries(env)
    .filter(([name]) => isDecidingVariable(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Programs that start what their arguments name, or what the folder holds. */
const starters =
  /^(?:node|nodejs|bun|deno|tsx|ts-node|python[\d.]*|pypy[\d.]*|ruby|perl|php|java|dotnet|env|cmd|powershell|pwsh|(?:ba|da|z|k|fi)?sh|np[mx]|pnp[mx]|yarn|bunx|uvx?|pipx|poetry|make|go|cargo|docker|podman)$/iu;

/**
 * SHA-256 (hex) of what a command starts: the program's path, its arguments, variables that decide what runs, and the folder, unless the program, or the
 * script that it runs, is named by an absolute path. Another path to a file of the same name is another command.
 */
export function commandSha256({ command, args, cwd, env }: CommandAccess, { folder, environment }: StartPlace): string {
  const home = resolve(folder, cwd ?? "");
  const isStarter = starters.test(basename(command).replace(/\.(?:exe|cmd)$/iu, ""));
  const isBare = !/[/\\]/u.test(command);
  const program = isBare ? ((isStarter ? undefined : onPath(command, environment)) ?? command) : resolve(home, command);
  const isPlain = (isStarter ? startsAbsoluteFile(args) : isAbsolute(program)) && args.every(namesNoFileHere);
  return createHash("sha256")
    .update(JSON.stringify([program, args, isPlain ? null : home, ...decidingEntries(env)]))
    .digest("hex");
}

/** Whether nothing but an absolute path says what runs: options with values before it may name files, too. */
function startsAbsoluteFile(args: readonly string[]): boolean {
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  return isAbsolute(args[at] ?? "") && args.slice(0, at).every((option) => !/[=/\\]/u.test(option));
}

/** Whether an argument cannot name something in the folder: an absolute path, an option's name, a plain word. */
function namesNoFileHere(arg: string): boolean {
  return isAbsolute(arg) ? !/[\s;&|]/u.test(arg) : /^(?:-{1,2}[A-Za-z][\w-]*|[A-Za-z0-9_-]+)$/u.test(arg);
}

function onPath(program: string, environment: StartPlace["environment"]): string | undefined {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
