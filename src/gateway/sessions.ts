import type { EventRow } from "../audit/row.ts";
import { newId } from "../ids.ts";
import type { ServerNotification, ServerRequest } from "../protocol/classify.ts";
import type { Exchange, Inbound, UpstreamFailure } from "../transports/transport.ts";
import { canonicalJson } from "../values/canonical.ts";
import type { JsonObject } from "../values/json.ts";
import { recordEvent } from "./events.ts";
import type { GatewayParts } from "./parts.ts";
import { type Caller, callerAt, grantOfHolder, type Holder, holderOf, noteTokens } from "./steps/identify.ts";
import type { Era } from "../protocol/eras/era.ts";
import { discover, type EraAnswer, headersForOwn, ownMeta } from "./own-requests.ts";
import type { ServerRecord } from "./snapshot.ts";
import { Tasks } from "./tasks.ts";
import type { DefinitionNotes } from "./definition-notes.ts";
import { createToolIndex, type ListedTool, type ToolIndex } from "./tool-index.ts";
import type { Unasked } from "./upstream-request.ts";
import { UpstreamSession } from "./upstream-session.ts";
import { keyOf } from "./wire-ids.ts";

/** A client's conversation with one server. */
export interface Session extends Holder {
  /** `Mcp-Session-Id` of a legacy HTTP client; undefined on stdio and in the modern era, which has no sessions. */
  readonly id: string | undefined;
  /** Who the session belongs to now; undefined once its grant is gone, has expired or lost the server. */
  readonly caller: () => Caller | undefined;
  readonly upstream: UpstreamSession;
  /** The server's tools as this client would be shown them before any policy. */
  readonly tools: (meta: JsonObject | undefined) => ToolIndex;
  /** Whether the server speaks the modern era to clients of this metadata; asked once, and again after a failure. */
  readonly era: (meta: JsonObject) => Promise<EraAnswer>;
  /**
   * The era that the gateway itself agreed on with the server, into which requests are put; undefined where the client's
   * own era goes through.
   */
  readonly dialect: Era | undefined;
  /** What the client calls itself, from its handshake. */
  client: { readonly name: string | undefined; readonly version: string | undefined };
  /** The revision that the handshake agreed on; undefined before it and in the modern era. */
  protocolVersion: string | undefined;
  /** Streams that the client opened to listen. */
  readonly listeners: Set<Exchange>;
  /** Ids of the server's requests that wait for the client's answer. */
  readonly expected: Set<string>;
  /** Ends each stream of changes that a modern client opened. */
  readonly subscriptions: Set<AbortController>;
  /** Tasks that this grant's calls to this server made. */
  readonly tasks: Tasks;
  lastUsedMs: number;
}

/** What to do with messages that a server sends of its own accord. */
export interface ServerMessageHandlers {
  readonly onNotification: (session: Session, unasked: Unasked<ServerNotification>) => void;
  readonly onRequest: (session: Session, unasked: Unasked<ServerRequest>) => void;
}

/** Whether somebody wants to hear of the tools behind the gateway's own connections for this grant. */
export type IsHeard = (grantId: string) => boolean;

/** What identifies a caller again later. */
export type CallerKey = Pick<Inbound, "transport" | "tokenSha256" | "server">;

/** All open sessions. */
export interface Sessions {
  /**
   * A legacy HTTP client's handshake: a session with a server connection of its own. Undefined when the grant opened so
   * many that those which made room have not ended yet.
   */
  open(caller: Caller, key: CallerKey): Session | undefined;
  /** The session of that id, if it belongs to this caller. */
  find(caller: Caller, key: CallerKey, id: string): Session | undefined;
  /** The connection that modern clients of a grant share. */
  shared(caller: Caller, key: CallerKey): Session;
  /** The gateway's own connection to a server in an era of its choice, which clients of a grant share. No handshake yet. */
  behind(caller: Caller, key: CallerKey, dialect: Era): Session;
  /**
   * The one session of a local client. A server that ended is started again only for a new handshake: it would not know
   * the client otherwise.
   */
  local(caller: Caller, key: CallerKey, isHandshake: boolean): Session;
  /** The stream that a local client listens on, for its session now or later. */
  listenLocally(exchange: Exchange): void;
  /** Ends a session and its server connection. */
  end(session: Session): Promise<void>;
  /** Ends the sessions whose caller is no longer one: after a grant was revoked, expired or lost the server. */
  endOrphans(): void;
  /** Ends the streams on which clients listen for what servers say of their own accord. */
  endStreams(): void;
  close(): Promise<void>;
}

/** How often it is looked whether a session's grant has expired, or nobody uses it any more, milliseconds. */
const tidyMs = 500;

/** Legacy sessions one grant may have open at once; the longest unused one makes room. */
const sessionsPerGrantMax = 50;

/** Sessions of one grant that may be ending at a time: a server may take seconds to end. */
const endingPerGrantMax = 50;

