import { readCall, readCalls, readEvents, type RecordedCall } from "../../control/calls.ts";
import type { BindOperation } from "../bind-operation.ts";
import * as contract from "../contract/calls.ts";
import { encodeCursor, sequenceBefore } from "../cursor.ts";
import type { WebParts } from "../web-parts.ts";

/** What the gateway judged and recorded. */
export function bindCalls(bind: BindOperation, { store }: WebParts): void {
  bind(contract.listCalls, async ({ query: { limit, cursor, ...filter } }) => {
    const wanted = { before: sequenceBefore("calls", cursor), limit };
    const { calls, before } = await readCalls(store, inRowsTime(filter), wanted);
    return { answer: { items: calls.map(callView), nextCursor: cursorOf("calls", before) } };
  });
  bind(contract.getCall, async ({ params: { requestId } }) => ({ answer: callView(await readCall(store, requestId)) }));
  bind(contract.listEvents, async ({ query: { limit, cursor, ...filter } }) => {
    const wanted = { before: sequenceBefore("events", cursor), limit };
    const { rows, before } = await readEvents(store, inRowsTime(filter), wanted);
    return { answer: { items: rows, nextCursor: cursorOf("events", before) } };
  });
}

/** Rows have their times with milliseconds, and are compared as texts. */
function inRowsTime<Filter extends { readonly since?: string; readonly until?: string }>(filter: Filter): Filter {
  const { since, until } = filter;
  return {
    ...filter,
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
}

function cursorOf(list: string, before: number | undefined): string | null {
  return before === undefined ? null : encodeCursor(list, before);
}

function callView({ call, end }: RecordedCall): contract.CallView {
  if (end === undefined) return { ...call, end: null };
  const { time, status, resultBytes, upstreamMicros, isRefunded } = end;
  return { ...call, end: { time, status, resultBytes, upstreamMicros, isRefunded } };
}
