import { decodeCounter, encodeCounter, type CounterState } from "../../limits/counter-state.ts";
import { corrupt } from "./sqlite-error.ts";

const rememberedMax = 1_000;

/**
 * Reads and writes counters as text, and remembers the last text of each key with what it meant: a busy counter is read
 * in every transaction and is mostly as this process left it.
 */
export class CounterTexts {
  readonly #remembered = new Map<string, { readonly text: string; readonly state: CounterState }>();

  /** Throws `STORE_CORRUPT` for text that is no counter. */
  read(key: string, text: string): CounterState {
    const remembered = this.#remembered.get(key);
    if (remembered?.text === text) return remembered.state;
    const state = decodeCounter(text);
    if (state === undefined) throw corrupt("the store holds a counter that cannot be read");
    return state;
  }

  write(key: string, state: CounterState): string {
    const text = encodeCounter(state);
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(key, { text, state });
    return text;
  }
}
