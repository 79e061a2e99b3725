import { Buffer } from "node:buffer";
import type { RequestId } from "../../protocol/jsonrpc.ts";
import type {
  Origin,
  Outgoing,
  SendResult,
  UpstreamConnection,
  UpstreamEvents,
  UpstreamFailure,
} from "../transport.ts";
import type { ExchangeCalls, ExchangeEnd, HttpExchange } from "./upstream-exchange.ts";
import { failure } from "./upstream-failure.ts";
import { eventIdValue, type HeaderList, headerList, readSessionId } from "./upstream-headers.ts";
import { authorize, watched } from "./upstream-authorization.ts";
import { acceptTimeoutMs, OpenExchanges } from "./upstream-open.ts";
import { type HttpServer, pathOf } from "./upstream-server.ts";
import { endSession } from "./upstream-session-end.ts";

const postHeaders = ["accept", "application/json, text/event-stream", "content-type", "application/json"];

/** A client's dealings with a server (in the modern era those of any number of clients): its streams, its session. */
export class HttpConnection implements UpstreamConnection {
  readonly #server: HttpServer;
  readonly #path: string;
  readonly #events: UpstreamEvents;
  readonly #open: OpenExchanges;
  readonly #requests = new Map<RequestId, { readonly exchange: HttpExchange; readonly message: Outgoing }>();
  readonly #listeners = new Map<string, HttpExchange>();
  /** Requests and streams that wait for a token, under their id or key. */
  readonly #waiting = new Map<RequestId, object>();
  #sessionId: string | undefined;
  #isSessionLost = false;
  /** `MCP-Protocol-Version` as the session's messages had it last; everything in the session carries it. */
  #version: string | undefined;
  #isEnded = false;
  #closing: Promise<void> | undefined;

  constructor(server: HttpServer, events: UpstreamEvents) {
    this.#server = server;
    this.#path = pathOf(server.url);
    this.#events = events;
    this.#open = new OpenExchanges(server);
  }

  send(message: Outgoing): Promise<SendResult> {
    const body = Buffer.from(message.text, "utf8");
    if (this.#isEnded || !this.#open.hasRoomFor(body.length)) return Promise.resolve("not_sent");
    const requestId = message.kind === "request" ? message.id : undefined;
    const { authorization, load } = this.#server;
    return new Promise((resolve) => {
      if (authorization === undefined) return this.#post(message, body, [], resolve);
      load.waitingBytes += body.length;
      this.#authorize(
        requestId,
        (headers) => {
          load.waitingBytes -= body.length;
          if (headers === undefined) resolve("not_sent");
          else this.#post(message, body, headers, resolve);
        },
        (wrong) => {
          if (requestId === undefined) this.#warn(wrong);
          else this.#events.onStreamEnd({ requestId }, wrong);
        },
      );
    });
  }

