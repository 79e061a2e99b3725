import type { NewRow } from "./tables.ts";

/** What a row is found by; null where a row has no such thing. */
export interface RowColumns {
  readonly requestId: string;
  readonly grant: string | null;
  readonly server: string | null;
  readonly tool: string | null;
  readonly outcome: string | null;
}

/** Pure. What a row is found by. An outcome row is found by its request alone. */
export function columnsOf(row: NewRow): RowColumns {
  const { requestId } = row;
  switch (row.kind) {
    case "call":
      return { requestId, grant: row.grant.id, server: row.server, tool: row.tool, outcome: row.outcome };
    case "event":
      return { requestId, grant: row.grant, server: row.server, tool: null, outcome: null };
    case "outcome":
      return { requestId, grant: null, server: null, tool: null, outcome: null };
  }
}
