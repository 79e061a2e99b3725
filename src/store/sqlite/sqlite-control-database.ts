import { Kysely } from "kysely";
import { type Actor, type AdminChange, concernsCalls } from "../../audit/admin-event.ts";
import type { Clock } from "../../clock.ts";
import { AppError } from "../../errors.ts";
import { newTimedId } from "../../ids.ts";
import type { Change, ControlDatabase, ControlQueries } from "../control-database.ts";
import type { ControlTables } from "../control-tables.ts";
import { connect } from "./connection.ts";
import { NodeSqliteDialect } from "./sqlite-dialect.ts";
import { isStoreFault, toStoreError, unavailable } from "./sqlite-error.ts";
import { whileBusy } from "./while-busy.ts";

/** How to open a {@link openSqliteControlDatabase control database}. */
export interface SqliteControlOptions {
  /** The file of an open SQLite store, which has brought the schema up to date. */
  readonly path: string;
  readonly clock: Clock;
  /** How long a change waits while others hold the file, milliseconds; default 3,000. */
  readonly lockTimeoutMs?: number;
}

const lockTimeoutMsDefault = 3_000;

/** How often it is looked whether another process changed something, milliseconds. */
const pollMs = 250;

/** How long a change that could not be taken in is left alone, milliseconds. */
const retryMs = 1_500;

/** Opens the control tables in a store's file, on connections of their own. Rejects as its methods do. */
export async function openSqliteControlDatabase(options: SqliteControlOptions): Promise<ControlDatabase> {
  try {
    const database = new SqliteControlDatabase(options);
    await database.begin();
    return database;
  } catch (error) {
    throw toStoreError(error);
  }
}

class SqliteControlDatabase implements ControlDatabase {
  readonly read: ControlQueries;
  readonly #write: ControlQueries;
  readonly #clock: Clock;
  readonly #lockTimeoutMs: number;
  readonly #subscribers = new Set<() => Promise<void>>();
  readonly #poll: NodeJS.Timeout;
  #installId = "";
  /** The latest revision that all subscribers have taken in. */
  #revision = 0;
  #retryAtMs = 0;
  /** Transactions on one connection must not overlap: each starts when the one before has ended. */
  #last: Promise<unknown> = Promise.resolve();
  #looking: Promise<void> = Promise.resolve();

  constructor({ path, clock, lockTimeoutMs = lockTimeoutMsDefault }: SqliteControlOptions) {
    this.#clock = clock;
    this.#lockTimeoutMs = lockTimeoutMs;
    this.#write = new Kysely<ControlTables>({ dialect: new NodeSqliteDialect(connect(path, "power-loss"), "write") });
    const reader = connect(path, "power-loss");
    reader.exec("PRAGMA query_only = ON");
    this.read = new Kysely<ControlTables>({ dialect: new NodeSqliteDialect(reader, "read") });
    this.#poll = setInterval(() => {
      if (clock.monotonicMs() >= this.#retryAtMs) void this.#lookForChanges();
    }, pollMs);
    this.#poll.unref();
  }

  get installId(): string {
    return this.#installId;
  }

  async begin(): Promise<void> {
    const row = await this.read.selectFrom("control").selectAll().executeTakeFirstOrThrow();
    this.#installId = row.install_id;
    this.#revision = row.revision;
  }

  readAtOnce<T>(run: (read: ControlQueries) => Promise<T>): Promise<T> {
    return this.read.transaction().execute(run);
  }

  async change<T>(actor: Actor, run: (change: Change) => Promise<T>): Promise<T> {
    const { answer, revision } = await this.#transact(async (tx, nowMs) => {
      const events: AdminChange[] = [];
      const value = await run({ tx, nowMs, record: (event) => events.push(event) });
      if (events.length === 0) throw new AppError("INTERNAL", "a change was made that says nothing of itself");
      for (const event of events) await insertEvent(tx, actor, event, nowMs);
      if (!events.some(concernsCalls)) return { answer: value, revision: 0 };
      const control = tx.updateTable("control").set((eb) => ({ revision: eb("revision", "+", 1) }));
      return { answer: value, ...(await control.returning("revision").executeTakeFirstOrThrow()) };
    });
    await this.#lookForChanges();
    if (this.#revision < revision)
      throw unavailable("the change is saved, but this gateway cannot take it in yet: see its log");
    return answer;
  }

  note<T>(run: (tx: ControlQueries, nowMs: number) => Promise<T>): Promise<T> {
    return this.#transact(run);
  }

  subscribe(onChange: () => Promise<void>): () => void {
    this.#subscribers.add(onChange);
    return () => this.#subscribers.delete(onChange);
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    this.#subscribers.clear();
    await this.#last;
    await this.#looking;
    await this.#write.destroy();
    await this.read.destroy();
  }

  #transact<T>(run: (tx: ControlQueries, nowMs: number) => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => this.#commit(run));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #commit<T>(run: (tx: ControlQueries, nowMs: number) => Promise<T>): Promise<T> {
    const once = (): Promise<T> => this.#write.transaction().execute((tx) => run(tx, this.#clock.wallMs()));
    try {
      return await whileBusy(this.#clock, this.#lockTimeoutMs, once);
    } catch (error) {
      throw isStoreFault(error) ? toStoreError(error) : error;
    }
  }

  /** Resolves when subscribers have taken in everything that was committed before this was called. */
  #lookForChanges(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const { revision } = await this.read.selectFrom("control").select("revision").executeTakeFirstOrThrow();
      if (revision === this.#revision) return;
      await Promise.all([...this.#subscribers].map((tell) => tell()));
      this.#revision = revision;
    } catch {
      // A database that cannot be read now is looked at again; what is in force stays in force until then.
      this.#retryAtMs = this.#clock.monotonicMs() + retryMs;
    }
  }
}

async function insertEvent(tx: ControlQueries, actor: Actor, event: AdminChange, nowMs: number): Promise<void> {
  await tx
    .insertInto("admin_events")
    .values({
      id: newTimedId("event", nowMs),
      time_ms: nowMs,
      actor_kind: actor.kind,
      actor_id: actor.memberId ?? null,
      actor_name: actor.name,
      address: actor.address ?? null,
      action: event.action,
      object_kind: event.action.slice(0, event.action.indexOf(".")),
      object_id: event.objectId,
      before: event.before === undefined ? null : JSON.stringify(event.before),
      after: event.after === undefined ? null : JSON.stringify(event.after),
    })
    .execute();
}
