import type { ServerRecord } from "../catalogue/server-record.ts";
import type { CatalogueEntry, CatalogueStore } from "./catalogue-store.ts";

/**
 * Takes records of one's own scans in, where they are newer than what is known; what differs from before goes into the
 * change feed. A scan only knows a command or an address: where exactly one known server has that package or address, the
 * record is its.
 */
export function takeRecords(
  catalogue: CatalogueStore,
  records: readonly ServerRecord[],
  nowMs: number,
): { readonly kept: number; readonly changes: number } {
  const newer = records.flatMap((scanned): readonly CatalogueEntry[] => {
    const record = asKnown(catalogue, scanned);
    const known = catalogue.server(record.slug);
    const isNewer = known === undefined || known.origin === "bundled" || known.record.scannedAt < record.scannedAt;
    return isNewer ? [{ record, origin: "local", isExamined: true }] : [];
  });
  return newer.length === 0 ? { kept: 0, changes: 0 } : catalogue.put(newer, nowMs);
}

function asKnown(catalogue: CatalogueStore, record: ServerRecord): ServerRecord {
  const [reference] = record.packages;
  const name = reference?.name ?? record.remotes[0];
  const known = name === undefined ? undefined : catalogue.findServer(name)?.record;
  if (known === undefined || known.slug === record.slug) return record;
  const { slug, name: knownName, identity, repository } = known;
  return { ...record, slug, name: knownName, identity, ...(repository === undefined ? {} : { repository }) };
}
