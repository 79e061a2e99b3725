/** From this many keys of an object on, a set is cheaper than comparing with every earlier one. */
export const comparedKeysMax = 16;

/** Deepest nesting that can be remembered. */
export const depthMax = 256;

/*
 * Hashes and spans of the first keys of every open object, innermost last. One for all walks: a walk never waits, so
 * no two are under way at once, and none reads what another left.
 */
const hashes = new Int32Array(depthMax * comparedKeysMax);
const starts = new Int32Array(depthMax * comparedKeysMax);
const ends = new Int32Array(depthMax * comparedKeysMax);

/** The keys of the objects that a walk stands in, without copying them. */
export class KeyMemory {
  /** How many keys are remembered. An object sets it back to what it was before its own. */
  count = 0;
  private readonly keyText: (start: number, end: number) => string;

  /** `keyText`: what the key at a span is after unescaping. */
  constructor(keyText: (start: number, end: number) => string) {
    this.keyText = keyText;
  }

  /** Remembers a key, the `comparedKeysMax`th of its object at most; false when it stands among those from `base` on. */
  add(base: number, hash: number, start: number, end: number): boolean {
    const { count } = this;
    for (let i = base; i < count; i += 1) {
      if (hashes[i] === hash && this.keyAt(i) === this.keyText(start, end)) return false;
    }
    hashes[count] = hash;
    starts[count] = start;
    ends[count] = end;
    this.count = count + 1;
    return true;
  }

  /** The remembered keys from `base` on. */
  from(base: number): Set<string> {
    const keys = new Set<string>();
    for (let i = base; i < this.count; i += 1) keys.add(this.keyAt(i));
    return keys;
  }

  private keyAt(index: number): string {
    return this.keyText(Number(starts[index]), Number(ends[index]));
  }
}

/** Pure. A hash of a key after unescaping; equal keys have equal hashes. */
export function hashKey(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return hash;
}
