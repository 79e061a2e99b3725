/** What requests that have no answer yet may hold in memory, bytes: those with one token, and all together. */
const ownerBytesMax = 64 * 1024 * 1024;
const totalBytesMax = 256 * 1024 * 1024;

/** What a request costs beside its body, bytes, roughly: many small ones fill the memory too. */
const requestBytes = 4 * 1024;

/**
 * Counts what requests hold until they are answered. One connection can carry any number of requests, so that neither
 * the limit on connections nor that on a body bounds them.
 */
export class HeldBytes {
  readonly #byOwner = new Map<string, number>();
  #total = 0;

  /** A request of this owner (the digest of its token, "" without one) begins to come in. */
  begin(owner: string): HeldRequest {
    let held = 0;
    const change = (bytes: number): void => {
      held += bytes;
      this.#total += bytes;
      const left = (this.#byOwner.get(owner) ?? 0) + bytes;
      if (left === 0) this.#byOwner.delete(owner);
      else this.#byOwner.set(owner, left);
    };
    change(requestBytes);
    return {
      resize: (bytes) => {
        const more = bytes + requestBytes - held;
        if (more > 0 && this.#total + more > totalBytesMax) return false;
        if (more > 0 && (this.#byOwner.get(owner) ?? 0) + more > ownerBytesMax) return false;
        change(more);
        return true;
      },
      end: () => change(-held),
    };
  }
}

/** What one request holds. */
export interface HeldRequest {
  /** Its body takes so much memory now. False when there is no room, and nothing is counted. */
  readonly resize: (bytes: number) => boolean;
  /** It is answered. */
  readonly end: () => void;
}
