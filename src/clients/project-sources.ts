import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { ConfiguredAccess } from "./configured-server.ts";
import { packageOfAccess } from "./package-of-command.ts";
import { readPlainFile } from "./read-plain-file.ts";

const bytesMax = 64 * 1024;
const packageBytesMax = 1024 * 1024;

/** What in a file of npm's settings decides where a package comes from, or what runs it. */
const decides =
  /^\s*(?:@[^=\s]*:)?(?:registry|script-shell|node-options|prefix|cache|shell|globalconfig|userconfig)/imu;

/**
 * Why a package that is started in a project's folder may be another one there: the project, or a folder around it, holds
 * it itself, or settings of the program that fetches it. Undefined where nothing of it is there; a clause for people.
 */
export function sourceDoubt(access: ConfiguredAccess, project: string): string | undefined {
  const reference = packageOfAccess(access);
  if (access.kind === "url" || reference?.registry !== "npm") return undefined;
  const { name } = reference;
  const program = name.replace(/^@[^/]+\//u, "");
  for (const folder of foldersAround(project)) {
    const modules = join(folder, "node_modules");
    if (existsSync(join(modules, name)) || existsSync(join(modules, ".bin", program)))
      return `\`${modules}\` has a \`${name}\` of its own, which is what runs`;
    if (hasProgram(join(folder, "package.json"), program))
      return `the \`package.json\` of \`${folder}\` has a program of that name, which is what runs`;
    const file = settingsFiles.find((one) => isDeciding(join(folder, one), one));
    if (file !== undefined) return `\`${file}\` in \`${folder}\` may decide what is fetched or run`;
  }
  return undefined;
}

const settingsFiles = [".npmrc", "bunfig.toml", ".yarnrc.yml", ".yarnrc"];

/** A project's folder and those around it, up to the user's own, whose settings are the user's. */
function foldersAround(project: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = project; folder !== homedir() && !folders.includes(folder); folder = dirname(folder)) {
    folders.push(folder);
  }
  return folders;
}

/** Whether a package's file names a program so; one that cannot be read may. */
function hasProgram(file: string, program: string): boolean {
  const read = readPlainFile(file, packageBytesMax);
  if (read.kind === "absent") return false;
  if (read.kind === "fault") return true;
  try {
    const { bin, name }: { bin?: unknown; name?: unknown } = JSON.parse(read.text);
    if (typeof bin === "string") return typeof name === "string" && name.replace(/^@[^/]+\//u, "") === program;
    return typeof bin === "object" && bin !== null && program in bin;
  } catch {
    return true;
  }
}

function isDeciding(file: string, name: string): boolean {
  const read = readPlainFile(file, bytesMax);
  if (read.kind === "absent") return false;
  return name !== ".npmrc" || read.kind === "fault" || decides.test(read.text);
}
