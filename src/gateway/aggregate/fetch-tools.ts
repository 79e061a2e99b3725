import type { ClientRequest } from "../../protocol/classify.ts";
import { canonicalJson } from "../../values/canonical.ts";
import type { MessageContext } from "../context.ts";
import { requiredMeta } from "../own-requests.ts";
import type { Session } from "../sessions.ts";
import type { ToolList, ToolListFailure } from "../tool-index.ts";
import { connectBehind } from "./connect.ts";
import type { ToolFetch } from "./room.ts";

/** How long a list waits for one server, milliseconds; less where the server's `start_timeout` is shorter. */
const waitMsMax = 10_000;

/** Connections on which tools were listed at least once. */
const listed = new WeakSet<Session>();

/**
 * A server's tools, asked for anew, or why they are left out. A server that is late goes on being asked: lists that come
 * meanwhile wait for the rest of its time only, and listeners hear of it when it is there for the first time.
 */
export function fetchTools(context: MessageContext, request: ClientRequest): Promise<ToolList | ToolListFailure> {
  const { gateway, caller } = context;
  const { server, grant } = caller;
  const { fetches } = gateway.aggregate;
  const meta = requiredMeta(request.params);
  const key = `${server.name} ${grant.id} ${meta === undefined ? "" : canonicalJson(meta)}`;
  const waitMs = Math.min(server.startTimeoutMs, waitMsMax);
  const known = fetches.get(key);
  const fetch = known ?? start(context, request, waitMs);
  if (known === undefined) {
    fetches.set(key, fetch);
    void fetch.list.then(() => fetches.delete(key));
  }
  const restMs = Math.max(0, fetch.startedAtMs + waitMs - gateway.clock.monotonicMs());
  return new Promise((resolve) => {
    const message = `the server did not list its tools within ${waitMs / 1000} s`;
    const timer = setTimeout(() => resolve({ kind: "failed", code: "UPSTREAM_TIMEOUT", message }), restMs);
    void fetch.list.then((list) => {
      clearTimeout(timer);
      resolve(list);
    });
  });
}

function start(context: MessageContext, request: ClientRequest, waitMs: number): ToolFetch {
  const { gateway, caller } = context;
  const startedAtMs = gateway.clock.monotonicMs();
  const ask = async (): Promise<ToolList | ToolListFailure> => {
    const connected = await connectBehind(context, request.era);
    if (connected.kind === "failed") return connected;
    const { session } = connected;
    const list = await session.tools(requiredMeta(request.params)).fresh();
    const isFirst = list.kind === "listed" && !listed.has(session);
    if (isFirst) listed.add(session);
    const isLate = gateway.clock.monotonicMs() > startedAtMs + waitMs;
    if (isFirst && isLate) gateway.aggregate.toolsChanged(caller.grant.id);
    return list;
  };
  const list = ask().catch((error: unknown): ToolListFailure => {
    gateway.logger.error({ server: caller.server.name, error: String(error) }, "tools could not be listed");
    return { kind: "failed", code: "UPSTREAM_GARBAGE", message: "the server's tools could not be listed" };
  });
  return { startedAtMs, list };
}