  /**
   * Goes on with the headers that authorize, or with undefined when nothing may be sent: there is no token (which is told),
   * or the request was given up while it waited for one.
   */
  #authorize(
    key: RequestId | undefined,
    go: (headers: HeaderList | undefined) => void,
    tell: (wrong: UpstreamFailure) => void,
  ): void {
    const ticket = {};
    if (key !== undefined) this.#waiting.set(key, ticket);
    const isWanted = (): boolean => {
      const isWaiting = key === undefined || this.#waiting.get(key) === ticket;
      if (isWaiting && key !== undefined) this.#waiting.delete(key);
      return isWaiting && !this.#isEnded;
    };
    authorize(
      this.#server.authorization,
      (headers) => go(isWanted() ? headers : undefined),
      (wrong) => {
        if (isWanted()) tell(wrong);
        go(undefined);
      },
    );
  }

  abandon(requestId: RequestId): boolean {
    this.#waiting.delete(requestId);
    const pending = this.#requests.get(requestId);
    if (pending === undefined) return false;
    this.#requests.delete(requestId);
    this.#open.drop(pending.exchange);
    // In the legacy era a closed stream is no cancellation: a message has to say it.
    return pending.message.era === "modern";
  }

  listen(listenKey: string, lastEventId: string | undefined, headers: Readonly<Record<string, string>>): boolean {
    this.unlisten(listenKey);
    if (this.#isEnded) return true;
    this.#authorize(
      listenKey,
      (authorization) => {
        if (authorization !== undefined) this.#listen(listenKey, lastEventId, headers, authorization);
      },
      (wrong) => this.#events.onStreamEnd({ listenKey }, wrong),
    );
    return true;
  }

  #listen(
    listenKey: string,
    lastEventId: string | undefined,
    headers: Readonly<Record<string, string>>,
    authorization: HeaderList,
  ): void {
    const calls: ExchangeCalls = {
      kind: "listen",
      requestId: undefined,
      hasSession: this.#sessionId !== undefined,
      onSent: () => {},
      onHead: () => undefined,
      onMessage: (bytes, eventId, retryMs) => this.#events.onMessage(bytes, withEvent({ listenKey }, eventId, retryMs)),
      onFinish: (end) => {
        this.#listeners.delete(listenKey);
        // A turn later: the answer that came last on a resumed stream goes to the client before the stream ends.
        setImmediate(() => {
          if (!this.#isEnded) this.#tellEnd({ listenKey }, end);
        });
      },
      onDrop: () => {},
    };
    const exchange = this.#open.begin(watched(calls, this.#server.authorization, authorization), 0);
    this.#listeners.set(listenKey, exchange);
    const resumed = lastEventId === undefined ? {} : { "last-event-id": eventIdValue(lastEventId) };
    this.#server.dispatch(
      {
        path: this.#path,
        method: "GET",
        headers: this.#headers(["accept", "text/event-stream"], { ...headers, ...resumed }, true, authorization),
        // Some servers send the headers of a stream with its first event.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      exchange,
    );
  }

  unlisten(listenKey: string): void {
    this.#waiting.delete(listenKey);
    const exchange = this.#listeners.get(listenKey);
    this.#listeners.delete(listenKey);
    if (exchange !== undefined) this.#open.drop(exchange);
  }

  close(): Promise<void> {
    this.#isEnded = true;
    this.#dropAll();
    this.#closing ??= this.#endSession();
    return this.#closing;
  }

  #post(message: Outgoing, body: Buffer, authorization: HeaderList, resolve: (result: SendResult) => void): void {
    const isLegacy = message.era === "legacy";
    const requestId = message.kind === "request" ? message.id : undefined;
    const calls = requestId === undefined ? this.#noteCalls(resolve) : this.#requestCalls(requestId, message, resolve);
    const exchange = this.#open.begin(watched(calls, this.#server.authorization, authorization), body.length);
    if (requestId !== undefined) this.#requests.set(requestId, { exchange, message });
    this.#server.dispatch(
      {
        path: this.#path,
        method: "POST",
        headers: this.#headers(postHeaders, message.headers, isLegacy, authorization),
        body,
        headersTimeout: requestId === undefined ? acceptTimeoutMs : this.#server.headersTimeoutMs,
        bodyTimeout: 0,
      },
      exchange,
    );
  }

  #requestCalls(requestId: RequestId, message: Outgoing, resolve: (result: SendResult) => void): ExchangeCalls {
    const isLegacy = message.era === "legacy";
    return {
      kind: "request",
      requestId,
      hasSession: isLegacy && this.#sessionId !== undefined,
      onSent: () => resolve("sent"),
      onHead: (status, headers) =>
        isLegacy && status < 300 ? this.#noteSession(headers["mcp-session-id"]) : undefined,
      onMessage: (bytes, eventId, retryMs) => this.#events.onMessage(bytes, withEvent({ requestId }, eventId, retryMs)),
      onFinish: (end) => {
        if (this.#requests.get(requestId)?.message === message) this.#requests.delete(requestId);
        // A stream of the legacy era with event ids can be taken up again by listening (§Resumability).
        const isResumable = isLegacy && end.kind === "unanswered" && end.eventId !== undefined;
        this.#tellEnd({ requestId }, isResumable ? { ...end, failure: undefined } : end);
        resolve(end.kind === "not_reached" ? "not_sent" : "unknown");
      },
      onDrop: (isStarted) => resolve(isStarted ? "unknown" : "not_sent"),
    };
  }

  /** For notifications and responses. One counts as sent when the server has it: what is sent next may depend on it. */
  #noteCalls(resolve: (result: SendResult) => void): ExchangeCalls {
    return {
      kind: "message",
      requestId: undefined,
      hasSession: this.#sessionId !== undefined,
      onSent: () => {},
      onHead: () => {
        resolve("sent");
        return undefined;
      },
      onMessage: (bytes, eventId, retryMs) => this.#events.onMessage(bytes, withEvent({}, eventId, retryMs)),
      onFinish: (end) => {
        const wrong = end.kind === "answered" ? undefined : end.failure;
        if (wrong !== undefined) this.#warn(wrong);
        if (end.kind === "not_reached" && !this.#open.isReached) this.#end(end.failure);
        resolve(end.kind === "not_reached" ? "not_sent" : "unknown");
      },
      onDrop: (isStarted) => resolve(isStarted ? "unknown" : "not_sent"),
    };
  }

  #warn({ code, message: reason }: UpstreamFailure): void {
    const { logger, name } = this.#server;
    logger.warn({ server: name, code, reason }, "the server did not take a message");
  }

  #headers(
    base: HeaderList,
    more: Readonly<Record<string, string>>,
    isInSession: boolean,
    authorization: HeaderList,
  ): string[] {
    const list = headerList(this.#server.fixedHeaders, base, more, authorization);
    if (!isInSession) return list;
    const version = more["mcp-protocol-version"];
    if (version === undefined && this.#version !== undefined) list.push("mcp-protocol-version", this.#version);
    this.#version = version ?? this.#version;
    if (this.#sessionId !== undefined) list.push("mcp-session-id", this.#sessionId);
    return list;
  }

  #noteSession(value: unknown): UpstreamFailure | undefined {
    if (this.#sessionId !== undefined) return undefined;
    const session = readSessionId(value);
    if (session === "invalid") return failure("UPSTREAM_GARBAGE", "the server's session id is malformed");
    if (session !== "none") this.#sessionId = session.id;
    return undefined;
  }

  #tellEnd(origin: Origin, end: ExchangeEnd): void {
    if (end.kind === "answered") return;
    if (end.kind === "not_reached") {
      if (this.#open.isReached) this.#events.onStreamEnd(origin, end.failure);
      else this.#end(end.failure);
      return;
    }
    if (end.failure?.code === "UPSTREAM_SESSION_ENDED") this.#isSessionLost = true;
    this.#events.onStreamEnd(withEvent(origin, end.eventId, end.retryMs), end.failure);
  }

  /** A server that was never reached is one that could not be started. */
  #end(reason: UpstreamFailure): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#dropAll();
    this.#events.onEnd(reason);
  }

  #dropAll(): void {
    this.#waiting.clear();
    this.#requests.clear();
    this.#listeners.clear();
    this.#open.dropAll();
  }

  #endSession(): Promise<void> {
    if (this.#sessionId === undefined || this.#isSessionLost) return Promise.resolve();
    const { authorization } = this.#server;
    return new Promise((resolve) => {
      const end = (headers: HeaderList): void =>
        void endSession(this.#server, this.#headers([], {}, true, headers)).then(resolve);
      authorize(authorization, end, () => resolve());
    });
  }
}

function withEvent(origin: Origin, eventId: string | undefined, retryMs: number | undefined): Origin {
  if (eventId === undefined && retryMs === undefined) return origin;
  return { ...origin, ...(eventId === undefined ? {} : { eventId }), ...(retryMs === undefined ? {} : { retryMs }) };
}
