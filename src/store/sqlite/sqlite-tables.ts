import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { canonicalJson } from "../../values/canonical.ts";
import type { CounterWrite, Lease, LiveKeys, StoredCounter } from "../../limits/view.ts";
import type { FlowMark, FlowMarkToLeave } from "../../values/admission.ts";
import type { PruneBefore } from "../prune.ts";
import { columnsOf } from "../row-columns.ts";
import type { NewRow, Tables } from "../tables.ts";
import { CounterTexts } from "./counter-texts.ts";
import { decodeMark, encodeMark } from "./mark-text.ts";

const sql = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  steady: "SELECT steady_ms FROM store WHERE id = 1",
  saveSteady: "UPDATE store SET steady_ms = ? WHERE id = 1",
  counter: "SELECT family, state FROM counters WHERE key = ?",
  saveCounter:
    "INSERT INTO counters (key, family, state, expires_ms, forget_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO " +
    "UPDATE SET state = excluded.state, expires_ms = excluded.expires_ms, forget_ms = excluded.forget_ms",
  liveCounters: "SELECT count(*) AS count, min(expires_ms) AS next FROM counters WHERE family = ? AND expires_ms > ?",
  liveLeases: "SELECT count(DISTINCT key) AS count FROM leases WHERE family = ?",
  removeCounter: "DELETE FROM counters WHERE key = ?",
  keysOf:
    "SELECT key FROM counters WHERE family = ?1 AND expires_ms > ?2 UNION SELECT key FROM leases WHERE family = ?1 " +
    "ORDER BY key LIMIT ?3",
  inFlight: "SELECT total(units) AS units FROM leases WHERE key = ?",
  addLease: "INSERT INTO leases (key, request_id, family, units) VALUES (?, ?, ?, ?)",
  removeLease: "DELETE FROM leases WHERE key = ? AND request_id = ?",
  marks: "SELECT mark FROM marks WHERE scope = ? AND left_ms >= ?",
  saveMark:
    "INSERT INTO marks (scope, mark, left_ms) VALUES (?, ?, ?) ON CONFLICT (scope, mark) DO UPDATE SET left_ms = excluded.left_ms",
  openCall: "INSERT OR IGNORE INTO open_calls (request_id, node, receipt) VALUES (?, ?, ?)",
  closeCall: "DELETE FROM open_calls WHERE request_id = ? RETURNING receipt",
  nodesWithCalls: "SELECT DISTINCT node FROM open_calls",
  openCallsOf: "SELECT request_id FROM open_calls WHERE node = ?",
  pruneCounters: "DELETE FROM counters WHERE key IN (SELECT key FROM counters WHERE forget_ms < ? LIMIT 1000)",
  pruneMarks: "DELETE FROM marks WHERE left_ms < ?",
  appendRow: "INSERT INTO rows (node, request_id, grant_id, server, tool, outcome, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
} as const;

const hourMs = 3_600_000;

type StatementName = keyof typeof sql;
type FoundRow = Readonly<Record<string, unknown>>;

/**
 * The tables in one SQLite connection. Use only between `begin` and `finish` of one transaction: what is read is kept
 * until then, and counters and marks are written once each at the end, however many calls touched them.
 */
export class SqliteTables implements Tables {
  readonly #db: DatabaseSync;
  readonly #instance: string;
  readonly #label: string;
  readonly #statements = new Map<StatementName, StatementSync>();
  readonly #texts = new CounterTexts();
  readonly #counters = new Map<string, StoredCounter | undefined>();
  readonly #dirtyCounters = new Map<string, CounterWrite>();
  readonly #dirtyMarks = new Map<string, FlowMarkToLeave>();
  #marksLeftMs = 0;

  /** `instance` is this start of this process, `label` the name that its rows bear. */
  constructor(db: DatabaseSync, instance: string, label: string) {
    this.#db = db;
    this.#instance = instance;
    this.#label = label;
  }

