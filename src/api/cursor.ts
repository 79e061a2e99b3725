import { z } from "zod";
import { invalid } from "../control/control-context.ts";
import type { AppError } from "../errors.ts";
import type { Page, PageQuery } from "./contract/common.ts";

/** Where a part of a list ends: the sort key of its last entry. */
export type ListPlace = string | number;

const place: z.ZodType<ListPlace> = z.union([z.string().max(4_000), z.int().min(0)]);

/** Pure. A place as clients see it: opaque, and of this list only. */
export function encodeCursor(list: string, at: ListPlace): string {
  return Buffer.from(JSON.stringify([list, at])).toString("base64url");
}

/** Pure. The place that a cursor names; undefined for the start. Throws `INPUT_INVALID` for one of another list. */
export function decodeCursor(list: string, cursor: string | undefined): ListPlace | undefined {
  if (cursor === undefined) return undefined;
  try {
    const [, at] = z.tuple([z.literal(list), place]).parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return at;
  } catch {
    throw foreignCursor();
  }
}

function foreignCursor(): AppError {
  const hint = "send `nextCursor` of the part before, or leave it out to start again";
  return invalid([{ path: "/cursor", message: "the cursor is not one of this list", hint }]);
}

/** Pure. As {@link decodeCursor}, of a list whose key is a sequence number that falls. */
export function sequenceBefore(list: string, cursor: string | undefined): number | undefined {
  const at = decodeCursor(list, cursor);
  if (at === undefined || typeof at === "number") return at;
  throw foreignCursor();
}

/** Pure. The part of a whole list, sorted by key, that a query asks for. */
export function pageOfAll<Entry, View>(
  list: string,
  entries: Iterable<readonly [key: string, entry: Entry]>,
  { limit, cursor }: PageQuery,
  show: (entry: Entry) => View,
): Page<View> {
  const after = decodeCursor(list, cursor);
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter(([key]) => key > String(after));
  const part = rest.slice(0, limit);
  const last = part.at(-1);
  const nextCursor = rest.length > limit && last !== undefined ? encodeCursor(list, last[0]) : null;
  return { items: part.map(([, entry]) => show(entry)), nextCursor };
}
