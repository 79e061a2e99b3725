import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { overrideRecord } from "../catalogue/apply-override.ts";
import { severities } from "../catalogue/checks/finding.ts";
import { type Change, compareRecords } from "../catalogue/changes.ts";
import { ownReferences } from "../catalogue/references.ts";
import type { Override, ServerRecord, ToolRecord } from "../catalogue/server-record.ts";
import { serverSlug } from "../catalogue/slug.ts";
import { AppError } from "../errors.ts";
import { categories, type Category } from "../policy/index.ts";
import { canonicalJson } from "../values/canonical.ts";
import type {
  CatalogueChange,
  CatalogueCounts,
  CatalogueEntry,
  CatalogueQuery,
  CatalogueStore,
  Page,
  QueuedServer,
  ServerHit,
  TakenServer,
  ToolHit,
} from "./catalogue-store.ts";
import { isNamedAlike, mergeEntry } from "./merge-entry.ts";
import { prepareSchema } from "./prepare-schema.ts";
import { searchServers } from "./search-servers.ts";
import { searchTools } from "./search-tools.ts";
import { toCatalogueFault } from "./store-fault.ts";
import { namesOf, writeEntry } from "./write-entry.ts";

const lockWaitMs = 3_000;
const queuedMax = 1_000;

/**
 * Opens the catalogue's file, `:memory:` for one that is not kept; a new one is empty, of mode 0600. Throws
 * `STORE_UNAVAILABLE`, `STORE_CORRUPT`, and `STORE_TOO_NEW` for the file of a later program.
 */
