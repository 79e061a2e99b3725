import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { clientName } from "../catalogue/precheck.ts";
import type { ServerRecord } from "../catalogue/server-record.ts";
import { findServers } from "../clients/find-servers.ts";
import { readRecordFile } from "../scan/saved-records.ts";
import { openKnownRecords } from "./known-records.ts";

/** A server that was asked for: its record, where there is one, and what a client calls it. */
export interface FoundRecord {
  readonly record: ServerRecord | undefined;
  /** For rules of clients; undefined where no configuration names it. */
  readonly configuredName: string | undefined;
}

/**
 * Finds what is known of a server: in a file that `scan` made, or in the catalogue and the records of scans, where a name
 * in a client's configuration (of this user or of the project) stands for that server. Throws as `openKnownRecords` does.
 */
export function findRecord(asked: string, project: string): FoundRecord {
  if (asked.endsWith(".json") && existsSync(asked)) return { record: readRecordFile(asked), configuredName: undefined };
  const { platform, env: environment } = process;
  const { servers } = findServers({ home: homedir(), project, platform, environment });
  const configured =
    servers.find(({ name }) => name === asked) ?? servers.find(({ name }) => clientName(name) === asked);
  const known = openKnownRecords();
  try {
    // A configured server with another package than the one known under that name is another server.
    if (configured !== undefined) return { record: known.ofServer(configured), configuredName: configured.name };
    return { record: known.named(asked), configuredName: undefined };
  } finally {
    known.close();
  }
}
