import { type ExchangeOptions, HttpExchange } from "./upstream-exchange.ts";
import type { HttpServer } from "./upstream-server.ts";

/** Streams that may be open to one server at a time, over all its connections. */
const exchangesMax = 16_384;

/** Bytes that may wait for one server, from sending to its answer's headers. */
const waitingBytesMax = 64 * 1024 * 1024;

/** How long a server may take to accept a notification or a response, or to open a stream, milliseconds. */
export const acceptTimeoutMs = 30_000;

/** What an exchange is and tells, as far as its connection decides it. */
export type ExchangeCalls = Omit<ExchangeOptions, "messageBytesMax" | "bodyTimeoutMs" | "onStart">;

interface Open {
  waitingBytes: number;
  readonly onDrop: () => void;
}

/** The exchanges of one connection that have not ended, counted with those of all connections to the server. */
export class OpenExchanges {
  readonly #server: HttpServer;
  readonly #open = new Map<HttpExchange, Open>();
  #isReached = false;

  constructor(server: HttpServer) {
    this.#server = server;
  }

  /** Whether the server was ever connected to for one of these. Until then not one byte was sent. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** Whether a message of so many bytes may be sent now. */
  hasRoomFor(bytes: number): boolean {
    const { exchanges, waitingBytes } = this.#server.load;
    return exchanges < exchangesMax && waitingBytes + bytes <= waitingBytesMax;
  }

  /** An exchange to be dispatched at once. `onDrop` is called when it is given up, in place of `onFinish`. */
  begin(calls: ExchangeCalls, waitingBytes: number, onDrop: () => void): HttpExchange {
    const { load, messageBytesMax, bodyTimeoutMs } = this.#server;
    const exchange = new HttpExchange({
      ...calls,
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

  /** Gives an exchange up; nothing happens when it has ended. */
  drop(exchange: HttpExchange): void {
    const open = this.#open.get(exchange);
    if (open === undefined) return;
    this.#release(exchange);
    exchange.abort();
    open.onDrop();
  }

  dropAll(): void {
    for (const exchange of this.#open.keys()) this.drop(exchange);
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
}
