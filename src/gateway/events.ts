import type { EventRow } from "../audit/row.ts";
import { newTimedId } from "../ids.ts";
import type { GatewayParts } from "./parts.ts";

/** What an event row says beside its time and id; what has no part in the event may be left out. */
export type EventFields = Pick<EventRow, "event" | "transport" | "reason"> & Partial<Omit<EventRow, "kind" | "time">>;

/** Builds an event row. */
export function eventRow(nowMs: number, fields: EventFields): EventRow {
  return {
    kind: "event",
    time: new Date(nowMs).toISOString(),
    requestId: newTimedId("req", nowMs),
    server: null,
    grant: null,
    message: "",
    counts: {},
    ...fields,
  };
}

/** Records an event without making anybody wait; a store that cannot take it is logged. */
export function recordEvent(parts: Pick<GatewayParts, "store" | "clock" | "logger">, fields: EventFields): void {
  const row = eventRow(parts.clock.wallMs(), fields);
  parts.store.record(row).catch((error: unknown) => {
    parts.logger.error({ event: row.event, reason: row.reason, error: String(error) }, "event could not be recorded");
  });
}
