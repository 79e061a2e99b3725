import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { overrideRecord } from "../catalogue/apply-override.ts";
import { severities } from "../catalogue/checks/finding.ts";
import { type Change, compareRecords } from "../catalogue/changes.ts";
import type { Override, ServerRecord, ToolRecord } from "../catalogue/server-record.ts";
import { serverSlug } from "../catalogue/slug.ts";
import { AppError } from "../errors.ts";
import { categories, type Category } from "../policy/index.ts";
import type {
  CatalogueChange,
  CatalogueCounts,
  CatalogueEntry,
  CatalogueQuery,
  CatalogueStore,
  Page,
  QueuedServer,
  ServerHit,
  ToolHit,
} from "./catalogue-store.ts";
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
      const known = this.server(asked) ?? this.server(serverSlug({ registryName: asked, name: asked }));
      if (known !== undefined) return known;
      const bare = asked.replace(/(?<=.)@[^@/]*$/u, "");
      const rows = this.#db
        .prepare(
          "SELECT DISTINCT s.slug FROM server_names n JOIN servers s ON s.id = n.server_id WHERE n.name IN (?, ?) LIMIT 2",
        )
        .all(asked, bare);
      return rows.length === 1 ? this.server(String(rows[0]?.["slug"])) : undefined;
    });
  }

  counts(): CatalogueCounts {
    return guarded(() => {
      const version = `${this.#writes} ${String(this.#db.prepare("PRAGMA data_version").get()?.["data_version"])}`;
      if (this.#counts?.version !== version) this.#counts = { version, value: this.#count() };
      return this.#counts.value;
    });
  }

  put(entries: readonly CatalogueEntry[], nowMs: number): { readonly kept: number; readonly changes: number } {
    return this.#transact(() => {
      let [kept, changes] = [0, 0];
      for (const entry of entries) {
        const { slug } = entry.record;
        const before = this.#stored(slug);
        // What was looked at here counts more than what came along, and what was seen more than what is only listed.
        if (before !== undefined && before.origin === "local" && entry.origin === "bundled") continue;
        if (before?.isExamined === true && !entry.isExamined) continue;
        const found = before?.isExamined === true ? compareRecords(before.record, entry.record) : [];
        for (const change of found) this.#note(slug, change, nowMs);
        writeEntry(this.#db, entry, this.#overrides(slug));
        const forget = this.#db.prepare("DELETE FROM queue WHERE name = ?");
        for (const name of namesOf(entry.record)) forget.run(name);
        kept += 1;
        changes += found.length;
      }
      return { kept, changes };
    });
  }

  override(server: string, tool: string, { category, note, by }: Override, nowMs: number): void {
    this.#transact(() => {
      const entry = this.#stored(server);
      if (entry === undefined || !entry.record.tools.some(({ name }) => name === tool)) {
        throw new AppError("NOT_FOUND", `the catalogue knows no tool \`${tool}\` of \`${server}\``);
      }
      this.#db
        .prepare("INSERT OR REPLACE INTO overrides (server, tool, category, note, by, at) VALUES (?, ?, ?, ?, ?, ?)")
        .run(server, tool, category, note, by, new Date(nowMs).toISOString());
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
    const rows = this.#db.prepare("SELECT tool, category, note, by FROM overrides WHERE server = ?").all(server);
    return new Map(
      rows.map((row): [string, Override] => [
        String(row["tool"]),
        { category: categoryOf(row["category"]), note: String(row["note"]), by: String(row["by"]) },
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
