import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../errors.ts";
import { categories } from "../policy/index.ts";
import type { ConfiguredServer } from "../clients/configured-server.ts";
import { packageOfAccess } from "../clients/package-of-command.ts";
import { plainAddress } from "../clients/plain-address.ts";
import type { ServerRecord } from "../catalogue/server-record.ts";

const fileBytesMax = 64 * 1024 * 1024;
const filesMax = 10_000;

/** A record with what started its server (`launchOf`), where that was a program. */
export interface SavedRecord {
  readonly record: ServerRecord;
  readonly launch: string | undefined;
}

/** Keeps a record in a folder, which is made, instead of an earlier one of that server. Throws when it cannot be written. */
export function saveRecord(folder: string, { record, launch }: SavedRecord): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = fileOf(folder, record.slug);
  const half = `${file}.${process.pid}.tmp`;
  writeFileSync(half, `${JSON.stringify({ record, launch })}\n`, { mode: 0o600 });
  renameSync(half, file);
}

/** The record of that slug; undefined when there is none that can be read. */
export function readSavedRecord(folder: string, slug: string): ServerRecord | undefined {
  return readRecordFile(fileOf(folder, slug));
}

/** The record of a file: one that was saved, or the one of `scan --json` for one server. Undefined for anything else. */
export function readRecordFile(file: string): ServerRecord | undefined {
  return recordIn(readValue(file));
}

function readValue(file: string): unknown {
  try {
    return statSync(file).size > fileBytesMax ? undefined : JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * All records of a folder, the newest of a server each; none where there is no folder. Throws `FILE_UNREADABLE` for a
 * folder that is there and cannot be read: then it is not known what is known.
 */
export function savedRecords(folder: string): readonly SavedRecord[] {
  return filesOf(folder).flatMap((name) => {
    const value = readValue(join(folder, name));
    const record = recordIn(value);
    const launch = memberOf(value, "launch");
    return record === undefined ? [] : [{ record, launch: typeof launch === "string" ? launch : undefined }];
  });
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .toSorted()
      .slice(0, filesMax);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    if (code === "ENOENT") return [];
    throw new AppError("FILE_UNREADABLE", `the records in \`${folder}\` cannot be read: ${code}`, { cause: error });
  }
}

/** Pure. The record that a name is meant to be: of a package first, then of an address, a slug, a server's own name. */
export function matchRecord(records: readonly ServerRecord[], asked: string): ServerRecord | undefined {
  const isAsked = (name: string): boolean => name.toLowerCase() === asked.toLowerCase();
  return (
    records.find(({ packages }) => packages.some(({ name }) => isAsked(name))) ??
    records.find((record) => isAt(record, asked)) ??
    records.find(({ slug }) => isAsked(slug)) ??
    records.find(({ name }) => isAsked(name))
  );
}

/**
 * Pure. The record of a configured server: of its package, its address, or for any other program of what starts it
 * (`launchOf`) and the name that a client gives it. A server about which there is doubt has none.
 */
export function recordOfServer(
  saved: readonly SavedRecord[],
  { name, access, doubt }: Pick<ConfiguredServer, "name" | "access" | "doubt">,
  launch: string | undefined,
): ServerRecord | undefined {
  if (doubt !== undefined) return undefined;
  const records = saved.map(({ record }) => record);
  const found = packageOfAccess(access);
  if (found !== undefined)
    return records.find(({ packages }) =>
      packages.some((known) => known.name === found.name && known.registry === found.registry),
    );
  if (access.kind === "url") return records.find((record) => isAt(record, access.url));
  return saved.find((known) => launch !== undefined && known.launch === launch && known.record.name === name)?.record;
}

/** Whether a server was looked at there. Older records hold addresses as they were given. */
function isAt({ remotes }: ServerRecord, url: string): boolean {
  const address = plainAddress(url);
  return address !== undefined && remotes.some((remote) => remote === address || plainAddress(remote) === address);
}

function fileOf(folder: string, slug: string): string {
  return join(folder, `${slug.replaceAll(/[^a-z0-9-]/gu, "-").slice(0, 200)}.json`);
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
