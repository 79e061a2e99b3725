import type { CatalogueEntry } from "../catalogue-store/catalogue-store.ts";
import type { PackageReference, ServerRecord } from "../catalogue/server-record.ts";
import type { ConfiguredServer } from "../clients/configured-server.ts";
import { launchOf } from "../clients/launch-of.ts";
import { packageOfAccess } from "../clients/package-of-command.ts";
import { sourceDoubt } from "../clients/project-sources.ts";
import { openCatalogueStore } from "../compose/catalogue.ts";
import { recordFolder } from "../config/home.ts";
import { matchRecord, recordOfServer, savedRecords } from "../scan/saved-records.ts";

/** What is known of servers: own scans, imports, and the facts that come along, local corrections counted. */
export interface KnownRecords {
  /** The server that a name is meant to be: a package, an address, a slug, a name. */
  named(asked: string): ServerRecord | undefined;
  /** The server of a configuration: by package, address, or what starts it; never by its name alone. */
  ofServer(server: Pick<ConfiguredServer, "name" | "access" | "doubt">): KnownServer;
  close(): void;
}

/** What is known of a configured server. */
export interface KnownServer {
  readonly record: ServerRecord | undefined;
  /** Why the server may be another one than the record's, or another version of it; a clause for people. */
  readonly doubt: string | undefined;
}

/**
 * Opens what is known, for servers that are started in a project's folder; whoever opened it closes it. A server whose tools nobody saw is not known. Throws as
 * `openCatalogueStore` and `savedRecords` do.
 */
export function openKnownRecords(project: string): KnownRecords {
  const saved = savedRecords(recordFolder());
  const own = saved.map(({ record }) => record);
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
      if (server.doubt !== undefined) return { record: undefined, doubt: server.doubt };
      const source = sourceDoubt(server.access, project);
      if (source !== undefined) return { record: undefined, doubt: source };
      const found = packageOfAccess(server.access);
      const mine = recordOfServer(saved, server, launchOf(server.access, project));
      const known = found === undefined ? undefined : ofPackage(found.registry, found.name);
      const record = mine === undefined ? known : corrected(mine);
      if (record === undefined || found === undefined) return { record, doubt: undefined };
      return { record, doubt: versionDoubt(record, found) };
    },
    close: () => store.close(),
  };
}

/** A version that nobody looked at is not vouched for by what another one listed. */
function versionDoubt({ packages }: ServerRecord, { registry, name, version }: PackageReference): string | undefined {
  const seen = packages.find((known) => known.registry === registry && known.name === name)?.version;
  if (version === undefined || version === seen) return undefined;
  const what = seen === undefined ? "which version was, nothing says" : `what is known is of ${seen}`;
  return `version ${version} was not looked at: ${what}`;
}
