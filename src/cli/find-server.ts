import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { CatalogueEntry } from "../catalogue-store/catalogue-store.ts";
import { clientName } from "../catalogue/precheck.ts";
import { findServers } from "../clients/find-servers.ts";
import { readRecordFile } from "../scan/saved-records.ts";
import type { KnownServers } from "./known-servers.ts";

/** A server that was asked for: what is known of it, if anything is, and what a client calls it. */
export interface FoundServer {
  readonly entry: CatalogueEntry | undefined;
  /** For rules of clients; undefined where no configuration names it. */
  readonly configuredName: string | undefined;
}

/**
 * Finds what is known of a server: in a file that `scan` made, or in the catalogue, where a name in a client's
 * configuration (of this user or of the project) stands for what is started or reached under that name, and for no other
 * server that somebody called so.
 */
export function findServer(known: KnownServers, asked: string, project: string): FoundServer {
  if (asked.endsWith(".json") && existsSync(asked)) {
    const record = readRecordFile(asked);
    const entry = record && ({ record, origin: "local", isExamined: true } as const);
    return { entry, configuredName: undefined };
  }
  const { platform, env: environment } = process;
  const { servers } = findServers({ home: homedir(), project, platform, environment });
  const configured =
    servers.find(({ name }) => name === asked) ?? servers.find(({ name }) => clientName(name) === asked);
  return configured === undefined
    ? { entry: known.named(asked), configuredName: undefined }
    : { entry: known.ofServer(configured, project), configuredName: configured.name };
}
