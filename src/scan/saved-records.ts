import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownReferences } from "../catalogue/references.ts";
import type { ServerRecord } from "../catalogue/server-record.ts";
import { AppError } from "../errors.ts";
import { categories } from "../policy/index.ts";

const fileBytesMax = 64 * 1024 * 1024;
const filesMax = 10_000;

/** Keeps a record in a folder, which is made, instead of an earlier one of that server. Throws when it cannot be written. */
export function saveRecord(folder: string, record: ServerRecord): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = fileOf(folder, record);
  const half = `${file}.${process.pid}.tmp`;
  writeFileSync(half, `${JSON.stringify({ record })}\n`, { mode: 0o600 });
  renameSync(half, file);
}

/** The record that was kept last of a record's server; undefined when there is none that can be read. */
export function readSavedRecord(folder: string, record: ServerRecord): ServerRecord | undefined {
  return readRecordFile(fileOf(folder, record));
}

/** The record of a file: one that was saved, or the one of `scan --json` for one server. Undefined for anything else. */
export function readRecordFile(file: string): ServerRecord | undefined {
  try {
    if (statSync(file).size > fileBytesMax) return undefined;
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return recordIn(value);
  } catch {
    return undefined;
  }
}

/** A change of a folder within so many milliseconds may not show in the folder's time yet. */
const settledMs = 2_000;

/**
 * Follows the records of a folder: each call returns those that were written since the call before, the first call all of
 * them, the earliest look first; none where there is no folder. As long as nothing is written a call costs one `stat`.
 * Throws `FILE_UNREADABLE` for a folder that is there and cannot be read: then it is not known what is known.
 */
export function followRecords(folder: string): (nowMs: number) => readonly ServerRecord[] {
  const read = new Map<string, string>();
  let readAtMs: number | undefined;
  return (nowMs) => {
    const changedMs = onFolder(folder, () => statSync(folder).mtimeMs);
    if (changedMs === undefined || changedMs === readAtMs) return [];
    const names = onFolder(folder, () => readdirSync(folder)) ?? [];
    const files = names.filter((name) => name.endsWith(".json")).toSorted();
    const records = files.slice(0, filesMax).flatMap((name) => {
      const mark = markOf(join(folder, name));
      if (mark === undefined || read.get(name) === mark) return [];
      read.set(name, mark);
      return readRecordFile(join(folder, name)) ?? [];
    });
    readAtMs = nowMs - changedMs < settledMs ? undefined : changedMs;
    return records.toSorted((a, b) => (a.scannedAt < b.scannedAt ? -1 : a.scannedAt > b.scannedAt ? 1 : 0));
  };
}

/** What tells a file from one that was put in its place; undefined when it is gone. */
function markOf(file: string): string | undefined {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}

function onFolder<T>(folder: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    if (code === "ENOENT") return undefined;
    throw new AppError("FILE_UNREADABLE", `the records in \`${folder}\` cannot be read: ${code}`, { cause: error });
  }
}

/** Named after what was looked at, whatever a client calls it: one file for each server. */
function fileOf(folder: string, record: ServerRecord): string {
  const [name = record.slug] = ownReferences(record);
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return join(folder, `${name.replaceAll(/[^a-z0-9]+/gu, "-").slice(0, 150)}-${digest}.json`);
}

function recordIn(value: unknown): ServerRecord | undefined {
  if (isServerRecord(value)) return value;
  if (typeof value !== "object" || value === null) return undefined;
  if ("record" in value) return recordIn(value.record);
  if (!("servers" in value) || !Array.isArray(value.servers) || value.servers.length !== 1) return undefined;
  const [only]: readonly unknown[] = value.servers;
  return recordIn(only);
}

/** Whether a file's value has what a record is read for. Files are the user's own; what is wrong in them harms nobody else. */
function isServerRecord(value: unknown): value is ServerRecord {
  if (!hasTexts(value, ["slug", "name", "scannedAt", "definitionsSha256"])) return false;
  if (!("tools" in value) || !Array.isArray(value.tools) || !value.tools.every(isTool)) return false;
  const lists = ["packages", "remotes", "findings"].every((key) => Array.isArray(memberOf(value, key)));
  const isWhole =
    hasTexts(memberOf(value, "identity"), ["level"]) &&
    hasTexts(memberOf(value, "posture"), ["auth"]) &&
    hasTexts(memberOf(value, "grade"), ["letter"]) &&
    typeof memberOf(value, "counts") === "object";
  return lists && isWhole;
}

function isTool(value: unknown): boolean {
  return (
    hasTexts(value, ["name", "category", "risk", "reason"]) &&
    categories.some((category) => category === memberOf(value, "category")) &&
    Array.isArray(memberOf(value, "findings")) &&
    hasTexts(memberOf(value, "digests"), ["definition", "description", "schema", "annotations"])
  );
}

function hasTexts(value: unknown, keys: readonly string[]): value is object {
  return keys.every((key) => typeof memberOf(value, key) === "string");
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
