import type { DatabaseSync } from "node:sqlite";
import type { Row, RowQuery } from "../../audit/row.ts";
import type { Clock } from "../../clock.ts";
import type { Moment } from "../../limits/moment.ts";
import type { AdmissionResult } from "../../values/admission.ts";
import { one } from "../../values/decimal.ts";
import { readCounters, resetCounter } from "../counters.ts";
import { abandonCall, runAdmission, runSettlement } from "../ledger.ts";
import { pruneBefore, pruneEveryMs, pruneMarksEveryMs } from "../prune.ts";
import { StoreTime } from "../store-time.ts";
import type { Admission, CounterFamily, CounterReading, Settlement, Store } from "../store.ts";
import type { NewRow } from "../tables.ts";
import type { Durability, FileIdentity } from "./connection.ts";
import { identify, openDatabase, prepareFile } from "./connection.ts";
import { GroupCommit } from "./group-commit.ts";
import { NodeLock } from "./node-lock.ts";
import { queryRows } from "./query-rows.ts";
import { corrupt, isBusy, isDiskFull, isStoreFault, toStoreError, unavailable } from "./sqlite-error.ts";
import { SqliteTables } from "./sqlite-tables.ts";
import { whileBusy } from "./while-busy.ts";

/** How to open a {@link openSqliteStore SQLite store}. */
export interface SqliteStoreOptions {
  /** The file; made with mode 0600 if it is missing, missing folders with 0700. Beside it lie SQLite's own files. */
  readonly path: string;
  readonly clock: Clock;
  /** Default `power-loss`. */
  readonly durability?: Durability;
  /** The name that this node's rows bear; a random one for each start by default. */
  readonly node?: string;
  /** How long an operation waits while other processes hold the file, milliseconds; default 1,500. */
  readonly lockTimeoutMs?: number;
}

const isClosedMessage = "the store is closed";
const lockTimeoutMsDefault = 1_500;
const heartbeatMs = 30_000;
const reopenAfterMs = 200;
const reapAfterMs = 1_000;

interface Connection {
  readonly db: DatabaseSync;
  readonly tables: SqliteTables;
}

interface Transaction {
  readonly tables: SqliteTables;
  readonly now: Moment;
}

