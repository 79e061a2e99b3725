import { Buffer } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";

/** `ID.MAC`, the MAC in base64url. */
const sealed = /^(.*)\.([\w-]{22})$/s;

/**
 * The ids of one session's events, as its client sees them: only they lead back into a stream. A server may keep the
 * streams of all its sessions in one place and not ask whose an id is.
 */
export class EventIds {
  readonly #key = randomBytes(32);

  /** A server's event id, with a mark that it was given to this session. */
  seal(id: string): string {
    return `${id}.${this.#mac(id)}`;
  }

  /** The server's id in what a client sent as `Last-Event-ID`; undefined for one that this session was never given. */
  open(text: string): string | undefined {
    // As a header brings it, each character stands for a byte of UTF-8.
    return this.#read(text) ?? this.#read(Buffer.from(text, "latin1").toString("utf8"));
  }

  #read(text: string): string | undefined {
    const [, id, mac] = sealed.exec(text) ?? [];
    return id !== undefined && mac === this.#mac(id) ? id : undefined;
  }

  #mac(id: string): string {
    return createHmac("sha256", this.#key).update(id, "utf8").digest("base64url").slice(0, 22);
  }
}
