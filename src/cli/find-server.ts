import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { CatalogueEntry } from "../catalogue-store/catalogue-store.ts";
import { clientName } from "../catalogue/precheck.ts";
import type { PackageReference } from "../catalogue/server-record.ts";
import { findServers, type FoundServers } from "../clients/find-servers.ts";
import { readRecordFile } from "../scan/saved-records.ts";
import { type KnownServer, type KnownServers, versionDoubt } from "./known-servers.ts";

/** A server that was asked for: what is known of it, if anything is, and what a client calls it. */
export interface FoundServer {
  readonly entry: CatalogueEntry | undefined;
  /** For rules of clients; undefined where no configuration names it. */
  readonly configuredName: string | undefined;
  /** Why a configured server may be another one than the entry's; a clause for people. */
  readonly doubt: string | undefined;
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
    return { entry, configuredName: undefined, doubt: undefined };
  }
  const { servers } = configurations(project);
  const configured =
    servers.find(({ name }) => name === asked) ?? servers.find(({ name }) => clientName(name) === asked);
  if (configured !== undefined) return { ...known.ofServer(configured, project), configuredName: configured.name };
  const entry = known.named(asked);
  return { entry, configuredName: undefined, doubt: entry && versionDoubt(entry.record, namedPackage(entry, asked)) };
}

/** The package and version that a name says, where it is one of a known server. */
function namedPackage({ record }: CatalogueEntry, asked: string): PackageReference | undefined {
  const [, name, version] = /^(@?[^@]+)@(\d[^@]*)$/u.exec(asked) ?? [];
  const found = record.packages.find((known) => known.name.toLowerCase() === name?.toLowerCase());
  return found === undefined || version === undefined ? undefined : { ...found, version };
}

/** One way to read what a client calls a tool. */
export interface CalledTool extends KnownServer {
  readonly server: string;
  readonly tool: string;
}

/**
 * What `mcp__SERVER__TOOL` may mean: both names may hold `__`, so every configured server that fits is one answer. Where
 * none fits there is one without an entry: who names a server decides its name. Empty for what is no such name.
 */
export function findCalled(known: KnownServers, toolName: string, project: string): readonly CalledTool[] {
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
    return [{ ...first, entry: undefined, doubt: "no configuration that is read here names it" }];
  // What stands in a file that cannot be read may be the server that is meant.
  const hidden = unread.find(({ client }) => client === "claude-code");
  const doubt = hidden === undefined ? undefined : `\`${hidden.file}\` cannot be read: ${hidden.reason}`;
  return fitting.map(({ server, tool, found }) => {
    const what = known.ofServer(found, project);
    return { server, tool, entry: what.entry, doubt: what.doubt ?? doubt };
  });
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
