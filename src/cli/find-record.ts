import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { clientName } from "../catalogue/precheck.ts";
import { findServers, type FoundServers } from "../clients/find-servers.ts";
import { readRecordFile } from "../scan/saved-records.ts";
import { type KnownServer, openKnownRecords } from "./known-records.ts";

/** A server that was asked for: what is known of it, and what a client calls it. */
export interface FoundRecord extends KnownServer {
  /** For rules of clients; undefined where no configuration names it. */
  readonly configuredName: string | undefined;
}

/**
 * Finds what is known of a server: in a file that `scan` made, or in the catalogue and the records of scans, where a name
 * in a client's configuration (of this user or of the project) stands for that server. Throws as `openKnownRecords` does.
 */
export function findRecord(asked: string, project: string): FoundRecord {
  if (asked.endsWith(".json") && existsSync(asked))
    return { record: readRecordFile(asked), configuredName: undefined, doubt: undefined };
  const { servers } = configurations(project);
  const configured =
    servers.find(({ name }) => name === asked) ?? servers.find(({ name }) => clientName(name) === asked);
  const known = openKnownRecords(project);
  try {
    // A configured server with another package than the one known under that name is another server.
    if (configured !== undefined) return { ...known.ofServer(configured), configuredName: configured.name };
    return { record: known.named(asked), configuredName: undefined, doubt: undefined };
  } finally {
    known.close();
  }
}

/** One way to read what a client calls a tool. */
export interface CalledTool extends KnownServer {
  readonly server: string;
  readonly tool: string;
}

/**
 * What `mcp__SERVER__TOOL` may mean: both names may hold `__`, so every configured server that fits is one answer. Where
 * none fits there is one without a record: who names a server decides its name. Empty for what is no such name. Throws as
 * `openKnownRecords` does.
 */
export function findCalled(toolName: string, project: string): readonly CalledTool[] {
  const splits = splitsOf(toolName);
  const [first] = splits;
  if (first === undefined) return [];
  const { servers, unread } = configurations(project);
  const fitting = splits.flatMap((split) =>
    servers
      .filter(({ name }) => name === split.server || clientName(name) === split.server)
      .map((found) => ({ ...split, found })),
  );
  if (fitting.length === 0)
    return [{ ...first, record: undefined, doubt: "no configuration that is read here names it" }];
  // What stands in a file that cannot be read may be the server that is meant.
  const hidden = unread.find(({ client }) => client === "claude-code");
  const doubt = hidden === undefined ? undefined : `\`${hidden.file}\` cannot be read: ${hidden.reason}`;
  const known = openKnownRecords(project);
  try {
    return fitting.map(({ server, tool, found }) => {
      const what = known.ofServer(found);
      return { server, tool, record: what.record, doubt: what.doubt ?? doubt };
    });
  } finally {
    known.close();
  }
}

function splitsOf(toolName: string): readonly { readonly server: string; readonly tool: string }[] {
  if (!toolName.startsWith("mcp__")) return [];
  const rest = toolName.slice("mcp__".length, 1_000);
  return Array.from({ length: rest.length }, (_, at) => at)
    .filter((at) => at > 0 && at + 2 < rest.length && rest.startsWith("__", at))
    .map((at) => ({ server: rest.slice(0, at), tool: rest.slice(at + 2) }));
}

function configurations(project: string): FoundServers {
  const { platform, env: environment } = process;
  return findServers({ home: homedir(), project, platform, environment });
}
