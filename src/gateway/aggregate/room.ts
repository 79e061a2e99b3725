import { newId } from "../../ids.ts";
import type { RequestId } from "../../protocol/jsonrpc.ts";
import { metaKeys } from "../../protocol/eras/modern.ts";
import type { Exchange } from "../../transports/transport.ts";
import type { GatewayParts } from "../parts.ts";
import { RequestIds } from "../request-ids.ts";
import { grantOfHolder, type Holder, noteTokens } from "../steps/identify.ts";
import { subscriptionEnd } from "../subscription-end.ts";
import type { ToolList, ToolListFailure } from "../tool-index.ts";

/** A legacy client's session at the address of all servers. */
export interface AggregateSession extends Holder {
  /** `Mcp-Session-Id`. */
  readonly id: string;
  /** What the client calls itself, from its handshake. */
  readonly client: { readonly name: string | undefined; readonly version: string | undefined };
  readonly ids: RequestIds;
  /** Calls under way, by the key of their ids, for the client to give up. */
  readonly running: Map<string, AbortController>;
  lastUsedMs: number;
}

/** A stream on which a client hears that tools changed. */
export interface ToolListener extends Holder {
  readonly exchange: Exchange;
  /** Whether the client asked for it; a stream that nothing comes on ends with its grant all the same. */
  readonly isTold: boolean;
  /** The session it was opened in (legacy era); ends with it. */
  readonly sessionId: string | undefined;
  /** The id of the `subscriptions/listen` that opened it (modern era). */
  readonly subscriptionId: RequestId | undefined;
}

/** A server's tools on their way. */
export interface ToolFetch {
  /** Monotonic milliseconds. */
  readonly startedAtMs: number;
  readonly list: Promise<ToolList | ToolListFailure>;
}

/** Sessions and listeners at the address of all servers. */
export interface AggregateRoom {
  /** A legacy client's handshake. */
  open(owner: Holder, client: AggregateSession["client"]): AggregateSession;
  /** The session of that id, if it belongs to this grant. */
  find(holder: Holder, id: string | undefined): AggregateSession | undefined;
  /** Ends a session and its streams. False when this grant has none of that id. */
  end(grantId: string, id: string | undefined): boolean;
  /** Adds a stream, until its client is gone. */
  listen(listener: ToolListener): void;
  /** Lists that are being fetched, by server, grant and what the client can do. */
  readonly fetches: Map<string, ToolFetch>;
  /** Whether somebody of this grant listens for changes of tools. */
  isHeard(grantId: string): boolean;
  /** Tells the grant's listeners that tools changed. */
  toolsChanged(grantId: string): void;
  /** Ends what belongs to grants that are no more, and tells the others that tools may have changed. */
  configurationChanged(): void;
  /** Ends the streams of all listeners. */
  endStreams(): void;
  close(): void;
}

/** Sessions that nobody used for this long, and that listen to nothing, are over, milliseconds. */
const idleMs = 30 * 60_000;

/** How often it is looked whether a grant has expired, milliseconds. */
const expiryMs = 500;

/** Sessions one grant may have open; the longest unused one makes room. They hold no process. */
const sessionsPerGrantMax = 1_000;

/** Keeps the sessions and listeners at the address of all servers. */
export function createAggregateRoom(parts: Pick<GatewayParts, "clock" | "snapshot">): AggregateRoom {
  const sessions = new Map<string, AggregateSession>();
  const listeners = new Set<ToolListener>();

  const isLive = (holder: Holder): boolean =>
    grantOfHolder(parts.snapshot(), holder, parts.clock.wallMs()) !== undefined;
  const stop = (listener: ToolListener): void => {
    if (!listeners.delete(listener)) return;
    const { exchange, subscriptionId } = listener;
    if (subscriptionId === undefined) return exchange.end();
    exchange.reply(subscriptionEnd(subscriptionId));
  };
  const endSession = (session: AggregateSession): void => {
    sessions.delete(session.id);
    for (const listener of listeners) if (listener.sessionId === session.id) stop(listener);
    for (const call of session.running.values()) call.abort();
  };
  const isIdle = (session: AggregateSession): boolean =>
    session.lastUsedMs < parts.clock.monotonicMs() - idleMs &&
    session.running.size === 0 &&
    ![...listeners].some(({ sessionId }) => sessionId === session.id);
  const makeRoom = (grantId: string): void => {
    for (const session of sessions.values()) if (isIdle(session)) endSession(session);
    const mine = [...sessions.values()].filter((session) => session.grantId === grantId);
    if (mine.length >= sessionsPerGrantMax) endSession(mine.reduce((a, b) => (a.lastUsedMs <= b.lastUsedMs ? a : b)));
  };
  const tell = (isMeant: (listener: ToolListener) => boolean): void => {
    for (const listener of listeners) {
      if (!isMeant(listener)) continue;
      if (!isLive(listener)) stop(listener);
      else if (listener.isTold) listener.exchange.event({ text: changedNotification(listener.subscriptionId) });
    }
  };

  const endOrphans = (): void => {
    for (const session of sessions.values()) if (!isLive(session)) endSession(session);
    for (const listener of listeners) if (!isLive(listener)) stop(listener);
  };
  const endStreams = (): void => {
    for (const listener of listeners) stop(listener);
  };
  // A grant that expires says nothing: its streams would stay open for ever.
  const expiry = setInterval(endOrphans, expiryMs);
  expiry.unref();

  return {
    open: (owner, client) => {
      makeRoom(owner.grantId);
      const lastUsedMs = parts.clock.monotonicMs();
      const id = newId("session");
      const session = { ...owner, id, client, ids: new RequestIds(), running: new Map(), lastUsedMs };
      sessions.set(id, session);
      return session;
    },
    find: (holder, id) => {
      const session = id === undefined ? undefined : sessions.get(id);
      if (session?.grantId !== holder.grantId) return undefined;
      noteTokens(session, holder);
      session.lastUsedMs = parts.clock.monotonicMs();
      return session;
    },
    end: (grantId, id) => {
      const session = id === undefined ? undefined : sessions.get(id);
      if (session?.grantId !== grantId) return false;
      endSession(session);
      return true;
    },
    listen: (listener) => {
      if (listener.exchange.gone.aborted) return;
      listeners.add(listener);
      listener.exchange.gone.addEventListener("abort", () => listeners.delete(listener));
    },
    fetches: new Map(),
    isHeard: (grantId) => [...listeners].some((listener) => listener.grantId === grantId && listener.isTold),
    toolsChanged: (grantId) => tell((listener) => listener.grantId === grantId),
    configurationChanged: () => {
      endOrphans();
      tell(() => true);
    },
    endStreams,
    close: () => {
      clearInterval(expiry);
      endStreams();
      sessions.clear();
    },
  };
}

function changedNotification(subscriptionId: RequestId | undefined): string {
  const method = "notifications/tools/list_changed";
  if (subscriptionId === undefined) return JSON.stringify({ jsonrpc: "2.0", method });
  return JSON.stringify({ jsonrpc: "2.0", method, params: { _meta: { [metaKeys.subscriptionId]: subscriptionId } } });
}
