import type { Kysely } from "kysely";
import type { Actor, AdminChange } from "../audit/admin-event.ts";
import type { ControlTables } from "./control-tables.ts";

/** Queries on the control tables. */
export type ControlQueries = Kysely<ControlTables>;

/** A change under way: one transaction. Await nothing in it but its own queries, others wait meanwhile. */
export interface Change {
  readonly tx: ControlQueries;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Says what is changed; written with it. */
  readonly record: (change: AdminChange) => void;
}

/**
 * Where what people administer is kept. All methods reject with `STORE_UNAVAILABLE` (or `STORE_CORRUPT`) when the
 * database cannot do it; nothing is then half done.
 */
export interface ControlDatabase {
  /** Names this installation; made once. */
  readonly installId: string;
  /** For reading alone. Sees what is committed. */
  readonly read: ControlQueries;
  /** Reads that belong together, as everything was at one moment. Others read after it: await nothing but its own queries. */
  readAtOnce<T>(run: (read: ControlQueries) => Promise<T>): Promise<T>;
  /**
   * One transaction that changes something administered, with its admin events: a change that records none is refused
   * with `INTERNAL`. Resolves when it is committed and every subscriber in this process has taken it in; rejects with
   * `STORE_UNAVAILABLE` too when it is committed and one of them could not: nobody must take a token for revoked that works.
   */
  change<T>(actor: Actor, run: (change: Change) => Promise<T>): Promise<T>;
  /** One transaction of bookkeeping that no configuration follows from and that nobody asks about later. */
  note<T>(run: (tx: ControlQueries, nowMs: number) => Promise<T>): Promise<T>;
  /**
   * Calls back after each change of what calls are judged by, of others too within half a second; again, within two
   * seconds, when that was rejected: a change that was not taken in must not be lost. Returns how to stop it.
   */
  subscribe(onChange: () => Promise<void>): () => void;
  close(): Promise<void>;
}