export function openSqliteCatalogue(path: string): SqliteCatalogue {
  return guarded(() => {
    const isNew = path !== ":memory:" && !existsSync(path);
    if (isNew) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const db = new DatabaseSync(path, { timeout: lockWaitMs });
    try {
      if (isNew) chmodSync(path, 0o600);
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF");
      prepareSchema(db);
      return new SqliteCatalogue(db);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** The catalogue in one SQLite file. */
export class SqliteCatalogue implements CatalogueStore {
  readonly #db: DatabaseSync;
  #counts: { readonly version: string; readonly value: CatalogueCounts } | undefined;
  #writes = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  searchServers(query: CatalogueQuery): Page<ServerHit> {
    return guarded(() => searchServers(this.#db, query));
  }

  searchTools(query: CatalogueQuery): Page<ToolHit> {
    return guarded(() => searchTools(this.#db, query));
  }

  server(slug: string): CatalogueEntry | undefined {
    return guarded(() => {
      const entry = this.#stored(slug);
      return entry && { ...entry, record: overrideRecord(entry.record, this.#overrides(slug)) };
    });
  }

  findServer(name: string): CatalogueEntry | undefined {
    return guarded(() => {
      const asked = name.toLowerCase();
      const bare = asked.replace(/(?<=.)@[^@/]*$/u, "");
      const rows = this.#db.prepare(`${namedServers} IN (?, ?)`).all(asked, bare).map(readNamed);
      // A package's name before a slug that may be made of another's.
      const ofPackage = rows.filter(({ hit }) => hit.packages.some((known) => known.name.toLowerCase() === bare));
      const found = oneOf(ofPackage);
      if (found !== undefined || ofPackage.length > 0) return found && this.server(found.slug);
      const registrySlug = /^[\w-]+\.[\w.-]+\/[\w.-]+$/u.test(asked)
        ? serverSlug({ registryName: asked, name: "" })
        : asked;
      const slug = this.server(asked) ?? this.server(registrySlug);
      const named = slug === undefined ? oneOf(rows) : undefined;
      return slug ?? (named && this.server(named.slug));
    });
  }

  serverOf(reference: string): CatalogueEntry | undefined {
    return guarded(() => {
      const slug = this.#slugOf(reference.toLowerCase());
      return slug === undefined ? undefined : this.server(slug);
    });
  }

  counts(): CatalogueCounts {
    return guarded(() => {
      const version = `${this.#writes} ${String(this.#db.prepare("PRAGMA data_version").get()?.["data_version"])}`;
      if (this.#counts?.version !== version) this.#counts = { version, value: this.#count() };
      return this.#counts.value;
    });
  }

  put(entries: readonly CatalogueEntry[], nowMs: number): readonly TakenServer[] {
    return this.#transact(() => entries.map((entry) => this.#take(entry, nowMs)));
  }

  override(server: string, tool: string, { category, note, by }: Override, nowMs: number): void {
    this.#transact(() => {
      const entry = this.#stored(server);
      const found = entry?.record.tools.find(({ name }) => name === tool);
      if (entry === undefined || found === undefined) {
        throw new AppError("NOT_FOUND", `the catalogue knows no tool \`${tool}\` of \`${server}\``);
      }
      this.#db
        .prepare(
          "INSERT OR REPLACE INTO overrides (server, tool, category, note, by, at, definition) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .run(server, tool, category, note, by, new Date(nowMs).toISOString(), found.digests.definition);
      writeEntry(this.#db, entry, this.#overrides(server));
    });
  }

  removeOverride(server: string, tool: string): boolean {
    return this.#transact(() => {
      const { changes } = this.#db.prepare("DELETE FROM overrides WHERE server = ? AND tool = ?").run(server, tool);
      const entry = this.#stored(server);
      if (entry !== undefined) writeEntry(this.#db, entry, this.#overrides(server));
      return changes === 1;
    });
  }

  changes({ after, severity = "low", limit }: Parameters<CatalogueStore["changes"]>[0]): readonly CatalogueChange[] {
    return guarded(() =>
      this.#db
        .prepare(
          "SELECT sequence, at, server, change FROM changes WHERE sequence > ? AND severity >= ? ORDER BY sequence LIMIT ?",
        )
        .all(after, severities.indexOf(severity), limit)
        .map(changeOf),
    );
  }

  changesOf(server: string, limit: number): readonly CatalogueChange[] {
    return guarded(() =>
      this.#db
        .prepare("SELECT sequence, at, server, change FROM changes WHERE server = ? ORDER BY sequence DESC LIMIT ?")
        .all(server, limit)
        .map(changeOf),
    );
  }

  delivered(receiver: string): number {
    const known = guarded(() => this.#db.prepare("SELECT sequence FROM deliveries WHERE receiver = ?").get(receiver));
    if (known !== undefined) return Number(known["sequence"]);
    const latest = guarded(() => this.#db.prepare("SELECT coalesce(max(sequence), 0) AS latest FROM changes").get());
    const sequence = Number(latest?.["latest"]);
    this.markDelivered(receiver, sequence);
    return sequence;
  }

  markDelivered(receiver: string, sequence: number): void {
    guarded(() =>
      this.#db.prepare("INSERT OR REPLACE INTO deliveries (receiver, sequence) VALUES (?, ?)").run(receiver, sequence),
    );
  }

  enqueue(name: string, nowMs: number): void {
    this.#transact(() => {
      const { changes } = this.#db.prepare("UPDATE queue SET times = times + 1 WHERE name = ?").run(name);
      if (changes > 0 || Number(this.#db.prepare("SELECT count(*) AS n FROM queue").get()?.["n"]) >= queuedMax) return;
      this.#db
        .prepare("INSERT INTO queue (name, first_asked_at, times) VALUES (?, ?, 1)")
        .run(name, new Date(nowMs).toISOString());
    });
  }

  queued(): readonly QueuedServer[] {
    return guarded(() =>
      this.#db
        .prepare("SELECT name, first_asked_at, times FROM queue ORDER BY first_asked_at, name")
        .all()
        .map((row) => ({
          name: String(row["name"]),
          firstAskedAt: String(row["first_asked_at"]),
          times: Number(row["times"]),
        })),
    );
  }

  /** The mark of the facts that were taken in last. */
  snapshotMark(): string | undefined {
    return guarded(() => {
      const value = this.#db.prepare("SELECT value FROM meta WHERE key = 'snapshot'").get()?.["value"];
      return typeof value === "string" ? value : undefined;
    });
  }

  markSnapshot(mark: string): void {
    guarded(() => this.#db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('snapshot', ?)").run(mark));
  }

  close(): void {
    this.#db.close();
  }

  #transact<T>(run: () => T): T {
    return guarded(() => {
      this.#db.exec("BEGIN IMMEDIATE");
      try {
        const value = run();
        this.#db.exec("COMMIT");
        this.#writes += 1;
        return value;
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #take(told: CatalogueEntry, nowMs: number): TakenServer {
    const { known, entry } = this.#place(told);
    const { slug } = entry.record;
    const seenAt = known?.isExamined === true ? known.record.scannedAt : undefined;
    if (known !== undefined && canonicalJson(known) === canonicalJson(entry))
      return { slug, outcome: "same", changes: [], seenAt };
    // A first look at what was only listed has nothing to be compared with.
    const isComparable = known?.isExamined === entry.isExamined;
    const changes = isComparable ? compareRecords(known.record, entry.record) : [];
    for (const change of changes) this.#note(slug, change, nowMs);
    writeEntry(this.#db, entry, this.#overrides(slug));
    this.#forget(entry.record);
    return { slug, outcome: known === undefined ? "added" : "changed", changes, seenAt };
  }

  /** What is known of the server that a record is of, and that together with the record. */
  #place(told: CatalogueEntry): { readonly known: CatalogueEntry | undefined; readonly entry: CatalogueEntry } {
    const { record } = told;
    const references = ownReferences(record);
    const slugs = references.flatMap((reference) => this.#slugOf(reference) ?? []);
    const found = slugs.map((slug) => this.#stored(slug));
    const known = found.find((entry) => entry?.isExamined) ?? found[0];
    if (known !== undefined) return { known, entry: mergeEntry(known, told) };
    const namesake = this.#stored(record.slug);
    if (namesake === undefined) return { known, entry: told };
    if (isNamedAlike(namesake.record, record)) return { known: namesake, entry: mergeEntry(namesake, told) };
    const digest = createHash("sha256")
      .update([record.registryName, ...references].join(" "))
      .digest("hex");
    return { known, entry: { ...told, record: { ...record, slug: `${record.slug}-${digest.slice(0, 8)}` } } };
  }

  /** The slug of the server that answers for a reference. */
  #slugOf(reference: string): string | undefined {
    const rows = this.#db.prepare(`${namedServers} = ?`).all(reference).map(readNamed);
    return (rows.find(({ isExamined }) => isExamined) ?? rows[0])?.slug;
  }

  /** Nobody has to look for what is known now. */
  #forget(record: ServerRecord): void {
    const forget = this.#db.prepare("DELETE FROM queue WHERE lower(name) = ?");
    for (const name of namesOf(record)) forget.run(name);
    if (record.commandSha256 !== undefined)
      this.#db.prepare("DELETE FROM queue WHERE name LIKE ?").run(`%-${record.commandSha256.slice(0, 8)}`);
  }

  /** A server as it was put, without corrections. */
  #stored(slug: string): CatalogueEntry | undefined {
    const row = this.#db
      .prepare(
        "SELECT s.id, s.origin, s.examined, r.record FROM servers s JOIN server_records r ON r.server_id = s.id WHERE s.slug = ?",
      )
      .get(slug);
    if (row === undefined) return undefined;
    const tools = this.#db
      .prepare("SELECT record FROM tools WHERE server_id = ? ORDER BY position")
      .all(Number(row["id"]))
      .map((tool): ToolRecord => JSON.parse(String(tool["record"])));
    const rest: Omit<ServerRecord, "tools"> = JSON.parse(String(row["record"]));
    return {
      record: { ...rest, tools },
      origin: row["origin"] === "bundled" ? "bundled" : "local",
      isExamined: row["examined"] === 1,
    };
  }

  #overrides(server: string): ReadonlyMap<string, Override> {
    const rows = this.#db
      .prepare("SELECT tool, category, note, by, definition FROM overrides WHERE server = ?")
      .all(server);
    return new Map(
      rows.map((row): [string, Override] => [
        String(row["tool"]),
        {
          category: categoryOf(row["category"]),
          note: String(row["note"]),
          by: String(row["by"]),
          ...(typeof row["definition"] === "string" ? { definition: row["definition"] } : {}),
        },
      ]),
    );
  }

  #note(server: string, change: Change, nowMs: number): void {
    this.#db
      .prepare("INSERT INTO changes (at, server, severity, change) VALUES (?, ?, ?, ?)")
      .run(new Date(nowMs).toISOString(), server, severities.indexOf(change.severity), JSON.stringify(change));
  }

  #count(): CatalogueCounts {
    const rows = this.#db.prepare("SELECT category, count(*) AS n FROM tools GROUP BY category").all();
    const of = (category: Category): number =>
      Number(rows.find((row) => row["category"] === categories.indexOf(category))?.["n"] ?? 0);
    const [Read, Write, Execute] = [of("Read"), of("Write"), of("Execute")];
    const [Destructive, Financial] = [of("Destructive"), of("Financial")];
    return {
      servers: Number(this.#db.prepare("SELECT count(*) AS n FROM servers").get()?.["n"]),
      tools: Read + Write + Execute + Destructive + Financial,
      categories: { Read, Write, Execute, Destructive, Financial },
    };
  }
}

const namedServers =
  "SELECT s.slug, s.examined, s.hit FROM server_names n JOIN servers s ON s.id = n.server_id WHERE n.name";

interface NamedServer {
  readonly slug: string;
  readonly isExamined: boolean;
  readonly hit: ServerHit;
}

function readNamed(row: Readonly<Record<string, unknown>>): NamedServer {
  const hit: ServerHit = JSON.parse(String(row["hit"]));
  return { slug: String(row["slug"]), isExamined: row["examined"] === 1, hit };
}

/** The only one whose tools were seen, else the only one. */
function oneOf(rows: readonly NamedServer[]): NamedServer | undefined {
  const all = [...new Map(rows.map((row) => [row.slug, row])).values()];
  const seen = all.filter(({ isExamined }) => isExamined);
  const [only, another] = seen.length > 0 ? seen : all;
  return another === undefined ? only : undefined;
}

function changeOf(row: Readonly<Record<string, unknown>>): CatalogueChange {
  const change: Change = JSON.parse(String(row["change"]));
  return { sequence: Number(row["sequence"]), at: String(row["at"]), server: String(row["server"]), ...change };
}

function categoryOf(value: unknown): Category {
  return categories.find((category) => category === value) ?? "Destructive";
}

function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw toCatalogueFault(error);
  }
}
