import { getHeapStatistics } from "node:v8";

/** The share of V8's heap from which on there is no room for new work: what is under way needs the rest to end well. */
const fullShare = 0.85;

/** How often it is looked, milliseconds. */
const lookEveryMs = 250;

/** Knows whether the process nears the end of its memory, where V8 would end it. Stopped by `stop`. */
export class HeapGuard {
  #isFull = false;
  readonly #looking: NodeJS.Timeout;

  constructor() {
    this.#looking = setInterval(() => {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      this.#isFull = used > limit * fullShare;
    }, lookEveryMs);
    this.#looking.unref();
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  stop(): void {
    clearInterval(this.#looking);
  }
}
