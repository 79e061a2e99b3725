import { type AttackDatabase, loadAttacks } from "../attacks/load-entries.ts";
import { openCatalogue } from "../catalogue-store/open-catalogue.ts";
import { type ChangeReceiver, deliverChanges } from "../catalogue-store/deliver-changes.ts";
import type { SqliteCatalogue } from "../catalogue-store/sqlite-catalogue.ts";
import { takeRecords } from "../catalogue-store/take-records.ts";
import type { CatalogueParts } from "../catalogue-store/views.ts";
import { systemClock } from "../clock.ts";
import { defaultCatalogueFile, recordFolder } from "../config/home.ts";
import type { Logger } from "../logger.ts";
import { followRecords } from "../scan/saved-records.ts";
import { createOutboundFetch } from "../transports/http/outbound-fetch.ts";

/** A catalogue that follows the records of scans. */
export interface FollowedCatalogue extends CatalogueParts {
  readonly store: SqliteCatalogue;
  /** Takes in what was scanned since the last time. */
  readonly takeScans: () => void;
}

/**
 * Opens the catalogue, by default that of the data folder, with the facts that come along and the records of scans taken
 * in, and the attack database beside it, which is read when it is asked for first. Works offline. Throws as
 * {@link openCatalogue} does, and `FILE_UNREADABLE`.
 */
export function composeCatalogue(file: string = defaultCatalogueFile()): FollowedCatalogue {
  const store = openCatalogue(file, systemClock.wallMs());
  let newRecords = followRecords(recordFolder());
  const takeScans = (): void => {
    const nowMs = systemClock.wallMs();
    try {
      takeRecords(store, newRecords(nowMs), nowMs);
    } catch (error) {
      // What was read and not taken in is read again the next time.
      newRecords = followRecords(recordFolder());
      throw error;
    }
  };
  try {
    takeScans();
  } catch (error) {
    store.close();
    throw error;
  }
  return { store, ...attackParts(), takeScans };
}

/** The attack database, which is read when it is asked for first. */
function attackParts(): Omit<CatalogueParts, "store"> {
  let database: AttackDatabase | undefined;
  const read = (): AttackDatabase => (database ??= loadAttacks());
  return { attacks: () => read().attacks, withoutEntry: read };
}

/** A catalogue that is opened when it is asked for first. */
export interface LazyCatalogue {
  readonly parts: () => CatalogueParts;
  /** Closes it if it was opened. */
  close(): void;
}

/**
 * The catalogue of a file for a process that goes on: whenever it is asked for, scans that were made meanwhile are in it.
 * `parts` throws as {@link composeCatalogue} does.
 */
export function lazyCatalogue(file: string): LazyCatalogue {
  let opened: FollowedCatalogue | undefined;
  return {
    parts: () => {
      if (opened === undefined) opened = composeCatalogue(file);
      else opened.takeScans();
      return opened;
    },
    close: () => opened?.store.close(),
  };
}

/** Sends the catalogue's changes to a webhook of the operator's file until the signal. */
export function deliverCatalogue(
  receiver: ChangeReceiver,
  catalogue: LazyCatalogue,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const send = createOutboundFetch();
  return deliverChanges(receiver, {
    store: () => catalogue.parts().store,
    clock: systemClock,
    // Who writes the operator's file may name the operator's own machines.
    post: (url, headers, body) =>
      send(url, { method: "POST", headers, body, allowPrivate: true, wants: "head" }).then(
        ({ ok }) => ok,
        () => false,
      ),
    onFailure: (failures, nextMs) => logger.warn({ failures, nextMs }, "a webhook of the catalogue was not taken"),
    signal,
  });
}
