import type { TakenServer } from "../catalogue-store/catalogue-store.ts";
import { takeRecords } from "../catalogue-store/take-records.ts";
import type { Change } from "../catalogue/changes.ts";
import type { ServerRecord } from "../catalogue/server-record.ts";
import { systemClock } from "../clock.ts";
import { composeCatalogue } from "../compose/catalogue.ts";
import { recordFolder } from "../config/home.ts";
import { saveRecord } from "../scan/saved-records.ts";
import { shown } from "./output/rows.ts";

/** What changed since an earlier look at a server. */
export interface Since {
  /** RFC 3339: when that look was. */
  readonly seenAt: string;
  readonly changes: readonly Change[];
}

/**
 * Takes the records of a scan into the data folder's catalogue, and keeps them for those of gateways. Returns, for each
 * that was seen before, what changed since; undefined where the catalogue cannot be used. What could not be kept is said
 * on standard error and stops nothing.
 */
export function keepScans(records: readonly ServerRecord[]): ReadonlyMap<ServerRecord, Since> | undefined {
  const changed = takeIn(records);
  for (const record of records) keepRecord(recordFolder(), record);
  return changed;
}

function takeIn(records: readonly ServerRecord[]): ReadonlyMap<ServerRecord, Since> | undefined {
  const changed = new Map<ServerRecord, Since>();
  try {
    const { store } = composeCatalogue();
    try {
      for (const record of records) {
        const since = sinceOf(takeRecords(store, [record], systemClock.wallMs())[0]);
        if (since !== undefined) changed.set(record, since);
      }
    } finally {
      store.close();
    }
    return changed;
  } catch (error) {
    process.stderr.write(`the catalogue was not brought up to date: ${shown(reasonOf(error))}\n`);
    return undefined;
  }
}

function sinceOf(taken: TakenServer | undefined): Since | undefined {
  return taken?.seenAt === undefined ? undefined : { seenAt: taken.seenAt, changes: taken.changes };
}

/** Keeps a record in a folder. What could not be kept is said on standard error and stops nothing. */
export function keepRecord(folder: string, record: ServerRecord): void {
  try {
    saveRecord(folder, record);
  } catch (error) {
    process.stderr.write(`the record of ${shown(record.name)} was not kept: ${shown(reasonOf(error))}\n`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
