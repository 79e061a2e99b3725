import type { CallRow, EventRow, OutcomeRow } from "../audit/row.ts";
import type { CounterWrite, Lease, LimitsView } from "../limits/view.ts";
import type { FlowMarkToLeave } from "../values/admission.ts";

/** A row that has no place yet. */
export type NewRow = CallRow | OutcomeRow | EventRow;

/** What a store offers within one transaction: all that the limits room reads, and the writes that follow from it. */
export interface Tables extends LimitsView {
  /** Keys of a family that count something (as of {@link LimitsView.liveKeys}), in order, at most so many. */
  keysOf(family: string, steadyMs: number, keysMax: number): readonly string[];
  /** Forgets a counter. */
  removeCounter(key: string): void;
  writeCounter(write: CounterWrite): void;
  addLease(lease: Lease, requestId: string): void;
  removeLease(key: string, requestId: string): void;
  /** Leaves the mark in each of its scopes at that steady moment. */
  leaveMark(mark: FlowMarkToLeave, steadyMs: number): void;
  /** Remembers an admitted call until it settles; false, and nothing is done, when that request is already open. */
  openCall(requestId: string, receipt: string): boolean;
  /** Forgets an open call and gives its receipt; undefined when it is not open. */
  closeCall(requestId: string): string | undefined;
  appendRow(row: NewRow): void;
}
