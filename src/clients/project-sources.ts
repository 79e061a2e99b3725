import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ConfiguredAccess } from "./configured-server.ts";
import { packageOfAccess } from "./package-of-command.ts";
import { readPlainFile } from "./read-plain-file.ts";

const bytesMax = 64 * 1024;

/** What in a file of npm's settings decides where a package comes from, or what runs it. */
const decides =
  /^\s*(?:@[^=\s]*:)?(?:registry|script-shell|node-options|prefix|cache|shell|globalconfig|userconfig)/imu;

/**
 * Why a package that is started in a project's folder may be another one there: the project holds it itself, or settings of
 * the program that fetches it. Undefined where nothing of it is there; a clause for people.
 */
export function sourceDoubt(access: ConfiguredAccess, project: string): string | undefined {
  const reference = packageOfAccess(access);
  if (access.kind === "url" || reference?.registry !== "npm") return undefined;
  const { name } = reference;
  if (existsSync(join(project, "node_modules", name)))
    return `the project has a \`${name}\` of its own in \`node_modules\`, which is what runs`;
  const file = [".npmrc", "bunfig.toml", ".yarnrc.yml", ".yarnrc"].find((one) => isDeciding(join(project, one), one));
  return file === undefined ? undefined : `\`${file}\` of the project may decide what is fetched or run`;
}

function isDeciding(file: string, name: string): boolean {
  const read = readPlainFile(file, bytesMax);
  if (read.kind === "absent") return false;
  return name !== ".npmrc" || read.kind === "fault" || decides.test(read.text);
}
