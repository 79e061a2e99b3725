import { newId } from "../ids.ts";
import type { Origin, UpstreamConnection, UpstreamErrorCode, UpstreamFailure } from "../transports/transport.ts";

const retryMsDefault = 1_000;
const retryMsMin = 100;
const retryMsMax = 60_000;

/** Ways to fail after which asking again is of no use: no such stream here, not for the gateway, or no session any more. */
const lastingFailures: ReadonlySet<UpstreamErrorCode> = new Set([
  "UPSTREAM_GARBAGE",
  "UPSTREAM_REFUSED",
  "UPSTREAM_SESSION_ENDED",
]);

/**
 * The stream for what a server says of its own accord, kept open for clients who cannot open one themselves: when the
 * server ends it, it is opened again after the time the server asks for, from the last event on (MCP 2025-11-25,
 * Transports §Listening for Messages from the Server). While nothing comes on it the pauses double, up to a minute.
 */
export class KeptStream {
  readonly #connection: () => UpstreamConnection;
  #headers: Readonly<Record<string, string>> = {};
  #listenKey: string | undefined;
  #eventId: string | undefined;
  #retryMs = retryMsDefault;
  #emptyInARow = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(connection: () => UpstreamConnection) {
    this.#connection = connection;
  }

  /** Opens the stream, unless it is kept already; `headers` are those it is asked for with. */
  open(headers: Readonly<Record<string, string>>): void {
    this.#headers = headers;
    if (this.#listenKey === undefined && this.#timer === undefined) this.#ask();
  }

  /** Something came: remembers the place, if it came on this stream. */
  note({ listenKey, eventId, retryMs }: Origin): void {
    if (listenKey === undefined || listenKey !== this.#listenKey) return;
    this.#emptyInARow = 0;
    this.#eventId = eventId ?? this.#eventId;
    this.#retryMs = retryMs ?? this.#retryMs;
  }

  /** A stream ended. True when it was this one. */
  hasTaken({ listenKey, retryMs }: Origin, failure: UpstreamFailure | undefined): boolean {
    if (listenKey === undefined || listenKey !== this.#listenKey) return false;
    this.#listenKey = undefined;
    this.#retryMs = retryMs ?? this.#retryMs;
    if (failure === undefined || !lastingFailures.has(failure.code)) this.#comeBack();
    // The server may not know the event any more.
    else if (failure.code === "UPSTREAM_GARBAGE" && this.#eventId !== undefined) {
      this.#eventId = undefined;
      this.#comeBack();
    }
    return true;
  }

  /** The connection has ended. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #comeBack(): void {
    if (this.#isStopped) return;
    const pauseMs = Math.max(this.#retryMs, retryMsMin) * 2 ** this.#emptyInARow;
    this.#emptyInARow += 1;
    this.#timer = setTimeout(() => this.#ask(), Math.min(pauseMs, retryMsMax));
    this.#timer.unref();
  }

  #ask(): void {
    if (this.#isStopped) return;
    this.#timer = undefined;
    const listenKey = newId("listen");
    if (this.#connection().listen(listenKey, this.#eventId, this.#headers)) this.#listenKey = listenKey;
  }
}
