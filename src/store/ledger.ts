import type { OutcomeRow } from "../audit/row.ts";
import { AppError } from "../errors.ts";
import { admit } from "../limits/admit.ts";
import type { Moment } from "../limits/moment.ts";
import { decodeReceipt, encodeReceipt } from "../limits/receipt.ts";
import { refund } from "../limits/refund.ts";
import type { AdmissionResult } from "../values/admission.ts";
import type { Admission, Settlement } from "./store.ts";
import type { Tables } from "./tables.ts";

/**
 * Judges an admission and writes what follows, within the caller's transaction. The row is built before anything is
 * written, so a row that cannot be built leaves nothing behind.
 */
export function runAdmission(tables: Tables, admission: Admission, now: Moment): AdmissionResult {
  const { requestId, wants, isHeld } = admission;
  const { result, writes } = admit(wants, isHeld, tables, now);
  const row = admission.row(result);
  if (writes !== undefined) {
    if (!tables.openCall(requestId, encodeReceipt(writes.receipt))) {
      throw new AppError("INTERNAL", `request \`${requestId}\` was already admitted and has not ended`);
    }
    for (const counter of writes.counters) tables.writeCounter(counter);
    for (const lease of writes.leases) tables.addLease(lease, requestId);
    tables.leaveMark(writes.mark, now.steadyMs);
  }
  tables.appendRow(row);
  return result;
}

/** Ends a call within the caller's transaction. A call that is not open (settled before, or never admitted) is left alone. */
export function runSettlement(tables: Tables, settlement: Settlement, now: Moment): void {
  const { requestId, isNotSent, row } = settlement;
  if (endCall(tables, requestId, isNotSent, now)) tables.appendRow(row);
}

/**
 * Ends a call whose node died: its leases are free, its charges stay, and its outcome is unknown. It is never sent
 * again.
 */
export function abandonCall(tables: Tables, requestId: string, now: Moment): void {
  if (endCall(tables, requestId, false, now)) tables.appendRow(unknownOutcome(requestId, now));
}

function endCall(tables: Tables, requestId: string, isNotSent: boolean, now: Moment): boolean {
  const text = tables.closeCall(requestId);
  if (text === undefined) return false;
  const receipt = decodeReceipt(text);
  if (receipt === undefined) throw new AppError("STORE_CORRUPT", "the store holds an open call that cannot be read");
  for (const key of receipt.leaseKeys) tables.removeLease(key, requestId);
  if (isNotSent) {
    for (const counter of refund(receipt, tables, now)) tables.writeCounter(counter);
  }
  return true;
}

function unknownOutcome(requestId: string, now: Moment): OutcomeRow {
  return {
    kind: "outcome",
    time: new Date(now.wallMs).toISOString(),
    requestId,
    status: "unknown",
    resultBytes: 0,
    upstreamMicros: 0,
    isRefunded: false,
  };
}
