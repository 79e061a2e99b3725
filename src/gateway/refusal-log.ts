import type { EventRow } from "../audit/row.ts";
import type { GatewayParts } from "./parts.ts";
import { type EventFields, eventRow } from "./events.ts";

/** Rows that callers without a grant, or one server, can cause in one minute; the rest is counted and summed up in one row. */
const rowsPerMinuteMax = 60;

/** Rows that the refused messages of one known grant can cause in one minute. */
export const rowsOfGrantPerMinuteMax = 3_000;

const minuteMs = 60_000;

/** Records refusals, which cost a client nothing and must not be able to fill the disk. */
export interface RefusalLog {
  /** Resolves when the refusal is recorded, or counted for the summary. */
  record(fields: EventFields): Promise<void>;
  /** Writes what is still only counted. */
  flush(): Promise<void>;
}

/** Keeps the refusals of strangers, of one server or of one grant; `summary` is what the row of what was only counted says. */
export function createRefusalLog(
  parts: Pick<GatewayParts, "store" | "clock" | "logger">,
  summary: Pick<EventRow, "event" | "transport"> & Partial<EventRow> = { event: "token_rejected", transport: "http" },
  rowsMax: number = rowsPerMinuteMax,
): RefusalLog {
  let minuteStartMs = parts.clock.monotonicMs();
  let rowsThisMinute = 0;
  let counts: Record<string, number> = {};
  let timer: NodeJS.Timeout | undefined;

  const write = async (row: EventRow): Promise<void> => {
    try {
      await parts.store.record(row);
    } catch (error) {
      // The request is refused either way; the log is the second witness.
      parts.logger.error({ reason: row.reason, error: String(error) }, "refusal could not be recorded");
    }
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (Object.keys(counts).length === 0) return;
    const summed = counts;
    counts = {};
    const message = `refusals over ${rowsMax} a minute, by reason`;
    await write(eventRow(parts.clock.wallMs(), { ...summary, reason: "summary", message, counts: summed }));
  };
  return {
    flush,
    record: async (fields) => {
      const nowMs = parts.clock.monotonicMs();
      if (nowMs - minuteStartMs >= minuteMs) {
        minuteStartMs = nowMs;
        rowsThisMinute = 0;
        await flush();
      }
      rowsThisMinute += 1;
      if (rowsThisMinute <= rowsMax) return write(eventRow(parts.clock.wallMs(), fields));
      timer ??= setTimeout(() => void flush(), minuteMs).unref();
      counts[fields.reason] = (counts[fields.reason] ?? 0) + 1;
    },
  };
}
