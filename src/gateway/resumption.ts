import { newId } from "../ids.ts";
import type { Origin, UpstreamConnection, UpstreamFailure } from "../transports/transport.ts";
import { keyOf } from "./wire-ids.ts";

/** Where to go on with an answer whose stream may end before it. */
interface Place {
  eventId: string | undefined;
  /** How long the server asks to wait before coming back, milliseconds. */
  retryMs: number;
  /** The stream on which it is awaited now, where that is not the request's own. */
  listenKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const retryMsDefault = 1_000;
const retryMsMax = 60_000;

/**
 * Comes back for answers whose stream the server closed early, on a connection that the gateway keeps for clients who
 * cannot come back themselves (MCP 2025-11-25, Transports §Resumability and Redelivery).
 */
export class Resumption {
  readonly #connection: () => UpstreamConnection;
  readonly #fail: (key: string, failure: UpstreamFailure) => void;
  readonly #places = new Map<string, Place>();
  readonly #keys = new Map<string, string>();

  /** `fail` ends the request of that key, whose answer cannot be had. */
  constructor(connection: () => UpstreamConnection, fail: (key: string, failure: UpstreamFailure) => void) {
    this.#connection = connection;
    this.#fail = fail;
  }

  /** A request goes out under this key; `headers` are those of the streams to come back on. */
  begin(key: string, headers: Readonly<Record<string, string>>): void {
    this.#places.set(key, { eventId: undefined, retryMs: retryMsDefault, listenKey: undefined, headers });
  }

  /** Something came: remembers the place. */
  note({ requestId, listenKey, eventId, retryMs }: Origin): void {
    const own = requestId === undefined ? undefined : keyOf(requestId);
    const key = listenKey === undefined ? own : this.#keys.get(listenKey);
    const place = key === undefined ? undefined : this.#places.get(key);
    if (place === undefined) return;
    place.eventId = eventId ?? place.eventId;
    place.retryMs = Math.min(retryMs ?? place.retryMs, retryMsMax);
  }

  /** A stream ended. True when the answer is still awaited, or when it is known why it will not come. */
  hasTaken({ requestId, listenKey }: Origin, failure: UpstreamFailure | undefined): boolean {
    if (listenKey !== undefined) {
      const key = this.#keys.get(listenKey);
      this.#keys.delete(listenKey);
      if (key === undefined) return false;
      if (failure === undefined) this.#comeBack(key);
      else this.#fail(key, failure);
      return true;
    }
    if (requestId === undefined || failure !== undefined) return false;
    this.#comeBack(keyOf(requestId));
    return true;
  }

  /** The request of this key ended. */
  end(key: string): void {
    const listenKey = this.#places.get(key)?.listenKey;
    this.#places.delete(key);
    if (listenKey === undefined || !this.#keys.delete(listenKey)) return;
    this.#connection().unlisten(listenKey);
  }

  /** Without a place to go on from, the answer can only come on another stream, until the request's time is over. */
  #comeBack(key: string): void {
    const place = this.#places.get(key);
    if (place?.eventId === undefined) return;
    const timer = setTimeout(() => {
      if (this.#places.get(key) !== place) return;
      const listenKey = newId("listen");
      if (!this.#connection().listen(listenKey, place.eventId, place.headers)) return;
      place.listenKey = listenKey;
      this.#keys.set(listenKey, key);
    }, place.retryMs);
    timer.unref();
  }
}
