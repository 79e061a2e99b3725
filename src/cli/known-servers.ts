import type { CatalogueEntry } from "../catalogue-store/catalogue-store.ts";
import type { CatalogueParts } from "../catalogue-store/views.ts";
import { commandReference, packageReference } from "../catalogue/references.ts";
import type { PackageReference, ServerRecord } from "../catalogue/server-record.ts";
import { commandSlug } from "../catalogue/slug.ts";
import type { ConfiguredServer } from "../clients/configured-server.ts";
import { packageOfAccess } from "../clients/package-of-command.ts";
import { sourceDoubt } from "../clients/project-sources.ts";
import { referenceOfAccess } from "../clients/reference-of-access.ts";
import { systemClock } from "../clock.ts";
import { composeCatalogue } from "../compose/catalogue.ts";

/** What is known of a configured server. */
export interface KnownServer {
  readonly entry: CatalogueEntry | undefined;
  /** Why the server may be another one than the record's, or another version of it; a clause for people. */
  readonly doubt: string | undefined;
}

/** What is known of servers: own scans, imports, and the facts that come along, local corrections counted. */
export interface KnownServers {
  readonly parts: CatalogueParts;
  /** The server that a name is meant to be: a package, an address, a slug, a name. Who asks for an unknown one is remembered. */
  named(asked: string): CatalogueEntry | undefined;
  /** The server of a configuration, by what it starts or reaches; one that is not known is remembered. */
  ofServer(server: Pick<ConfiguredServer, "name" | "access" | "gate" | "doubt">, project: string): KnownServer;
  /** The server that answers for a reference. */
  ofReference(reference: string): CatalogueEntry | undefined;
  close(): void;
}

/**
 * Opens what is known; whoever opened it closes it. A server whose tools nobody saw is not known. Throws as
 * `composeCatalogue` does.
 */
export function openKnownServers(file?: string): KnownServers {
  const parts = composeCatalogue(file);
  const { store } = parts;
  const examined = (entry: CatalogueEntry | undefined): CatalogueEntry | undefined =>
    entry?.isExamined === true ? entry : undefined;
  const orAsked = (entry: CatalogueEntry | undefined, asked: string): CatalogueEntry | undefined => {
    if (entry === undefined) store.enqueue(asked.slice(0, askedMax), systemClock.wallMs());
    return entry;
  };
  return {
    parts,
    named: (asked) => orAsked(examined(store.findServer(asked)), asked),
    ofServer: ({ name, access, gate, doubt: told }, project) => {
      const doubt = told ?? (gate && sourceDoubt(gate, project)) ?? sourceDoubt(access, project);
      if (doubt !== undefined) return { entry: undefined, doubt };
      const reference = referenceOfAccess(access, { folder: project, environment: process.env });
      if (reference === undefined) return { entry: undefined, doubt };
      const command = commandReference("");
      const isCommand = reference.startsWith(command);
      const asked = isCommand ? commandSlug(name, reference.slice(command.length)) : reference;
      const entry = orAsked(examined(store.serverOf(reference)), asked);
      return { entry, doubt: entry && versionDoubt(entry.record, packageOfAccess(access)) };
    },
    ofReference: (reference) => examined(store.serverOf(reference)),
    close: () => store.close(),
  };
}

const askedMax = 214;

/** A version that nobody looked at is not vouched for by what another one listed. */
export function versionDoubt({ packages }: ServerRecord, asked: PackageReference | undefined): string | undefined {
  if (asked?.version === undefined) return undefined;
  const reference = packageReference(asked);
  const seen = packages.find((known) => packageReference(known) === reference)?.version;
  if (asked.version === seen) return undefined;
  const what = seen === undefined ? "which version was, nothing says" : `what is known is of ${seen}`;
  return `version ${asked.version} was not looked at: ${what}`;
}