  /** Starts a transaction, forgets what an earlier one read, and gives the steady time the store has reached. */
  begin(): number {
    this.#run("begin");
    this.#counters.clear();
    this.#dirtyCounters.clear();
    this.#dirtyMarks.clear();
    return Number(this.#first("steady")?.["steady_ms"]);
  }

  /** Writes what the transaction changed and commits it. */
  finish(steadyMs: number): void {
    for (const write of this.#dirtyCounters.values()) this.#saveCounter(write);
    this.#flushMarks();
    this.#run("saveSteady", steadyMs);
    this.#run("commit");
  }

  counter(key: string): StoredCounter | undefined {
    if (this.#counters.has(key)) return this.#counters.get(key);
    const found = this.#first("counter", key);
    const counter = found === undefined ? undefined : this.#readCounter(key, found);
    this.#counters.set(key, counter);
    return counter;
  }

  inFlight(key: string): number {
    return Number(this.#first("inFlight", key)?.["units"]);
  }

  keysOf(family: string, steadyMs: number, keysMax: number): readonly string[] {
    this.#flushCounters(family);
    return this.#all("keysOf", family, steadyMs, keysMax).map((found) => String(found["key"]));
  }

  liveKeys(family: string, steadyMs: number): LiveKeys {
    this.#flushCounters(family);
    const counters = this.#first("liveCounters", family, steadyMs);
    const leases = this.#first("liveLeases", family);
    const next = counters?.["next"];
    return {
      count: Number(counters?.["count"]) + Number(leases?.["count"]),
      nextExpiryMs: typeof next === "number" ? next : undefined,
    };
  }

  marks(scopeKey: string, sinceSteadyMs: number): readonly FlowMark[] {
    this.#flushMarks();
    return this.#all("marks", scopeKey, sinceSteadyMs).map((found) => decodeMark(String(found["mark"])));
  }

  writeCounter(write: CounterWrite): void {
    this.#counters.set(write.key, write);
    this.#dirtyCounters.set(write.key, write);
  }

  removeCounter(key: string): void {
    this.#counters.set(key, undefined);
    this.#dirtyCounters.delete(key);
    this.#run("removeCounter", key);
  }

  addLease(lease: Lease, requestId: string): void {
    this.#run("addLease", lease.key, requestId, lease.family ?? null, lease.units);
  }

  removeLease(key: string, requestId: string): void {
    this.#run("removeLease", key, requestId);
  }

  leaveMark(mark: FlowMarkToLeave, steadyMs: number): void {
    this.#dirtyMarks.set(`${mark.scopeKeys.join("\n")}\n${encodeMark(mark)}`, mark);
    this.#marksLeftMs = steadyMs;
  }

  openCall(requestId: string, receipt: string): boolean {
    return this.#run("openCall", requestId, this.#instance, receipt) === 1;
  }

  closeCall(requestId: string): string | undefined {
    const receipt = this.#first("closeCall", requestId)?.["receipt"];
    return typeof receipt === "string" ? receipt : undefined;
  }

  appendRow(row: NewRow): void {
    const { requestId, grant, server, tool, outcome } = columnsOf(row);
    this.#run("appendRow", this.#label, requestId, grant, server, tool, outcome, canonicalJson(row));
  }

  /** The nodes that have calls open. */
  nodesWithCalls(): readonly string[] {
    return this.#all("nodesWithCalls").map((found) => String(found["node"]));
  }

  /** The requests that a node has open. */
  openCallsOf(node: string): readonly string[] {
    return this.#all("openCallsOf", node).map((found) => String(found["request_id"]));
  }

  /** Forgets some of the counters that no longer count; often is enough. */
  pruneCounters({ countersBeforeMs }: PruneBefore): void {
    this.#run("pruneCounters", countersBeforeMs);
  }

  /** Forgets the marks that no flow looks back to. Reads every mark: seldom is enough. */
  pruneMarks({ marksBeforeMs }: PruneBefore): void {
    this.#run("pruneMarks", marksBeforeMs);
  }

  #readCounter(key: string, found: FoundRow): StoredCounter {
    const family = found["family"];
    const state = this.#texts.read(key, String(found["state"]));
    return { family: typeof family === "string" ? family : undefined, state };
  }

  /** Rounds the moment of forgetting up to the hour, so that its index hardly ever changes. */
  #saveCounter({ key, family, state, expiresMs, forgetMs }: CounterWrite): void {
    const forgetHourMs = Math.ceil(forgetMs / hourMs) * hourMs;
    this.#run("saveCounter", key, family ?? null, this.#texts.write(key, state), expiresMs, forgetHourMs);
  }

  #flushCounters(family: string): void {
    for (const [key, write] of this.#dirtyCounters) {
      if (write.family !== family) continue;
      this.#saveCounter(write);
      this.#dirtyCounters.delete(key);
    }
  }

  #flushMarks(): void {
    for (const mark of this.#dirtyMarks.values()) {
      const text = encodeMark(mark);
      for (const scopeKey of mark.scopeKeys) this.#run("saveMark", scopeKey, text, this.#marksLeftMs);
    }
    this.#dirtyMarks.clear();
  }

  #statement(name: StatementName): StatementSync {
    const kept = this.#statements.get(name);
    if (kept !== undefined) return kept;
    const made = this.#db.prepare(sql[name]);
    this.#statements.set(name, made);
    return made;
  }

  #run(name: StatementName, ...values: SQLInputValue[]): number {
    return Number(this.#statement(name).run(...values).changes);
  }

  /** Reads with `all`: a statement left half-read by `get` would keep the write-ahead log from ever being reset. */
  #all(name: StatementName, ...values: SQLInputValue[]): readonly FoundRow[] {
    return this.#statement(name).all(...values);
  }

  #first(name: StatementName, ...values: SQLInputValue[]): FoundRow | undefined {
    return this.#all(name, ...values)[0];
  }
}
