import type { ServerRecord } from "../catalogue/server-record.ts";
import { saveRecord } from "../scan/saved-records.ts";
import { shown } from "./output/rows.ts";

/** Keeps a record in a folder. What could not be kept is said on standard error and stops nothing. */
export function keepRecord(folder: string, record: ServerRecord): void {
  try {
    saveRecord(folder, record);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`the record of ${shown(record.name)} was not kept: ${shown(reason)}\n`);
  }
}
