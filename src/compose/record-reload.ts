import type { EventRow } from "../audit/row.ts";
import { recordEvent } from "../gateway/events.ts";

/** Writes into the audit that a changed file is in force, or that it has problems and the last good one stays. */
export function recordReload(
  parts: Parameters<typeof recordEvent>[0],
  isUsable: boolean,
  transport: EventRow["transport"],
): void {
  const message = "the last good configuration stays in force";
  recordEvent(parts, {
    transport,
    ...(isUsable
      ? { event: "policy_loaded", reason: "changed" }
      : { event: "policy_rejected", reason: "problems", message }),
  });
}
