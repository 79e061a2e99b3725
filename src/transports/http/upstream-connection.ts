import { Buffer } from "node:buffer";
import type { Pool } from "undici";
import type { Logger } from "../../logger.ts";
import type { RequestId } from "../../protocol/jsonrpc.ts";
import type {
  Origin,
  Outgoing,
  SendResult,
  UpstreamConnection,
  UpstreamEvents,
  UpstreamFailure,
} from "../transport.ts";
import { type ExchangeEnd, type ExchangeOptions, HttpExchange } from "./upstream-exchange.ts";
import { failure } from "./upstream-failure.ts";
import { eventIdValue, type HeaderList, headerList, readSessionId } from "./upstream-headers.ts";
import { endSession } from "./upstream-session-end.ts";

/** A server at a URL, and what all connections to it share. */
export interface HttpServer {
  readonly name: string;
  readonly logger: Logger;
  readonly pool: Pool;
  /** Path and query. */
  readonly path: string;
  /** Sent with every request. */
  readonly fixedHeaders: HeaderList;
  readonly messageBytesMax: number;
  /** 0 for none. */
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** What is under way over all connections. */
  readonly load: { exchanges: number; waitingBytes: number };
}

/** Streams that may be open to one server at a time, over all its connections. */
const exchangesMax = 16_384;

/** Bytes that may wait for one server, from sending to its answer's headers. */
const waitingBytesMax = 64 * 1024 * 1024;

/** How long a server may take to accept a notification or a response, or to open a stream, milliseconds. */
const acceptTimeoutMs = 30_000;

/** An exchange that has not ended. */
interface Open {
  waitingBytes: number;
  readonly onDrop: () => void;
}

type ExchangeCalls = Pick<ExchangeOptions, "kind" | "requestId" | "onSent" | "onHead" | "onMessage" | "onFinish">;

/** A client's dealings with a server (in the modern era those of any number of clients): its streams, its session. */
export class HttpConnection implements UpstreamConnection {
  readonly #server: HttpServer;
  readonly #events: UpstreamEvents;
  readonly #open = new Map<HttpExchange, Open>();
  readonly #requests = new Map<RequestId, { readonly exchange: HttpExchange; readonly message: Outgoing }>();
  readonly #listeners = new Map<string, HttpExchange>();
  #sessionId: string | undefined;
  #isSessionLost = false;
  /** `MCP-Protocol-Version` as the session's messages had it last; everything in the session carries it. */
  #version: string | undefined;
  #isReached = false;
  #isEnded = false;
  #closing: Promise<void> | undefined;

  constructor(server: HttpServer, events: UpstreamEvents) {
    this.#server = server;
    this.#events = events;
  }

