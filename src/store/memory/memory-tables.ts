import type { Row } from "../../audit/row.ts";
import type { CounterWrite, Lease, LiveKeys } from "../../limits/view.ts";
import type { FlowMark, FlowMarkToLeave } from "../../values/admission.ts";
import type { PruneBefore } from "../prune.ts";
import type { NewRow, Tables } from "../tables.ts";

interface LeftMark {
  readonly mark: FlowMark;
  steadyMs: number;
}

/** The tables as maps. Nothing is evicted that still counts; the oldest rows go when there are more than `rowsMax`. */
export class MemoryTables implements Tables {
  readonly rows: Row[] = [];
  readonly #rowsMax: number;
  #sequence = 0;
  readonly #counters = new Map<string, CounterWrite>();
  readonly #families = new Map<string, Set<string>>();
  readonly #leases = new Map<string, Map<string, Lease>>();
  readonly #marks = new Map<string, Map<string, LeftMark>>();
  readonly #openCalls = new Map<string, string>();

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  counter(key: string): CounterWrite | undefined {
    return this.#counters.get(key);
  }

  inFlight(key: string): number {
    let units = 0;
    for (const lease of this.#leases.get(key)?.values() ?? []) units += lease.units;
    return units;
  }

  liveKeys(family: string, steadyMs: number): LiveKeys {
    let [count, nextExpiryMs] = [0, Infinity];
    for (const key of this.#families.get(family) ?? []) {
      const expiresMs = this.#counters.get(key)?.expiresMs ?? 0;
      if (expiresMs <= steadyMs) continue;
      count += 1;
      nextExpiryMs = Math.min(nextExpiryMs, expiresMs);
    }
    for (const leases of this.#leases.values()) {
      for (const lease of leases.values()) {
        if (lease.family !== family) break;
        count += 1;
        break;
      }
    }
    return { count, nextExpiryMs: nextExpiryMs === Infinity ? undefined : nextExpiryMs };
  }

  keysOf(family: string, steadyMs: number, keysMax: number): readonly string[] {
    const counters = [...(this.#families.get(family) ?? [])].filter(
      (key) => (this.#counters.get(key)?.expiresMs ?? 0) > steadyMs,
    );
    const leases = [...this.#leases].filter(([, held]) => [...held.values()].some((lease) => lease.family === family));
    return [...new Set([...counters, ...leases.map(([key]) => key)])].toSorted().slice(0, keysMax);
  }

  *marks(scopeKey: string, sinceSteadyMs: number): Iterable<FlowMark> {
    for (const { mark, steadyMs } of this.#marks.get(scopeKey)?.values() ?? []) {
      if (steadyMs >= sinceSteadyMs) yield mark;
    }
  }

  writeCounter(write: CounterWrite): void {
    this.#counters.set(write.key, write);
    if (write.family !== undefined) mapDefault(this.#families, write.family, () => new Set()).add(write.key);
  }

  removeCounter(key: string): void {
    const family = this.#counters.get(key)?.family;
    this.#counters.delete(key);
    if (family !== undefined) this.#families.get(family)?.delete(key);
  }

  addLease(lease: Lease, requestId: string): void {
    mapDefault(this.#leases, lease.key, () => new Map()).set(requestId, lease);
  }

  removeLease(key: string, requestId: string): void {
    const leases = this.#leases.get(key);
    leases?.delete(requestId);
    if (leases?.size === 0) this.#leases.delete(key);
  }

  leaveMark(toLeave: FlowMarkToLeave, steadyMs: number): void {
    const { scopeKeys, ...mark } = toLeave;
    const name = JSON.stringify([mark.server, mark.tool, mark.category, mark.signals]);
    for (const scopeKey of scopeKeys) {
      const left = mapDefault(this.#marks, scopeKey, () => new Map());
      left.set(name, { mark, steadyMs });
    }
  }

  openCall(requestId: string, receipt: string): boolean {
    if (this.#openCalls.has(requestId)) return false;
    this.#openCalls.set(requestId, receipt);
    return true;
  }

  closeCall(requestId: string): string | undefined {
    const receipt = this.#openCalls.get(requestId);
    this.#openCalls.delete(requestId);
    return receipt;
  }

  appendRow(row: NewRow): void {
    this.#sequence += 1;
    this.rows.push({ ...row, sequence: this.#sequence });
    if (this.rows.length > this.#rowsMax * 1.1) this.rows.splice(0, this.rows.length - this.#rowsMax);
  }

  /** Forgets what no longer counts. */
  prune({ countersBeforeMs, marksBeforeMs }: PruneBefore): void {
    for (const { key, family, forgetMs } of this.#counters.values()) {
      if (forgetMs >= countersBeforeMs) continue;
      this.#counters.delete(key);
      if (family === undefined) continue;
      const keys = this.#families.get(family);
      keys?.delete(key);
      if (keys?.size === 0) this.#families.delete(family);
    }
    for (const [scopeKey, left] of this.#marks) {
      for (const [name, { steadyMs }] of left) {
        if (steadyMs < marksBeforeMs) left.delete(name);
      }
      if (left.size === 0) this.#marks.delete(scopeKey);
    }
  }
}

function mapDefault<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
