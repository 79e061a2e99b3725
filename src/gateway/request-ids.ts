import type { RequestId } from "../protocol/jsonrpc.ts";
import { keyOf } from "./wire-ids.ts";

/** Ids of given-up requests that are remembered; the official clients never use an id twice. */
const abandonedMax = 10_000;

/** Which ids of one connection are in use: two requests with one id could have their answers crossed. */
export class RequestIds {
  readonly #claimed = new Map<string, object>();
  /** Ids of requests that were sent and given up, oldest first: a late answer must not be taken for another's. */
  readonly #abandoned = new Set<string>();

  /**
   * Takes an id, until it is answered or its owner releases it (`1` and `"1"` are different ids). False while another
   * request has it, or when the server may still answer one that was given up.
   */
  claim(id: RequestId, owner: object): boolean {
    const key = keyOf(id);
    if (this.#claimed.has(key) || this.#abandoned.has(key)) return false;
    this.#claimed.set(key, owner);
    return true;
  }

  /** Gives an id back, if it is still its owner's. */
  release(id: RequestId, owner: object): void {
    if (this.#claimed.get(keyOf(id)) === owner) this.#claimed.delete(keyOf(id));
  }

  /** The request with this id was sent and is given up: its answer may still come. */
  abandon(id: RequestId): void {
    this.#abandoned.add(keyOf(id));
    const [oldest] = this.#abandoned;
    if (oldest !== undefined && this.#abandoned.size > abandonedMax) this.#abandoned.delete(oldest);
  }

  /** The answer to a given-up request came after all: its id is free again. */
  answered(id: RequestId): void {
    this.#abandoned.delete(keyOf(id));
  }

  /** The request under this key ended. Called before its answer leaves, so that a client may use the id again at once. */
  settle(key: string): void {
    this.#claimed.delete(key);
  }
}