/** Client capability sets that one connection remembers something about. */
const capabilitySetsMax = 16;

/** What kind of session is made. */
interface Way {
  readonly id: string | undefined;
  readonly use: "exclusive" | "shared";
  readonly dialect: Era | undefined;
}

function sharedKeyOf(server: ServerRecord, grantId: string, dialect: Era | undefined): string {
  return `${server.name} ${grantId} ${dialect ?? ""}`;
}

/** Keeps the sessions of a gateway. */
export function createSessions(
  parts: GatewayParts,
  handlers: ServerMessageHandlers,
  isHeard: IsHeard,
  noteDefinitions: DefinitionNotes,
): Sessions {
  const byId = new Map<string, Session>();
  const sharedByGrant = new Map<string, Session>();
  const tasksByGrant = new Map<string, Tasks>();
  const localListeners = new Set<Exchange>();
  const all = new Set<Session>();
  const ending = new Set<Session>();
  let localSession: Session | undefined;

  const create = (caller: Caller, key: CallerKey, way: Way): Session => {
    const { id, use, dialect } = way;
    const indexes = new Map<string, ToolIndex>();
    const upstream: UpstreamSession = new UpstreamSession({
      server: caller.server,
      use,
      isResumed: dialect !== undefined || key.transport !== "http",
      clock: parts.clock,
      logger: parts.logger,
      onNotification: (unasked) => {
        if (unasked.message.method === "notifications/tools/list_changed") {
          for (const index of indexes.values()) index.invalidate();
        }
        handlers.onNotification(session, unasked);
      },
      onRequest: (unasked) => handlers.onRequest(session, unasked),
      onEnd: (end) => onEnd(session, end),
    });
    const tools = (clientMeta: JsonObject | undefined): ToolIndex => {
      const meta = dialect === undefined ? clientMeta : dialect === "legacy" ? undefined : (clientMeta ?? ownMeta);
      return remembered(indexes, meta === undefined ? "" : canonicalJson(meta), () => {
        const headers = (): Readonly<Record<string, string>> =>
          headersForOwn("tools/list", meta, session.protocolVersion);
        const { clock, prepareSchema } = parts;
        const where = { transport: key.transport, grant: caller.grant.id };
        const server = caller.server.name;
        const onListed = (listed: Iterable<ListedTool>): void => noteDefinitions({ ...where, server }, listed);
        return createToolIndex({ upstream, clock, meta, headers, prepareSchema, onListed });
      });
    };
    const eras = new Map<string, Promise<EraAnswer>>();
    const era = async (meta: JsonObject): Promise<EraAnswer> => {
      const eraKey = canonicalJson(meta);
      const answer = await remembered(eras, eraKey, () => discover(upstream, meta));
      if (typeof answer !== "string") eras.delete(eraKey);
      return answer;
    };
    const session: Session = {
      id,
      ...holderOf(parts.snapshot(), caller.grant, key),
      caller: () => {
        const snapshot = parts.snapshot();
        const grant = grantOfHolder(snapshot, session, parts.clock.wallMs());
        return grant === undefined ? undefined : callerAt(snapshot, grant, caller.server.name);
      },
      upstream,
      tools,
      era,
      dialect,
      client: { name: undefined, version: undefined },
      protocolVersion: undefined,
      listeners: new Set(),
      subscriptions: new Set(),
      expected: new Set(),
      tasks: tasksOf(tasksByGrant, `${caller.server.name} ${caller.grant.id}`),
      lastUsedMs: parts.clock.monotonicMs(),
    };
    all.add(session);
    recordEvent(parts, { event: "upstream_started", ...whereOf(session), reason: use });
    return session;
  };

  const onEnd = (session: Session, end: UpstreamFailure): void => {
    forget(session);
    const isUnreached = end.code === "UPSTREAM_START_FAILED" || end.code === "UPSTREAM_CREDENTIALS";
    const event = isUnreached ? "upstream_failed" : "upstream_exited";
    recordEvent(parts, { event, ...whereOf(session), reason: end.code, message: end.message });
  };
  const forget = (session: Session): void => {
    all.delete(session);
    if (session.id !== undefined) byId.delete(session.id);
    const sharedKey = sharedKeyOf(session.upstream.server, session.grantId, session.dialect);
    if (sharedByGrant.get(sharedKey) === session) sharedByGrant.delete(sharedKey);
    if (session !== localSession) for (const listener of session.listeners) listener.end();
  };
  const end = async (session: Session): Promise<void> => {
    forget(session);
    ending.add(session);
    await session.upstream.close();
    ending.delete(session);
  };
  const noteUse = (session: Session, caller: Caller, key: CallerKey): void => {
    session.lastUsedMs = parts.clock.monotonicMs();
    noteTokens(session, holderOf(parts.snapshot(), caller.grant, key));
  };
  const share = (caller: Caller, key: CallerKey, dialect: Era | undefined): Session => {
    const sharedKey = sharedKeyOf(caller.server, caller.grant.id, dialect);
    const known = sharedByGrant.get(sharedKey);
    // A server whose definition was reloaded gets a new connection; calls under way end on the old one.
    if (known !== undefined && known.upstream.server.upstream === caller.server.upstream) {
      noteUse(known, caller, key);
      return known;
    }
    const session = create(caller, key, { id: undefined, use: "shared", dialect });
    sharedByGrant.set(sharedKey, session);
    return session;
  };
  /** False when there is none, and none can be made at once. */
  const makeRoom = (grantId: string): boolean => {
    const mine = sessionsOf(byId.values(), grantId);
    if (mine.length < sessionsPerGrantMax) return true;
    if (sessionsOf(ending, grantId).length >= endingPerGrantMax) return false;
    const oldest = mine.reduce((a, b) => (a.lastUsedMs <= b.lastUsedMs ? a : b));
    void end(oldest);
    return true;
  };
  const endIdle = (): void => {
    const nowMs = parts.clock.monotonicMs();
    for (const session of all) {
      if (session === localSession) continue;
      if (isBusy(session, isHeard)) session.lastUsedMs = nowMs;
      else if (nowMs - session.lastUsedMs > session.upstream.server.idleTimeoutMs) void end(session);
    }
  };
  const endOrphans = (): void => {
    for (const session of all) {
      const caller = session.caller();
      if (caller === undefined || caller.server.upstream !== session.upstream.server.upstream) void end(session);
    }
  };
  // A grant that expires says nothing: its streams would stay open for ever.
  const tidy = setInterval(() => {
    endOrphans();
    endIdle();
  }, tidyMs);
  tidy.unref();

  return {
    open: (caller, key) => {
      if (!makeRoom(caller.grant.id)) return undefined;
      const session = create(caller, key, { id: newId("session"), use: "exclusive", dialect: undefined });
      if (session.id !== undefined) byId.set(session.id, session);
      return session;
    },
    find: (caller, key, id) => {
      const session = byId.get(id);
      if (session?.grantId !== caller.grant.id || session.upstream.server.name !== caller.server.name) return undefined;
      noteUse(session, caller, key);
      return session;
    },
    shared: (caller, key) => share(caller, key, undefined),
    behind: share,
    local: (caller, key, isHandshake) => {
      if (localSession === undefined || (isHandshake && localSession.upstream.isEnded)) {
        localSession = create(caller, key, { id: undefined, use: "exclusive", dialect: undefined });
        for (const listener of localListeners) localSession.listeners.add(listener);
      }
      return localSession;
    },
    listenLocally: (exchange) => {
      localListeners.add(exchange);
      localSession?.listeners.add(exchange);
    },
    end,
    endOrphans,
    endStreams: () => {
      for (const { listeners, subscriptions } of all) {
        for (const listener of listeners) listener.end();
        for (const subscription of subscriptions) subscription.abort();
      }
    },
    close: async () => {
      clearInterval(tidy);
      await Promise.all([...all].map(end));
    },
  };
}

