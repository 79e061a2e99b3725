/** Keeps so many values, each for a time; the one that was set first goes when there is no room. */
export class Recent<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();
  readonly #max: number;

  /** `max`: how many, > 0. */
  constructor(max: number) {
    this.#max = max;
  }

  /** `nowMs`: on the same clock as {@link Recent.set}'s `untilMs`. */
  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > nowMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: Value, untilMs: number): void {
    this.#entries.delete(key);
    const first = this.#entries.size >= this.#max ? this.#entries.keys().next() : undefined;
    if (first?.done === false) this.#entries.delete(first.value);
    this.#entries.set(key, { value, untilMs });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
