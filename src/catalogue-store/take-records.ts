import { ownReferences } from "../catalogue/references.ts";
import type { ServerRecord } from "../catalogue/server-record.ts";
import type { CatalogueStore, TakenServer } from "./catalogue-store.ts";

/**
 * Takes records of one's own scans in, as far as they are newer than what is known; what differs from before goes into the
 * change feed. A record that does not say what was started is of no use.
 */
export function takeRecords(
  catalogue: CatalogueStore,
  records: readonly ServerRecord[],
  nowMs: number,
): readonly TakenServer[] {
  const newer = records.filter((record) => isNewer(catalogue, record));
  const entries = newer.map((record) => ({ record, origin: "local", isExamined: true }) as const);
  return entries.length === 0 ? [] : catalogue.put(entries, nowMs);
}

function isNewer(catalogue: CatalogueStore, record: ServerRecord): boolean {
  const [reference] = ownReferences(record);
  if (reference === undefined) return false;
  const known = catalogue.serverOf(reference);
  const isLook = known?.origin === "local" && known.isExamined && known.record.source === "live";
  return !isLook || known.record.scannedAt < record.scannedAt;
}
