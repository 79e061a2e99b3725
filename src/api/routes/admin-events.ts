import type { Selectable } from "kysely";
import { readAdminEvents } from "../../control/admin-events.ts";
import type { AdminEventRow } from "../../store/control-tables.ts";
import type { JsonObject } from "../../values/json.ts";
import type { BindOperation } from "../bind-operation.ts";
import { type AdminEventView, listAdminEvents } from "../contract/admin-events.ts";
import { encodeCursor, sequenceBefore } from "../cursor.ts";
import { timeText } from "../time-text.ts";
import type { WebParts } from "../web-parts.ts";

/** Who changed what. */
export function bindAdminEvents(bind: BindOperation, { control }: WebParts): void {
  bind(listAdminEvents, async ({ query: { limit, cursor, since, until, ...filter } }) => {
    const times = {
      ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
      ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
    };
    const wanted = { before: sequenceBefore("admin-events", cursor), limit: limit + 1 };
    const rows = await readAdminEvents(control.database.read, { ...filter, ...times }, wanted);
    const part = rows.slice(0, limit);
    const last = part.at(-1);
    const nextCursor = rows.length > limit && last !== undefined ? encodeCursor("admin-events", last.sequence) : null;
    return { answer: { items: part.map(adminEventView), nextCursor } };
  });
}

function adminEventView(row: Selectable<AdminEventRow>): AdminEventView {
  return {
    id: row.id,
    time: timeText(row.time_ms),
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name, address: row.address },
    action: row.action,
    object: { kind: row.object_kind, id: row.object_id },
    before: parse(row.before),
    after: parse(row.after),
  };
}

function parse(text: string | null): JsonObject | null {
  const value: JsonObject | null = text === null ? null : JSON.parse(text);
  return value;
}
