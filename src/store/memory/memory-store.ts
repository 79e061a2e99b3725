import { randomBytes } from "node:crypto";
import type { Row, RowQuery } from "../../audit/row.ts";
import type { Clock } from "../../clock.ts";
import { AppError } from "../../errors.ts";
import type { Moment } from "../../limits/moment.ts";
import { runAdmission, runSettlement } from "../ledger.ts";
import { readCounters, resetCounter } from "../counters.ts";
import { pruneBefore, pruneEveryMs } from "../prune.ts";
import { columnsOf } from "../row-columns.ts";
import { StoreTime } from "../store-time.ts";
import type { Store } from "../store.ts";
import { MemoryTables } from "./memory-tables.ts";

/** How to open a {@link openMemoryStore memory store}. */
export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** How many rows are kept, default 100,000; the oldest go first. */
  readonly rowsMax?: number;
}

/** A store that lives as long as its process: for tests, and for policies that need nothing to last. */
export function openMemoryStore(options: MemoryStoreOptions): Store {
  const tables = new MemoryTables(options.rowsMax ?? 100_000);
  const time = new StoreTime(options.clock, options.clock.wallMs());
  let prunedMs = time.now().steadyMs;
  let isOpen = true;

  /** Runs one step at once: nothing else can come in between. */
  const step = <T>(run: (now: Moment) => T): Promise<T> =>
    new Promise((resolve) => {
      if (!isOpen) throw new AppError("STORE_UNAVAILABLE", "the store is closed");
      const now = time.now();
      if (now.steadyMs - prunedMs > 60 * pruneEveryMs) {
        tables.prune(pruneBefore(now.steadyMs));
        prunedMs = now.steadyMs;
      }
      resolve(run(now));
    });

  return {
    digestSalt: randomBytes(32),
    admit: (admission) => step((now) => runAdmission(tables, admission, now)),
    settle: (settlement) => step((now) => runSettlement(tables, settlement, now)),
    record: (row) => step(() => tables.appendRow(row)),
    readCounters: (families) => step((now) => readCounters(tables, families, now)),
    resetCounter: (key) => step((now) => resetCounter(tables, key, now)),
    query: (query) => step(() => selectRows(tables.rows, query)),
    close: async () => {
      isOpen = false;
    },
  };
}

function selectRows(rows: readonly Row[], query: RowQuery): readonly Row[] {
  const { after = 0, before = Infinity, last } = query;
  const limit = query.limit ?? last ?? 1000;
  const found = rows.filter((row) => row.sequence > after && row.sequence < before && isWanted(row, query));
  return last === undefined ? found.slice(0, limit) : found.slice(Math.max(0, found.length - Math.min(last, limit)));
}

function isWanted(row: Row, query: RowQuery): boolean {
  const columns = columnsOf(row);
  return (
    (query.requestId === undefined || query.requestId === columns.requestId) &&
    (query.grant === undefined || query.grant === columns.grant) &&
    (query.server === undefined || query.server === columns.server) &&
    (query.tool === undefined || query.tool === columns.tool) &&
    (query.outcome === undefined || query.outcome === columns.outcome) &&
    (query.requestIds === undefined || query.requestIds.includes(columns.requestId)) &&
    (query.kind === undefined || query.kind === row.kind) &&
    (query.since === undefined || row.time >= query.since) &&
    (query.until === undefined || row.time < query.until) &&
    isCallWanted(row, query)
  );
}

function isCallWanted(row: Row, { owner, rule, code }: RowQuery): boolean {
  if (owner === undefined && rule === undefined && code === undefined) return true;
  return (
    row.kind === "call" &&
    (owner === undefined || owner === row.grant.owner) &&
    (rule === undefined || rule === row.rule) &&
    (code === undefined || code === row.code)
  );
}
