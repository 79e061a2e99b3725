import { newId } from "../ids.ts";
import type { ServerNotification } from "../protocol/classify.ts";
import type { UpstreamEnd } from "../transports/transport.ts";
import { canonicalJson } from "../values/canonical.ts";
import type { JsonObject } from "../values/json.ts";
import { recordEvent } from "./events.ts";
import type { GatewayParts } from "./parts.ts";
import type { ServerRecord } from "./snapshot.ts";
import type { Caller } from "./steps/identify.ts";
import { createToolIndex, type ToolIndex } from "./tool-index.ts";
import { UpstreamSession } from "./upstream-session.ts";

/** A client's conversation with one server. */
export interface Session {
  /** `Mcp-Session-Id` of a legacy HTTP client; undefined on stdio and in the modern era, which has no sessions. */
  readonly id: string | undefined;
  readonly grantId: string;
  readonly upstream: UpstreamSession;
  /** The server's tools as this client would be shown them before any policy. */
  readonly tools: (meta: JsonObject | undefined) => ToolIndex;
  /** Whether the server speaks the modern era; asked once with the first caller's metadata. */
  readonly speaksModern: (meta: JsonObject) => Promise<boolean>;
  /** What the client calls itself, from its handshake. */
  client: { readonly name: string | undefined; readonly version: string | undefined };
  lastUsedMs: number;
}

/** All open sessions. */
export interface Sessions {
  /** A legacy HTTP client's handshake: a session with a server connection of its own. */
  open(caller: Caller): Session;
  /** The session of that id, if it belongs to this caller. */
  find(caller: Caller, id: string): Session | undefined;
  /** The connection that modern clients of a server share. */
  shared(caller: Caller): Session;
  /**
   * The one session of a local client; `send` takes the server's notifications that answer no request. A server that
   * ended is started again only for a new handshake: it would not know the client otherwise.
   */
  local(caller: Caller, send: (text: string) => void, isHandshake: boolean): Session;
  /** Ends a session and its server connection. */
  end(session: Session): Promise<void>;
  close(): Promise<void>;
}

/** Sessions that nobody used for this long are ended, milliseconds. */
const idleMs = 30 * 60_000;
const sweepMs = 60_000;

/** Legacy sessions one grant may have open at once; the longest unused one makes room. */
const sessionsPerGrantMax = 50;

/** Client capability sets whose tool lists are remembered for one shared connection. */
const indexesMax = 16;

/** MCP 2026-07-28: a server of the modern era answers `server/discover`; one of the legacy era does not know it. */
async function discover(upstream: UpstreamSession, meta: JsonObject): Promise<boolean> {
  const answer = await upstream.ask("server/discover", { _meta: meta }, upstream.server.startTimeoutMs);
  return answer.kind === "answered" && !answer.response.isError;
}

/** Keeps the sessions of a gateway. */
export function createSessions(parts: GatewayParts): Sessions {
  const byId = new Map<string, Session>();
  const sharedByServer = new Map<string, Session>();
  let localSession: Session | undefined;
  const all = new Set<Session>();

  const create = (
    caller: Caller,
    id: string | undefined,
    use: "exclusive" | "shared",
    send: ((text: string) => void) | undefined,
  ): Session => {
    const indexes = new Map<string, ToolIndex>();
    const onNotification = (notification: ServerNotification): void => {
      if (notification.method === "notifications/tools/list_changed") {
        for (const index of indexes.values()) index.invalidate();
      }
      send?.(notification.text);
    };
    const upstream = new UpstreamSession({
      server: caller.server,
      use,
      clock: parts.clock,
      logger: parts.logger,
      onNotification,
      onRefused: (method) =>
        recordEvent(parts, { event: "server_request_refused", server: caller.server.name, reason: method }),
      onEnd: (end) => onEnd(session, caller.server, end),
    });
    const tools = (meta: JsonObject | undefined): ToolIndex => {
      const key = meta === undefined ? "" : canonicalJson(meta);
      const known = indexes.get(key);
      if (known !== undefined) return known;
      const oldest = indexes.size >= indexesMax ? indexes.keys().next().value : undefined;
      if (oldest !== undefined) indexes.delete(oldest);
      const index = createToolIndex(upstream, meta, parts.prepareSchema);
      indexes.set(key, index);
      return index;
    };
    let modern: Promise<boolean> | undefined;
    const session: Session = {
      id,
      grantId: caller.grant.id,
      upstream,
      tools,
      speaksModern: (meta) => (modern ??= discover(upstream, meta)),
      client: { name: undefined, version: undefined },
      lastUsedMs: parts.clock.monotonicMs(),
    };
    all.add(session);
    recordEvent(parts, { event: "upstream_started", server: caller.server.name, reason: use });
    return session;
  };

  const onEnd = (session: Session, server: ServerRecord, end: UpstreamEnd): void => {
    forget(session, server.name);
    const event = end.code === "UPSTREAM_START_FAILED" ? "upstream_failed" : "upstream_exited";
    recordEvent(parts, { event, server: server.name, reason: end.code, message: end.message });
  };
  const forget = (session: Session, server: string): void => {
    all.delete(session);
    if (session.id !== undefined) byId.delete(session.id);
    if (sharedByServer.get(server) === session) sharedByServer.delete(server);
  };
  const end = async (session: Session): Promise<void> => {
    forget(session, session.upstream.server.name);
    await session.upstream.close();
  };
  const makeRoom = (grantId: string): void => {
    const mine = [...byId.values()].filter((session) => session.grantId === grantId);
    if (mine.length < sessionsPerGrantMax) return;
    const oldest = mine.reduce((a, b) => (a.lastUsedMs <= b.lastUsedMs ? a : b));
    void end(oldest);
  };
  const sweep = setInterval(() => {
    const before = parts.clock.monotonicMs() - idleMs;
    for (const session of byId.values()) if (session.lastUsedMs < before) void end(session);
  }, sweepMs);
  sweep.unref();

  return {
    open: (caller) => {
      makeRoom(caller.grant.id);
      const session = create(caller, newId("session"), "exclusive", undefined);
      if (session.id !== undefined) byId.set(session.id, session);
      return session;
    },
    find: (caller, id) => {
      const session = byId.get(id);
      if (session?.grantId !== caller.grant.id || session.upstream.server.name !== caller.server.name) return undefined;
      session.lastUsedMs = parts.clock.monotonicMs();
      return session;
    },
    shared: (caller) => {
      const known = sharedByServer.get(caller.server.name);
      // A server whose definition was reloaded gets a new connection; calls under way end on the old one.
      if (known !== undefined && known.upstream.server.upstream === caller.server.upstream) return known;
      const session = create(caller, undefined, "shared", undefined);
      sharedByServer.set(caller.server.name, session);
      return session;
    },
    local: (caller, send, isHandshake) => {
      if (localSession === undefined || (isHandshake && localSession.upstream.isEnded)) {
        localSession = create(caller, undefined, "exclusive", send);
      }
      return localSession;
    },
    end,
    close: async () => {
      clearInterval(sweep);
      await Promise.all([...all].map(end));
    },
  };
}
