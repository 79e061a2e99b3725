import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AppError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { hasHook, withHook, withoutHook } from "./hook-settings.ts";
import { isWithin, realPlace } from "./within.ts";

/** What was done to a settings file. */
export type HookChange = "written" | "already_there" | "restored" | "taken_out" | "not_there";

/** What the file was before we wrote to it, so that it can be put back as it was. */
interface Backup {
  readonly file: string;
  /** Null when there was none. */
  readonly before: string | null;
  /** SHA-256 of what we wrote, hex. */
  readonly afterSha256: string;
}

/** A settings file, and what is kept about it. */
export interface HookPlace {
  readonly file: string;
  /** A folder that links of the file must not lead out of; undefined where they may lead anywhere. */
  readonly within: string | undefined;
  readonly backupFolder: string;
}

/**
 * Puts the hook into a settings file once, and keeps what the file was. Throws `FILE_UNREADABLE` when it is no plain JSON
 * object, or leads out of its folder: then it is left alone.
 */
export function installHook(place: HookPlace, command: string): HookChange {
  const { file, backupFolder } = place;
  const target = targetOf(place);
  const before = readText(target);
  const settings = before === undefined ? {} : parseSettings(before, file);
  if (hasHook(settings, command)) return "already_there";
  const text = formatLike(withHook(settings, command), before);
  const backup = readBackup(target, backupFolder);
  // A newer command over our own: what was there before the first of them is what is put back.
  const isOurs = before !== undefined && backup?.afterSha256 === sha256(before);
  saveBackup(backupFolder, {
    file: target,
    before: isOurs ? backup.before : (before ?? null),
    afterSha256: sha256(text),
  });
  writeText(target, text);
  return "written";
}

/**
 * Takes the hook out: the file becomes what it was, byte for byte, when nobody changed it since; else only the hook goes.
 * Throws as {@link installHook} does.
 */
export function removeHook(place: HookPlace): HookChange {
  const { file, backupFolder } = place;
  const target = targetOf(place);
  const text = readText(target);
  if (text === undefined) return "not_there";
  const backup = readBackup(target, backupFolder);
  if (backup?.afterSha256 === sha256(text)) {
    if (backup.before === null) rmSync(target);
    else writeText(target, backup.before);
    rmSync(backupFile(target, backupFolder), { force: true });
    return "restored";
  }
  const settings = parseSettings(text, file);
  if (!hasHook(settings)) return "not_there";
  writeText(target, formatLike(withoutHook(settings), text));
  rmSync(backupFile(target, backupFolder), { force: true });
  return "taken_out";
}

/** The file itself, links followed. */
function targetOf({ file, within }: HookPlace): string {
  if (within !== undefined && !isWithin(file, within)) {
    throw new AppError(
      "FILE_UNREADABLE",
      `\`${file}\` is a link out of the project, to \`${realPlace(file)}\`, and was left alone: put a file of the project in its place`,
    );
  }
  const target = realPlace(file);
  if (existsSync(target) && !statSync(target).isFile())
    throw new AppError("FILE_UNREADABLE", `\`${file}\` is no plain file and was left alone: put one in its place`);
  return target;
}

function parseSettings(text: string, file: string): JsonObject {
  try {
    const value: JsonValue = text.trim() === "" ? {} : JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below: what cannot be read is not written over.
  }
  throw new AppError(
    "FILE_UNREADABLE",
    `\`${file}\` is no plain JSON object and was left alone: mend it, or add the hook by hand as \`callgate install-hook --print\` shows it`,
  );
}

function formatLike(settings: JsonObject, before: string | undefined): string {
  const indent = /\n([ \t]+)"/u.exec(before ?? "")?.[1] ?? "  ";
  return `${JSON.stringify(settings, undefined, indent)}${before === undefined || before.endsWith("\n") ? "\n" : ""}`;
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function writeText(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0o600;
  const half = `${file}.${process.pid}.tmp`;
  // A file of that name that is there already was put there by somebody else.
  writeFileSync(half, text, { mode, flag: "wx" });
  renameSync(half, file);
}

function backupFile(target: string, folder: string): string {
  return join(folder, `${sha256(target).slice(0, 32)}.json`);
}

function saveBackup(folder: string, backup: Backup): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeText(backupFile(backup.file, folder), JSON.stringify(backup));
}

function readBackup(target: string, folder: string): Backup | undefined {
  const text = readText(backupFile(target, folder));
  try {
    const value: JsonValue = JSON.parse(text ?? "null");
    if (!isObject(value)) return undefined;
    const { file, before, afterSha256 } = value;
    if (file !== target || typeof afterSha256 !== "string") return undefined;
    return typeof before === "string" || before === null ? { file, before, afterSha256 } : undefined;
  } catch {
    return undefined;
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
