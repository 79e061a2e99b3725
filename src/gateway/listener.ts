import type { Exchange } from "../transports/transport.ts";
import { nobody } from "./upstream-request.ts";

/**
 * A stream that a client listens on, which a server fills and ends. An answer that came on it is sent only when it was
 * judged and recorded; until then the stream stays open, although the server has ended its own.
 */
export class Listener {
  readonly exchange: Exchange;
  #owed = 0;
  #isEnded = false;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  /** The way for one answer that came on this stream: its one `reply` is due. `marks` are its event's own. */
  owe(marks: { readonly id?: string; readonly retryMs?: number }): Exchange {
    const { exchange } = this;
    this.#owed += 1;
    return {
      ...nobody,
      canStream: exchange.canStream,
      gone: exchange.gone,
      reply: (text) => {
        this.#owed -= 1;
        exchange.event({ text, ...marks });
        this.#endIfDue();
      },
    };
  }

  /** The server has ended its stream, or there is no server any more. */
  end(): void {
    this.#isEnded = true;
    this.#endIfDue();
  }

  #endIfDue(): void {
    if (this.#isEnded && this.#owed === 0) this.exchange.end();
  }
}
