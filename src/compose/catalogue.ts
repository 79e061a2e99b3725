import { loadAttacks } from "../attacks/load-entries.ts";
import type { CatalogueStore } from "../catalogue-store/catalogue-store.ts";
import { openCatalogue } from "../catalogue-store/open-catalogue.ts";
import { type ChangeReceiver, deliverChanges } from "../catalogue-store/deliver-changes.ts";
import { takeRecords } from "../catalogue-store/take-records.ts";
import type { CatalogueParts } from "../catalogue-store/views.ts";
import { systemClock } from "../clock.ts";
import { defaultCatalogueFile, recordFolder } from "../config/home.ts";
import type { Logger } from "../logger.ts";
import { savedRecords } from "../scan/saved-records.ts";
import { createOutboundFetch } from "../transports/http/outbound-fetch.ts";

/** Opens the catalogue with the attack database beside it. Throws as {@link openCatalogueStore} does. */
export function composeCatalogue(file?: string): CatalogueParts {
  return partsOf(openCatalogueStore(file));
}

/**
 * Opens the catalogue, by default that of the data folder, with the facts that come along and the records of scans taken
 * in. Works offline. Throws as {@link openCatalogue} does.
 */
export function openCatalogueStore(file: string = defaultCatalogueFile()): ReturnType<typeof openCatalogue> {
  const nowMs = systemClock.wallMs();
  const store = openCatalogue(file, nowMs);
  try {
    const scanned = savedRecords(recordFolder()).map(({ record }) => record);
    takeRecords(store, scanned, nowMs);
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** A catalogue together with the attack database, which is read when it is asked for first. */
function partsOf(store: CatalogueStore): CatalogueParts {
  let attacks: ReturnType<CatalogueParts["attacks"]> | undefined;
  return { store, attacks: () => (attacks ??= loadAttacks().attacks) };
}

/** A catalogue that is opened when it is asked for first. */
export interface LazyCatalogue {
  readonly parts: () => CatalogueParts;
  /** Closes it if it was opened. */
  close(): void;
}

/** The catalogue of a file for a gateway that serves it. `parts` throws as {@link openCatalogueStore} does. */
export function lazyCatalogue(file: string): LazyCatalogue {
  let opened: CatalogueParts | undefined;
  return {
    parts: () => (opened ??= composeCatalogue(file)),
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