/** Where the event of a session took place, as its row says it. */
export function whereOf(session: Session): Pick<EventRow, "transport" | "server" | "grant"> {
  return { transport: session.transport, server: session.upstream.server.name, grant: session.grantId };
}

/** Requests of a server's that may wait for one client's answers; people do not answer more. */
const expectedMax = 256;

/** Whether this request of the server's may be passed to the client: not too many others wait for it already. */
export function hasRoomForRequest({ expected }: Session, request: ServerRequest): boolean {
  return expected.size < expectedMax || expected.has(keyOf(request.id));
}

/**
 * Adds the id of a request that was passed to the client, whose answer is awaited. False when it waited already: a
 * stream that is taken up again brings again what its client may have missed.
 */
export function expectAnswer({ expected }: Session, request: ServerRequest): boolean {
  const before = expected.size;
  return expected.add(keyOf(request.id)).size > before;
}

/** Whether something is under way in a session, or somebody listens. */
function isBusy({ upstream, listeners, tasks, dialect, grantId }: Session, isHeard: IsHeard): boolean {
  return upstream.isBusy || listeners.size > 0 || tasks.isRunning || (dialect !== undefined && isHeard(grantId));
}

function sessionsOf(sessions: Iterable<Session>, grantId: string): readonly Session[] {
  return [...sessions].filter((session) => session.grantId === grantId);
}

/** What is known under a key, else made and known from then on; the oldest makes room. */
function remembered<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  const there = known.get(key);
  if (there !== undefined) return there;
  const oldest = known.size >= capabilitySetsMax ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
  const made = make();
  known.set(key, made);
  return made;
}

function tasksOf(byGrant: Map<string, Tasks>, key: string): Tasks {
  const known = byGrant.get(key) ?? new Tasks();
  byGrant.set(key, known);
  return known;
}
