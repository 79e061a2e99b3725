import { type SavedRecord, saveRecord } from "../scan/saved-records.ts";
import { shown } from "./output/rows.ts";

/** Keeps a record in a folder. What could not be kept is said on standard error and stops nothing. */
export function keepRecord(folder: string, saved: SavedRecord): void {
  try {
    saveRecord(folder, saved);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`the record of ${shown(saved.record.name)} was not kept: ${shown(reason)}\n`);
  }
}
