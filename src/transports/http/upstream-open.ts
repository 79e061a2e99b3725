import { type ExchangeBook, type ExchangeCalls, HttpExchange } from "./upstream-exchange.ts";
import type { HttpServer } from "./upstream-server.ts";

/** Streams that may be open to one server at a time, over all its connections. */
const exchangesMax = 16_384;

/** Bytes that may wait for one server, from sending to its answer's headers. */
const waitingBytesMax = 64 * 1024 * 1024;

/** How long a server may take to accept a message that wants no answer, milliseconds. */
export const acceptTimeoutMs = 30_000;

/** The exchanges of one connection that have not ended, counted with those of all connections to the server. */
export class OpenExchanges implements ExchangeBook {
  readonly messageBytesMax: number;
  readonly bodyTimeoutMs: number;
  readonly #load: HttpServer["load"];
  readonly #open = new Set<HttpExchange>();
  #isReached = false;

  constructor({ messageBytesMax, bodyTimeoutMs, load }: HttpServer) {
    this.messageBytesMax = messageBytesMax;
    this.bodyTimeoutMs = bodyTimeoutMs;
    this.#load = load;
  }

  /** Whether the server was ever connected to for one of these. Until then not one byte was sent. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** Whether a message of so many bytes may be sent now. */
  hasRoomFor(bytes: number): boolean {
    const { exchanges, waitingBytes } = this.#load;
    return exchanges < exchangesMax && waitingBytes + bytes <= waitingBytesMax;
  }

  /** An exchange to be dispatched at once. */
  begin(calls: ExchangeCalls, waitingBytes: number): HttpExchange {
    const exchange = new HttpExchange(calls, waitingBytes, this);
    this.#load.exchanges += 1;
    this.#load.waitingBytes += waitingBytes;
    this.#open.add(exchange);
    return exchange;
  }

  /** Gives an exchange up; nothing happens when it has ended. */
  drop(exchange: HttpExchange): void {
    if (!this.#open.has(exchange)) return;
    this.noteEnd(exchange);
    exchange.abort();
    exchange.calls.onDrop(exchange.isStarted);
  }

  /** Gives them all up. */
  dropAll(): void {
    for (const exchange of this.#open) this.drop(exchange);
  }

  noteStart(): void {
    this.#isReached = true;
  }

  noteHead(exchange: HttpExchange): void {
    this.#load.waitingBytes -= exchange.waitingBytes;
    exchange.waitingBytes = 0;
  }

  noteEnd(exchange: HttpExchange): void {
    this.noteHead(exchange);
    this.#open.delete(exchange);
    this.#load.exchanges -= 1;
  }
}
