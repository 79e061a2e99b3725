import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { clientName } from "../catalogue/precheck.ts";
import type { ServerRecord } from "../catalogue/server-record.ts";
import { findServers } from "../clients/find-servers.ts";
import { recordFolder } from "../config/home.ts";
import { matchRecord, readRecordFile, recordOfServer, savedRecords } from "../scan/saved-records.ts";

/** A server that was asked for: its record, where there is one, and what a client calls it. */
export interface FoundRecord {
  readonly record: ServerRecord | undefined;
  /** For rules of clients; undefined where no configuration names it. */
  readonly configuredName: string | undefined;
}

/**
 * Finds what is known of a server: in a file that `scan` made, in a client's configuration (of this user and of the
 * project) together with the saved records, or in the saved records alone. Reads only.
 */
export function findRecord(asked: string, project: string): FoundRecord {
  if (asked.endsWith(".json") && existsSync(asked)) return { record: readRecordFile(asked), configuredName: undefined };
  const records = savedRecords(recordFolder());
  const { platform, env: environment } = process;
  const { servers } = findServers({ home: homedir(), project, platform, environment });
  const configured =
    servers.find(({ name }) => name === asked) ?? servers.find(({ name }) => clientName(name) === asked);
  const known = configured === undefined ? undefined : recordOfServer(records, configured);
  if (known !== undefined) return { record: known, configuredName: configured?.name };
  // A configured server with another package of that name is another server.
  if (configured !== undefined) return { record: undefined, configuredName: configured.name };
  return { record: matchRecord(records, asked), configuredName: undefined };
}
