import type { CallRow, EventRow, OutcomeRow, Row, RowQuery } from "../audit/row.ts";
import type { Store } from "../store/store.ts";
import { notFound } from "./control-context.ts";

/** How many rows are looked at in one step: between two steps calls are judged. */
const stretch = 5_000;

/** How many steps one question may take. */
const stretchesMax = 20;

/** Rows of several processes may stand this far out of order, milliseconds. */
const disorderMs = 60_000;

/** A part of the rows, latest first. */
export interface RowPart<Kind extends Row> {
  /** May be fewer than asked for while there are more: the next part goes on where this one stopped looking. */
  readonly rows: readonly Kind[];
  /** What to go on before; undefined at the end. */
  readonly before: number | undefined;
}

/** Which part is read. */
export interface PartWanted {
  /** A sequence number; undefined for the latest rows. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** A judged call, and how it ended when it was let through and has. */
export interface RecordedCall {
  readonly call: CallRow & { readonly sequence: number };
  readonly end: OutcomeRow | undefined;
}

/** What calls are searched by. */
export type CallFilter = Omit<RowQuery, "after" | "before" | "last" | "limit" | "kind" | "requestIds">;

/** Judged calls, latest first. Rejects with the store's errors. */
export async function readCalls(
  store: Store,
  filter: CallFilter,
  wanted: PartWanted,
): Promise<{ readonly calls: readonly RecordedCall[]; readonly before: number | undefined }> {
  const { rows, before } = await readBack(store, { ...filter, kind: "call" }, wanted);
  const calls = rows.flatMap((row) => (row.kind === "call" ? [row] : []));
  const ends = await endsOf(
    store,
    calls.map(({ requestId }) => requestId),
  );
  return { calls: calls.map((call) => ({ call, end: ends.get(call.requestId) })), before };
}

/** One judged call. Throws `NOT_FOUND`, and the store's errors. */
export async function readCall(store: Store, requestId: string): Promise<RecordedCall> {
  const rows = await store.query({ requestId });
  const call = rows.find((row) => row.kind === "call");
  if (call === undefined) throw notFound("call", requestId);
  return { call, end: rows.find((row) => row.kind === "outcome") };
}

/** What is recorded beside calls, latest first. Rejects with the store's errors. */
export async function readEvents(
  store: Store,
  filter: Pick<RowQuery, "grant" | "server" | "since" | "until">,
  wanted: PartWanted,
): Promise<RowPart<EventRow & { readonly sequence: number }>> {
  const { rows, before } = await readBack(store, { ...filter, kind: "event" }, wanted);
  return { rows: rows.flatMap((row) => (row.kind === "event" ? [row] : [])), before };
}

async function readBack(store: Store, query: RowQuery, { before, limit }: PartWanted): Promise<RowPart<Row>> {
  let end = before ?? (await latestSequence(store)) + 1;
  const rows: Row[] = [];
  for (let step = 0; step < stretchesMax && end > 1; step += 1) {
    const after = Math.max(0, end - 1 - stretch);
    const found = await store.query({ ...query, after, before: end, last: limit - rows.length });
    rows.push(...found.toReversed());
    if (rows.length >= limit) return { rows, before: rows.at(-1)?.sequence };
    end = after + 1;
    if (query.since !== undefined && (await isOlder(store, after, query.since))) return { rows, before: undefined };
  }
  return { rows, before: end > 1 ? end : undefined };
}

async function latestSequence(store: Store): Promise<number> {
  const [latest] = await store.query({ last: 1 });
  return latest?.sequence ?? 0;
}

/** Whether the rows up to a place were all written before that time. */
async function isOlder(store: Store, after: number, since: string): Promise<boolean> {
  const [first] = await store.query({ after, limit: 1 });
  return first !== undefined && Date.parse(first.time) < Date.parse(since) - disorderMs;
}

async function endsOf(store: Store, requestIds: readonly string[]): Promise<ReadonlyMap<string, OutcomeRow>> {
  if (requestIds.length === 0) return new Map();
  const rows = await store.query({ requestIds, kind: "outcome" });
  return new Map(rows.flatMap((row) => (row.kind === "outcome" ? [[row.requestId, row] as const] : [])));
}
