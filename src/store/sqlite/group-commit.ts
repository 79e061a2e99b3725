import { isBusy, isStoreFault, toStoreError } from "./sqlite-error.ts";

/** Operations of one group, at most: bounds how long one transaction holds the lock and the event loop. */
const groupMax = 256;

interface Waiting<Context> {
  readonly run: (context: Context) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly since: number;
}

/** How a {@link GroupCommit} reaches its database. */
export interface GroupCommitParts<Context> {
  /** Runs the body in one durable transaction; throws when it was rolled back. */
  readonly transact: <T>(body: (context: Context) => T) => T;
  /** How long an operation waits while another process holds the lock, milliseconds. */
  readonly lockTimeoutMs: number;
}

/**
 * Collects the operations of one turn of the event loop, and those that arrive while the lock is waited for, and runs
 * them in one transaction. Each promise settles after the commit that holds its operation.
 */
export class GroupCommit<Context> {
  readonly #parts: GroupCommitParts<Context>;
  #waiting: Waiting<Context>[] = [];
  #isScheduled = false;
  #attempts = 0;

  constructor(parts: GroupCommitParts<Context>) {
    this.#parts = parts;
  }

  /** Runs the operation in the next group. Rejects with `AppError`; nothing of it is then done. */
  add<T>(run: (context: Context) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let value: T;
      const waiting: Waiting<Context> = {
        run: (context) => (value = run(context)),
        resolve: () => resolve(value),
        reject,
        since: performance.now(),
      };
      this.#waiting.push(waiting);
      if (!this.#isScheduled) this.#schedule();
    });
  }

  /** Resolves when nothing is waiting any more. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  #flush(): void {
    const group = this.#waiting.splice(0, groupMax);
    if (group.length === 0) return;
    try {
      this.#commit(group);
      this.#attempts = 0;
    } catch (error) {
      if (isBusy(error)) return this.#retryLater(group, error);
      this.#fail(group, error);
    }
    if (this.#waiting.length > 0 && !this.#isScheduled) this.#schedule();
  }

  #schedule(): void {
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #commit(group: readonly Waiting<Context>[]): void {
    this.#parts.transact((context) => {
      for (const waiting of group) waiting.run(context);
    });
    for (const waiting of group) waiting.resolve(undefined);
  }

  /** A fault of the store fails the group. Any other fault comes from one operation: each is then run by itself. */
  #fail(group: readonly Waiting<Context>[], error: unknown): void {
    if (group.length === 1 || isStoreFault(error)) {
      for (const waiting of group) waiting.reject(isStoreFault(error) ? toStoreError(error) : error);
      return;
    }
    for (const waiting of group) {
      try {
        this.#commit([waiting]);
      } catch (own) {
        waiting.reject(isStoreFault(own) ? toStoreError(own) : own);
      }
    }
  }

  #retryLater(group: Waiting<Context>[], error: unknown): void {
    const now = performance.now();
    const patient: Waiting<Context>[] = [];
    for (const waiting of group) {
      if (now - waiting.since < this.#parts.lockTimeoutMs) patient.push(waiting);
      else waiting.reject(toStoreError(error));
    }
    this.#waiting.unshift(...patient);
    if (this.#waiting.length === 0 || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#attempts += 1;
    // Waiters that meet again and again drift apart: a random part of a wait that grows to 10 ms.
    const waitMs = Math.random() * Math.min(10, 1 + this.#attempts);
    setTimeout(() => {
      this.#isScheduled = false;
      this.#flush();
    }, waitMs);
  }
}