/**
 * Opens a store in one SQLite file, which any number of processes of one machine may share: counters are exact across
 * them. Rejects with `STORE_TOO_NEW`, `STORE_CORRUPT`, or `STORE_UNAVAILABLE` (also when others keep it locked too long).
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const lockTimeoutMs = options.lockTimeoutMs ?? lockTimeoutMsDefault;
  try {
    return await whileBusy(options.clock, lockTimeoutMs, () => SqliteStore.open(options, lockTimeoutMs));
  } catch (error) {
    throw toStoreError(error);
  }
}

class SqliteStore implements Store {
  readonly digestSalt: Uint8Array;
  readonly #options: SqliteStoreOptions;
  readonly #lockTimeoutMs: number;
  readonly #lock: NodeLock;
  readonly #file: FileIdentity;
  readonly #time: StoreTime;
  readonly #group: GroupCommit<Transaction>;
  readonly #heartbeat: NodeJS.Timeout;
  #connection: Connection | undefined;
  #brokenBy: unknown;
  #reopenedMs = -Infinity;
  #reapedMs = -Infinity;
  /** Ends of calls that the store could not take: their leases would be held for as long as this process lives. */
  readonly #unsettled = new Map<string, Settlement>();
  #prunedMs = -Infinity;
  #marksPrunedMs = -Infinity;
  #isClosed = false;

  static open(given: SqliteStoreOptions, lockTimeoutMs: number): SqliteStore {
    const options = { ...given, path: prepareFile(given.path) };
    const lock = NodeLock.take(`${options.path}-nodes`, options.clock);
    let db: DatabaseSync | undefined;
    try {
      db = openDatabase(options.path, options.durability ?? "power-loss");
      return new SqliteStore(options, lockTimeoutMs, lock, db);
    } catch (error) {
      if (db?.isOpen === true) db.close();
      lock.release();
      throw error;
    }
  }

  private constructor(options: SqliteStoreOptions, lockTimeoutMs: number, lock: NodeLock, db: DatabaseSync) {
    this.#options = options;
    this.#lockTimeoutMs = lockTimeoutMs;
    this.#lock = lock;
    this.#file = identify(options.path);
    const [stored] = db.prepare("SELECT digest_salt, steady_ms FROM store WHERE id = 1").all();
    const salt = stored?.["digest_salt"];
    if (!(salt instanceof Uint8Array)) throw corrupt("the store has lost its salt");
    this.digestSalt = salt;
    const storedMs = Number(stored?.["steady_ms"]);
    // Beside a running process the wall clock is not asked: it may have been set since that one started. A time that the
    // file has reached already is taken over by the first transaction.
    this.#time = new StoreTime(options.clock, lock.hasOthers() && storedMs > 0 ? storedMs : options.clock.wallMs());
    this.#connection = this.#connect(db);
    this.#group = new GroupCommit({
      transact: (body) => this.#transact(body),
      clock: options.clock,
      lockTimeoutMs,
    });
    this.#transact((transaction) => this.#reap(transaction));
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    this.#heartbeat.unref();
  }

  admit(admission: Admission): Promise<AdmissionResult> {
    return this.#add((transaction) => {
      if (needsPlaces(admission, transaction)) {
        this.#settleLate(transaction);
        this.#reap(transaction);
      }
      return runAdmission(transaction.tables, admission, transaction.now);
    });
  }

  settle(settlement: Settlement): Promise<void> {
    const end = this.#add(({ tables, now }) => runSettlement(tables, settlement, now), "patient");
    end.catch(() => this.#unsettled.set(settlement.requestId, settlement));
    return end;
  }

  record(row: NewRow): Promise<void> {
    return this.#add(({ tables }) => tables.appendRow(row));
  }

  readCounters(families: readonly CounterFamily[]): Promise<readonly CounterReading[]> {
    return this.#add(({ tables, now }) => readCounters(tables, families, now));
  }

  resetCounter(key: string): Promise<string | undefined> {
    return this.#add(({ tables, now }) => resetCounter(tables, key, now));
  }

  async query(query: RowQuery): Promise<readonly Row[]> {
    if (this.#isClosed) throw unavailable(isClosedMessage);
    const { clock } = this.#options;
    try {
      return await whileBusy(clock, this.#lockTimeoutMs, () => queryRows(this.#connected().db, query));
    } catch (error) {
      this.#breakOn(error);
      throw toStoreError(error);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    await this.#group.drain();
    this.#connection?.db.close();
    this.#connection = undefined;
    this.#lock.release();
  }

  #add<T>(run: (transaction: Transaction) => T, haste?: "patient"): Promise<T> {
    if (this.#isClosed) return Promise.reject(unavailable(isClosedMessage));
    return this.#group.add(run, haste);
  }

  #connect(db: DatabaseSync): Connection {
    return { db, tables: new SqliteTables(db, this.#lock.node, this.#options.node ?? this.#lock.node) };
  }

  /** The connection, opened again (at most every 200 ms) after it broke. Throws when the file is not the one it was. */
  #connected(): Connection {
    const { device, inode } = identify(this.#options.path);
    if (device !== this.#file.device || inode !== this.#file.inode) {
      throw unavailable("the store's file was replaced while it was in use; restart to use the new one");
    }
    if (this.#connection !== undefined) return this.#connection;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#reopenedMs < reopenAfterMs) throw this.#brokenBy;
    this.#reopenedMs = nowMs;
    try {
      this.#connection = this.#connect(openDatabase(this.#options.path, this.#options.durability ?? "power-loss"));
    } catch (error) {
      this.#brokenBy = error;
      throw error;
    }
    return this.#connection;
  }

  #transact<T>(body: (transaction: Transaction) => T): T {
    const { db, tables } = this.#connected();
    try {
      this.#time.advanceTo(tables.begin());
      const now = this.#time.now();
      const result = body({ tables, now });
      this.#prune(tables, now);
      tables.finish(now.steadyMs);
      return result;
    } catch (error) {
      rollBack(db);
      this.#breakOn(error);
      throw error;
    }
  }

  /** Gives up the connection on a fault that it may not recover from by itself. */
  #breakOn(error: unknown): void {
    if (!isStoreFault(error) || isBusy(error) || isDiskFull(error) || this.#connection === undefined) return;
    this.#brokenBy = error;
    this.#connection.db.close();
    this.#connection = undefined;
  }

  /** Ends again what may not have ended: a call that has is left as it is. */
  #settleLate({ tables, now }: Transaction): void {
    for (const settlement of this.#unsettled.values()) runSettlement(tables, settlement, now);
  }

  /** Ends the calls of processes that have died. */
  #reap({ tables, now }: Transaction): void {
    if (now.steadyMs - this.#reapedMs < reapAfterMs) return;
    this.#reapedMs = now.steadyMs;
    for (const node of tables.nodesWithCalls()) {
      if (this.#lock.isAlive(node)) continue;
      for (const requestId of tables.openCallsOf(node)) abandonCall(tables, requestId, now);
    }
  }

  /** Forgets a little of what no longer counts, every second in which there is something to commit. */
  #prune(tables: SqliteTables, now: Moment): void {
    if (now.steadyMs - this.#prunedMs < pruneEveryMs) return;
    this.#prunedMs = now.steadyMs;
    const before = pruneBefore(now.steadyMs);
    tables.pruneCounters(before);
    if (now.steadyMs - this.#marksPrunedMs < pruneMarksEveryMs) return;
    this.#marksPrunedMs = now.steadyMs;
    tables.pruneMarks(before);
  }

  /** Lets other processes know the time and ends what dead ones, and this one, left. */
  #beat(): void {
    const late = [...this.#unsettled.keys()];
    const beat = this.#add((transaction) => {
      this.#settleLate(transaction);
      this.#reap(transaction);
    });
    beat.then(
      () => {
        for (const requestId of late) this.#unsettled.delete(requestId);
      },
      // A store that fails now fails the next call too, which says so.
      () => undefined,
    );
  }
}

/** Whether a limit on calls in flight is full, so that it is worth finding out who has died. */
function needsPlaces({ wants }: Admission, { tables }: Transaction): boolean {
  return wants.charges.some(
    (charge) => charge.window.kind === "concurrent" && BigInt(tables.inFlight(charge.key) + 1) * one > charge.max,
  );
}

function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec("ROLLBACK");
  } catch {
    // SQLite has rolled back by itself; the fault that led here is the one to report.
  }
}
