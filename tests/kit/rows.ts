import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { CallRow, EventRow, OutcomeRow, Row } from "../../src/audit/row.ts";
import { until } from "./wait.ts";

/** A store's audit rows, read beside the gateway that writes them. */
export interface Rows {
  /** Rows with a sequence number above `sequence` (0: all), in writing order. */
  after(sequence?: number): Row[];
  /** The highest sequence number, 0 for an empty store. */
  last(): number;
  /** Decision rows above `sequence`. */
  calls(sequence?: number): (CallRow & { readonly sequence: number })[];
  /** Rows of ended calls above `sequence`. */
  outcomes(sequence?: number): (OutcomeRow & { readonly sequence: number })[];
  /** Event rows above `sequence`, of that event if one is named. */
  events(event?: EventRow["event"], sequence?: number): (EventRow & { readonly sequence: number })[];
  /** Waits until `count` rows above `sequence` satisfy; those rows. */
  waitFor(count: number, satisfies: (row: Row) => boolean, sequence?: number): Promise<Row[]>;
}

/** Reads the rows of a store's file. Every look opens the file read-only and closes it again: nothing to close. */
export function readRows(file: string): Rows {
  const select = (sql: string, ...values: number[]): Record<string, unknown>[] => {
    if (!existsSync(file)) return [];
    const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    try {
      return db.prepare(sql).all(...values);
    } finally {
      db.close();
    }
  };
  const after = (sequence = 0): Row[] =>
    select("SELECT sequence, body FROM rows WHERE sequence > ? ORDER BY sequence", sequence).map((row) => {
      const body: CallRow | OutcomeRow | EventRow = JSON.parse(String(row["body"]));
      return { ...body, sequence: Number(row["sequence"]) };
    });
  return {
    after,
    last: () => Number(select("SELECT max(sequence) AS last FROM rows")[0]?.["last"] ?? 0),
    calls: (sequence) => after(sequence).filter((row) => row.kind === "call"),
    outcomes: (sequence) => after(sequence).filter((row) => row.kind === "outcome"),
    events: (event, sequence) =>
      after(sequence)
        .filter((row) => row.kind === "event")
        .filter((row) => event === undefined || row.event === event),
    waitFor: (count, satisfies, sequence) =>
      until(`${count} rows`, () => {
        const rows = after(sequence).filter(satisfies);
        return rows.length >= count ? rows : undefined;
      }),
  };
}
