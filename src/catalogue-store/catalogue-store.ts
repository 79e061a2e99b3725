import type { Severity } from "../catalogue/checks/finding.ts";
import type { Change } from "../catalogue/changes.ts";
import type { Grade } from "../catalogue/grade.ts";
import type { Risk } from "../catalogue/record.ts";
import type { Identity, Override, ServerRecord } from "../catalogue/server-record.ts";
import type { Category } from "../policy/index.ts";

/** Where a server's record comes from: the facts that Callgate brings along, or a scan or import of one's own. */
export type Origin = "bundled" | "local";

/** One server as the catalogue keeps it, local corrections counted. */
export interface CatalogueEntry {
  readonly record: ServerRecord;
  readonly origin: Origin;
  /** Whether its tools were ever seen. A server that is only listed somewhere has no grade and no verdict. */
  readonly isExamined: boolean;
}

/** What is looked for. Members that are absent restrict nothing. */
export interface CatalogueQuery {
  /** Words in any order, each a part of a name; under three letters the beginning of one. */
  readonly text?: string;
  readonly category?: Category;
  readonly risk?: Risk;
  /** From the page before; one that cannot be read throws `INPUT_INVALID`. */
  readonly cursor?: string;
  /** 1 to 200. */
  readonly limit: number;
}

/** One page of what was found. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

/** A server in a list. */
export interface ServerHit {
  readonly slug: string;
  readonly name: string;
  readonly packages: ServerRecord["packages"];
  readonly identity: Identity["level"];
  /** Undefined when its tools were never seen. */
  readonly grade: Grade["letter"] | undefined;
  readonly tools: number;
  readonly counts: Readonly<Record<Category, number>>;
  readonly scannedAt: string;
}

/** A tool in a list. */
export interface ToolHit {
  readonly server: string;
  readonly serverName: string;
  readonly name: string;
  readonly slug: string;
  readonly category: Category;
  readonly risk: Risk;
}

/** One entry of the change feed. */
export interface CatalogueChange extends Change {
  /** Rises by one or more with each entry: the cursor. */
  readonly sequence: number;
  /** When it was noticed, RFC 3339. */
  readonly at: string;
  readonly server: string;
}

/** What became of one record that was taken in. */
export interface TakenServer {
  /** Under which slug the server is known now. */
  readonly slug: string;
  /** `same`: it told nothing that was not known. */
  readonly outcome: "added" | "changed" | "same";
  /** What differs from what was known of its tools and itself; none where its tools had not been seen. */
  readonly changes: readonly Change[];
  /** When its tools had been seen before; undefined when they had not. */
  readonly seenAt: string | undefined;
}

/** A server that was asked for and is not known. */
export interface QueuedServer {
  readonly name: string;
  readonly firstAskedAt: string;
  readonly times: number;
}

/** How much there is. */
export interface CatalogueCounts {
  readonly servers: number;
  readonly tools: number;
  readonly categories: Readonly<Record<Category, number>>;
}

/**
 * Servers and tools in a file of its own, beside the store of calls and never on their path. Every method answers at
 * once and throws `STORE_UNAVAILABLE` or `STORE_CORRUPT` when the file fails.
 */
export interface CatalogueStore {
  searchServers(query: CatalogueQuery): Page<ServerHit>;
  searchTools(query: CatalogueQuery): Page<ToolHit>;
  /** By slug. */
  server(slug: string): CatalogueEntry | undefined;
  /**
   * By package (with or without version), slug, address, registry name or name; one whose tools were seen before those
   * that are only listed; undefined when there is none or several.
   */
  findServer(name: string): CatalogueEntry | undefined;
  /** By a reference (`npm:@acme/notes`, an address, a command's digest): the server that answers for it. */
  serverOf(reference: string): CatalogueEntry | undefined;
  counts(): CatalogueCounts;
  /** Takes records in, each together with what is known of the server of its package, address, command or name, and notes what changed. */
  put(entries: readonly CatalogueEntry[], nowMs: number): readonly TakenServer[];
  /** Corrects a tool's category. Throws `NOT_FOUND` for a tool that is not known. */
  override(server: string, tool: string, override: Override, nowMs: number): void;
  /** Takes a correction back; false when there was none. */
  removeOverride(server: string, tool: string): boolean;
  /** Changes after a sequence, oldest first, at least as bad as `severity`; at most `limit` (1 to 1,000). */
  changes(query: {
    readonly after: number;
    readonly severity?: Severity;
    readonly limit: number;
  }): readonly CatalogueChange[];
  /** The latest changes of one server, newest first. */
  changesOf(server: string, limit: number): readonly CatalogueChange[];
  /** Up to which change a receiver has the feed; a new receiver gets it from now on. */
  delivered(receiver: string): number;
  markDelivered(receiver: string, sequence: number): void;
  /** Remembers that an unknown server was asked for; at most 1,000 are remembered. */
  enqueue(name: string, nowMs: number): void;
  queued(): readonly QueuedServer[];
  close(): void;
}