  send(message: Outgoing): Promise<SendResult> {
    const body = Buffer.from(message.text, "utf8");
    const { load } = this.#server;
    const isFull = load.exchanges >= exchangesMax || load.waitingBytes + body.length > waitingBytesMax;
    if (this.#isEnded || isFull) return Promise.resolve("not_sent");
    return new Promise((resolve) => this.#post(message, body, resolve));
  }

  abandon(requestId: RequestId): boolean {
    const pending = this.#requests.get(requestId);
    if (pending === undefined) return false;
    this.#requests.delete(requestId);
    this.#drop(pending.exchange);
    // In the legacy era a closed stream is no cancellation: a message has to say it.
    return pending.message.era === "modern";
  }

  listen(listenKey: string, lastEventId: string | undefined, headers: Readonly<Record<string, string>>): boolean {
    this.unlisten(listenKey);
    if (this.#isEnded) return true;
    const calls: ExchangeCalls = {
      kind: "listen",
      requestId: undefined,
      onSent: () => {},
      onHead: () => undefined,
      onMessage: (bytes, eventId, retryMs) => this.#events.onMessage(bytes, withEvent({ listenKey }, eventId, retryMs)),
      onFinish: (end) => {
        this.#listeners.delete(listenKey);
        this.#tellEnd({ listenKey }, end);
      },
    };
    const exchange = this.#begin(calls, 0, () => {});
    this.#listeners.set(listenKey, exchange);
    const resumed = lastEventId === undefined ? {} : { "last-event-id": eventIdValue(lastEventId) };
    const list = this.#headers({ accept: "text/event-stream", ...headers, ...resumed }, true);
    const { pool, path } = this.#server;
    pool.dispatch({ path, method: "GET", headers: list, headersTimeout: acceptTimeoutMs, bodyTimeout: 0 }, exchange);
    return true;
  }

  unlisten(listenKey: string): void {
    const exchange = this.#listeners.get(listenKey);
    this.#listeners.delete(listenKey);
    if (exchange !== undefined) this.#drop(exchange);
  }

  close(): Promise<void> {
    this.#isEnded = true;
    this.#dropAll();
    this.#closing ??= this.#endSession();
    return this.#closing;
  }

  #post(message: Outgoing, body: Buffer, resolve: (result: SendResult) => void): void {
    const { pool, path, headersTimeoutMs } = this.#server;
    const isLegacy = message.era === "legacy";
    const requestId = message.kind === "request" ? message.id : undefined;
    const calls = requestId === undefined ? this.#noteCalls(resolve) : this.#requestCalls(requestId, message, resolve);
    const exchange = this.#begin(calls, body.length, () => resolve(exchange.isStarted ? "unknown" : "not_sent"));
    if (requestId !== undefined) this.#requests.set(requestId, { exchange, message });
    const more = { accept: "application/json, text/event-stream", "content-type": "application/json" };
    const headers = this.#headers({ ...more, ...message.headers }, isLegacy);
    const headersTimeout = requestId === undefined ? acceptTimeoutMs : headersTimeoutMs;
    pool.dispatch({ path, method: "POST", headers, body, headersTimeout, bodyTimeout: 0 }, exchange);
  }

  #requestCalls(requestId: RequestId, message: Outgoing, resolve: (result: SendResult) => void): ExchangeCalls {
    const isLegacy = message.era === "legacy";
    return {
      kind: "request",
      requestId,
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
    };
  }

  /** For notifications and responses. One counts as sent when the server has it: what is sent next may depend on it. */
  #noteCalls(resolve: (result: SendResult) => void): ExchangeCalls {
    return {
      kind: "message",
      requestId: undefined,
      onSent: () => {},
      onHead: () => {
        resolve("sent");
        return undefined;
      },
      onMessage: (bytes, eventId, retryMs) => this.#events.onMessage(bytes, withEvent({}, eventId, retryMs)),
      onFinish: (end) => {
        const wrong = end.kind === "answered" ? undefined : end.failure;
        if (wrong !== undefined) {
          const { logger, name } = this.#server;
          logger.warn({ server: name, code: wrong.code, reason: wrong.message }, "the server did not take a message");
        }
        if (end.kind === "not_reached" && !this.#isReached) this.#end(end.failure);
        resolve(end.kind === "not_reached" ? "not_sent" : "unknown");
      },
    };
  }

  #begin(calls: ExchangeCalls, waitingBytes: number, onDrop: () => void): HttpExchange {
    const { load, messageBytesMax, bodyTimeoutMs } = this.#server;
    const exchange = new HttpExchange({
      ...calls,
      hasSession: this.#sessionId !== undefined,
      messageBytesMax,
      bodyTimeoutMs,
      onStart: () => {
        this.#isReached = true;
      },
      onHead: (status, headers) => {
        this.#stopWaiting(exchange);
        return calls.onHead(status, headers);
      },
      onFinish: (end) => {
        this.#release(exchange);
        calls.onFinish(end);
      },
    });
    load.exchanges += 1;
    load.waitingBytes += waitingBytes;
    this.#open.set(exchange, { waitingBytes, onDrop });
    return exchange;
  }

  #headers(more: Readonly<Record<string, string>>, isInSession: boolean): string[] {
    const { fixedHeaders } = this.#server;
    if (!isInSession) return headerList(fixedHeaders, more, undefined);
    this.#version = more["mcp-protocol-version"] ?? this.#version;
    const version = this.#version === undefined ? {} : { "mcp-protocol-version": this.#version };
    return headerList(fixedHeaders, { ...more, ...version }, this.#sessionId);
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
      if (this.#isReached) this.#events.onStreamEnd(origin, end.failure);
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
    this.#requests.clear();
    this.#listeners.clear();
    for (const exchange of this.#open.keys()) this.#drop(exchange);
  }

  #drop(exchange: HttpExchange): void {
    const open = this.#open.get(exchange);
    this.#release(exchange);
    exchange.abort();
    open?.onDrop();
  }

  #release(exchange: HttpExchange): void {
    this.#stopWaiting(exchange);
    if (this.#open.delete(exchange)) this.#server.load.exchanges -= 1;
  }

  #stopWaiting(exchange: HttpExchange): void {
    const open = this.#open.get(exchange);
    if (open === undefined) return;
    this.#server.load.waitingBytes -= open.waitingBytes;
    open.waitingBytes = 0;
  }

  #endSession(): Promise<void> {
    if (this.#sessionId === undefined || this.#isSessionLost) return Promise.resolve();
    return endSession(this.#server.pool, this.#server.path, this.#headers({}, true));
  }
}

function withEvent(origin: Origin, eventId: string | undefined, retryMs: number | undefined): Origin {
  if (eventId === undefined && retryMs === undefined) return origin;
  return { ...origin, ...(eventId === undefined ? {} : { eventId }), ...(retryMs === undefined ? {} : { retryMs }) };
}
