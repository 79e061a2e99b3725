import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { classifiedOf } from "../catalogue/apply-override.ts";
import { owaspOf } from "../catalogue/owasp-of.ts";
import { policyForTools } from "../catalogue/recommend.ts";
import type { ServerRecord, ToolRecord } from "../catalogue/server-record.ts";
import { AppError } from "../errors.ts";
import type { CatalogueEntry } from "./catalogue-store.ts";

/** A tool in a snapshot, without what follows from name, category and signals. */
type SnapshotTool = Omit<ToolRecord, "recommended" | "owasp">;

/** One server in a snapshot. */
interface SnapshotServer {
  readonly record: Omit<ServerRecord, "tools"> & { readonly tools: readonly SnapshotTool[] };
  readonly isExamined: boolean;
}

/** Facts about servers, ready to be put into a catalogue. */
export interface Snapshot {
  /** RFC 3339: when it was made. */
  readonly madeAt: string;
  readonly entries: readonly CatalogueEntry[];
}

const format = "callgate-catalogue-1";
const bytesMax = 64 * 1024 * 1024;

/** The snapshot that comes with Callgate, in a checkout and in the package. */
export const bundledSnapshotFile: URL = new URL("../../data/catalogue.json.gz", import.meta.url);

/** Pure. A snapshot as the bytes of its file, one server a line before it is compressed. */
export function writeSnapshot({ madeAt, entries }: Snapshot): Buffer {
  const lines = entries.map(({ record, isExamined }): SnapshotServer => ({
    record: { ...record, tools: record.tools.map(({ recommended: _recommended, owasp: _owasp, ...tool }) => tool) },
    isExamined,
  }));
  return gzipSync([{ format, madeAt }, ...lines].map((line) => JSON.stringify(line)).join("\n"), { level: 9 });
}

/** Pure. Reads a snapshot's bytes. Throws `INPUT_INVALID` for anything that is none, or of another version. */
export function readSnapshot(bytes: Buffer): Snapshot {
  const [first = "{}", ...lines] = linesOf(bytes);
  const head: { readonly format?: unknown; readonly madeAt?: unknown } = parseLine(first);
  if (head.format !== format || typeof head.madeAt !== "string") throw damaged();
  return {
    madeAt: head.madeAt,
    entries: lines.map((line) => {
      const { record, isExamined }: SnapshotServer = parseLine(line);
      return { record: { ...record, tools: record.tools.map(whole) }, origin: "bundled", isExamined };
    }),
  };
}

/** Reads a snapshot's file, by default the one that comes with Callgate. Throws `FILE_UNREADABLE` and `INPUT_INVALID`. */
export function loadSnapshot(file: string | URL = bundledSnapshotFile): Snapshot {
  return readSnapshot(readSnapshotBytes(file));
}

/** A snapshot's bytes. Throws `FILE_UNREADABLE`. */
export function readSnapshotBytes(file: string | URL): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new AppError("FILE_UNREADABLE", `the snapshot \`${String(file)}\` cannot be read`, { cause: error });
  }
}

function whole(tool: SnapshotTool): ToolRecord {
  const known: ToolRecord = { ...tool, owasp: owaspOf(tool), recommended: { version: "1", default: "deny" } };
  return { ...known, recommended: policyForTools([classifiedOf(known)], "balanced") };
}

function linesOf(bytes: Buffer): readonly string[] {
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax }).toString("utf8").split("\n");
  } catch (error) {
    throw damaged(error);
  }
}

function parseLine(line: string) {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw damaged(error);
  }
}

function damaged(cause?: unknown): AppError {
  return new AppError("INPUT_INVALID", "the file is no snapshot of a catalogue, or one of another version", { cause });
}
