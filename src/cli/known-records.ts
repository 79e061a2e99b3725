import type { CatalogueEntry } from "../catalogue-store/catalogue-store.ts";
import type { ServerRecord } from "../catalogue/server-record.ts";
import type { ConfiguredServer } from "../clients/configured-server.ts";
import { packageOfCommand } from "../clients/package-of-command.ts";
import { openCatalogueStore } from "../compose/catalogue.ts";
import { recordFolder } from "../config/home.ts";
import { matchRecord, recordOfServer, savedRecords } from "../scan/saved-records.ts";

/** What is known of servers: own scans, imports, and the facts that come along, local corrections counted. */
export interface KnownRecords {
  /** The server that a name is meant to be: a package, an address, a slug, a name. */
  named(asked: string): ServerRecord | undefined;
  /** The server of a configuration: by package or address, by name only where it has neither. */
  ofServer(server: Pick<ConfiguredServer, "name" | "access">): ServerRecord | undefined;
  close(): void;
}

/**
 * Opens what is known; whoever opened it closes it. A server whose tools nobody saw is not known. Throws as
 * `openCatalogueStore` and `savedRecords` do.
 */
export function openKnownRecords(): KnownRecords {
  const own = savedRecords(recordFolder());
  const store = openCatalogueStore();
  const examined = (entry: CatalogueEntry | undefined): ServerRecord | undefined =>
    entry?.isExamined === true ? entry.record : undefined;
  const ofPackage = (registry: string, name: string): ServerRecord | undefined => {
    const record = examined(store.findServer(name));
    const isIt = record?.packages.some((known) => known.registry === registry && known.name === name) === true;
    return isIt ? record : undefined;
  };
  /** A record of one's own as the catalogue has it, which knows of corrections. */
  const corrected = (record: ServerRecord): ServerRecord => {
    const [reference] = record.packages;
    if (reference !== undefined) return ofPackage(reference.registry, reference.name) ?? record;
    const kept = examined(store.server(record.slug));
    return kept?.definitionsSha256 === record.definitionsSha256 ? kept : record;
  };
  return {
    named: (asked) => {
      const mine = matchRecord(own, asked);
      return mine === undefined ? examined(store.findServer(asked)) : corrected(mine);
    },
    ofServer: (server) => {
      const mine = recordOfServer(own, server);
      if (mine !== undefined) return corrected(mine);
      const { access } = server;
      const found = access.kind === "command" ? packageOfCommand(access.command, access.args) : undefined;
      return found === undefined ? undefined : ofPackage(found.registry, found.name);
    },
    close: () => store.close(),
  };
}
