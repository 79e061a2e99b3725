import type { CallRow, EventRow, OutcomeRow, Row, RowQuery } from "../audit/row.ts";
import type { AdmissionResult, Wants } from "../values/admission.ts";

/** One judged call that asks to be admitted. */
export interface Admission {
  /** Unique per call; joins decision and outcome row, leases and refunds. */
  readonly requestId: string;
  readonly wants: Wants;
  /** Whether an `approve_if` of the policy asks for a person: limits are looked at, nothing is reserved. */
  readonly isHeld: boolean;
  /**
   * Builds the decision row from what came of it. Called inside the transaction, must be fast and must not throw. Called
   * again when the transaction has to be repeated; the result that counts is the one the promise resolves with.
   */
  readonly row: (result: AdmissionResult) => CallRow;
}

/** The end of an admitted call. */
export interface Settlement {
  readonly requestId: string;
  /** Whether it is certain that no byte of the request left for the upstream: refundable charges are given back. */
  readonly isNotSent: boolean;
  readonly row: OutcomeRow;
}

/** Counters of one limit. */
export interface CounterFamily {
  /** As of {@link Charge.family}. */
  readonly family: string;
  /** Whether it has a counter for each value of a `by`. */
  readonly hasBy: boolean;
}

/** What a counter says now. */
export interface CounterReading {
  readonly family: string;
  readonly key: string;
  /** What is used of it: a decimal text. */
  readonly used: string;
  /** Calls in flight that hold a place on it. */
  readonly inFlight: number;
}

/**
 * Where counters, flow marks and audit rows live. All methods reject with `AppError` `STORE_UNAVAILABLE` (or
 * `STORE_CORRUPT`) when the store cannot do it; nothing is then half done. Calls of one turn of the event loop are
 * committed together (group commit), each promise resolves after its own commit is durable.
 */
export interface Store {
  /** 32 random bytes of this store's own, for {@link CallRow.argumentDigest}. Never leaves the store's users. */
  readonly digestSalt: Uint8Array;
  /** Guards, limits, reservations, flow mark and decision row: all in one transaction, or nothing. */
  admit(admission: Admission): Promise<AdmissionResult>;
  /** Ends leases, refunds if asked, writes the outcome row. Settling a request twice changes nothing the second time. */
  settle(settlement: Settlement): Promise<void>;
  /** Writes a decision row of a call that never asked for admission (a denial), or an event row. */
  record(row: CallRow | EventRow): Promise<void>;
  /** What counters say now, family by family; of a `by` those of its values that count something, at most 100. */
  readCounters(families: readonly CounterFamily[]): Promise<readonly CounterReading[]>;
  /**
   * Forgets what is used of a counter and tells what it was (a decimal text); undefined when nothing was ever counted
   * there. Calls in flight keep their places: they end by themselves.
   */
  resetCounter(key: string): Promise<string | undefined>;
  /** Recorded rows in the order they were written. */
  query(query: RowQuery): Promise<readonly Row[]>;
  close(): Promise<void>;
}
