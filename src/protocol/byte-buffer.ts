const firstCapacity = 1024;

/**
 * Collects bytes that come in pieces. Every byte is copied a bounded number of times however small the pieces are, and
 * memory stays within a small multiple of what is held.
 */
export class ByteBuffer {
  private bytes: Uint8Array = new Uint8Array(0);
  private used = 0;

  /** How many bytes are held. */
  get length(): number {
    return this.used;
  }

  /** Copies a piece behind what is held. */
  append(piece: Uint8Array): void {
    const needed = this.used + piece.length;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(firstCapacity, needed, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.used));
      this.bytes = grown;
    }
    this.bytes.set(piece, this.used);
    this.used = needed;
  }

  /** What is held with a last piece behind it; holds nothing afterwards. The piece itself when nothing is held. */
  takeWith(piece: Uint8Array): Uint8Array {
    if (this.used === 0) return piece;
    this.append(piece);
    const whole = this.bytes.subarray(0, this.used);
    this.clear();
    return whole;
  }

  /** Drops what is held. */
  clear(): void {
    this.bytes = new Uint8Array(0);
    this.used = 0;
  }
}
