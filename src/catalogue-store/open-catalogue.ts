import { createHash } from "node:crypto";
import { bundledSnapshotFile, readSnapshot, readSnapshotBytes } from "./snapshot.ts";
import { openSqliteCatalogue, type SqliteCatalogue } from "./sqlite-catalogue.ts";

/**
 * Opens the catalogue in a file and takes in the facts that come with Callgate, unless these very facts are in it
 * already. Works offline. Throws as {@link openSqliteCatalogue} does.
 */
export function openCatalogue(
  path: string,
  nowMs: number,
  snapshot: string | URL = bundledSnapshotFile,
): SqliteCatalogue {
  const catalogue = openSqliteCatalogue(path);
  try {
    takeSnapshot(catalogue, readSnapshotBytes(snapshot), nowMs);
    return catalogue;
  } catch (error) {
    catalogue.close();
    throw error;
  }
}

/** Takes a snapshot's facts in; nothing happens when they were the last that were taken in. Throws `INPUT_INVALID`. */
export function takeSnapshot(
  catalogue: SqliteCatalogue,
  bytes: Buffer,
  nowMs: number,
): { readonly kept: number; readonly changes: number } {
  const mark = createHash("sha256").update(bytes).digest("hex");
  if (catalogue.snapshotMark() === mark) return { kept: 0, changes: 0 };
  const taken = catalogue.put(readSnapshot(bytes).entries, nowMs);
  catalogue.markSnapshot(mark);
  return {
    kept: taken.filter(({ outcome }) => outcome !== "same").length,
    changes: taken.reduce((sum, { changes }) => sum + changes.length, 0),
  };
}
