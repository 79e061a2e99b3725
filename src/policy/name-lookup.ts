import { compareWidth, compilePattern } from "./tool-patterns.ts";

/** How many names a look-up remembers before it starts afresh. */
const rememberedMax = 10_000;

/**
 * Finds what belongs to a name: by exact name, else by the narrowest pattern. Answers for patterns are remembered, so
 * that a name is searched for once; the memory is bounded, and forgetting changes no answer.
 */
export class NameLookup<T> {
  readonly #exact = new Map<string, T>();
  readonly #patterns: { readonly matches: (name: string) => boolean; readonly value: T }[] = [];
  readonly #remembered = new Map<string, T | undefined>();

  /** Patterns without faults, `"*"` among them like any other. */
  constructor(entries: Iterable<readonly [pattern: string, value: T]>) {
    const wild: (readonly [string, T])[] = [];
    for (const entry of entries) {
      if (entry[0].includes("*")) wild.push(entry);
      else this.#exact.set(entry[0], entry[1]);
    }
    wild.sort((a, b) => compareWidth(a[0], b[0]));
    for (const [source, value] of wild) this.#patterns.push({ matches: compilePattern(source).matches, value });
  }

  /** Everything that belongs to some name. */
  values(): readonly T[] {
    return [...this.#exact.values(), ...this.#patterns.map(({ value }) => value)];
  }

  /** What belongs to the name, or undefined. */
  find(name: string): T | undefined {
    const value = this.#exact.get(name);
    if (value !== undefined || this.#patterns.length === 0) return value;
    const remembered = this.#remembered.get(name);
    if (remembered !== undefined || this.#remembered.has(name)) return remembered;
    const found = this.#patterns.find((pattern) => pattern.matches(name))?.value;
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(name, found);
    return found;
  }
}
