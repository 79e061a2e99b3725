import type { Clock } from "../../clock.ts";
import { isBusy, isStoreFault, toStoreError } from "./sqlite-error.ts";

/** Operations of one group, at most: bounds how long one transaction holds the lock and the event loop. */
const groupMax = 256;

/** How long a patient operation waits for company, milliseconds. */
const patienceMs = 2;

interface Waiting<Context> {
  readonly run: (context: Context) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly sinceMs: number;
}

/** How a {@link GroupCommit} reaches its database. */
export interface GroupCommitParts<Context> {
  /** Runs the body in one durable transaction; throws when it was rolled back. */
  readonly transact: <T>(body: (context: Context) => T) => T;
  readonly clock: Clock;
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
  #next: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #attempts = 0;

  constructor(parts: GroupCommitParts<Context>) {
    this.#parts = parts;
  }

  /**
   * Runs the operation in the next group, after those added before it. Rejects with `AppError`; nothing of it is then
   * done. A `patient` one waits a moment for others to share a commit with.
   */
  add<T>(run: (context: Context) => T, haste: "urgent" | "patient" = "urgent"): Promise<T> {
    return new Promise((resolve, reject) => {
      let value: T;
      const waiting: Waiting<Context> = {
        run: (context) => (value = run(context)),
        resolve: () => resolve(value),
        reject,
        sinceMs: this.#parts.clock.monotonicMs(),
      };
      this.#waiting.push(waiting);
      this.#schedule(haste);
    });
  }

  /** Resolves when nothing is waiting any more. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  #flush(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    const group = this.#waiting.splice(0, groupMax);
    if (group.length === 0) return;
    try {
      this.#commit(group);
      this.#attempts = 0;
    } catch (error) {
      if (isBusy(error)) return this.#retryLater(group, error);
      this.#attempts = 0;
      this.#fail(group, error);
    }
    if (this.#waiting.length > 0) this.#schedule("urgent");
  }

  /** While the lock is being waited for, everything waits with it. */
  #schedule(haste: "urgent" | "patient"): void {
    if (this.#next !== undefined || this.#attempts > 0) return;
    if (haste === "urgent") {
      this.#next = setImmediate(() => {
        this.#next = undefined;
        this.#flush();
      });
    } else {
      this.#later ??= setTimeout(() => this.#flush(), patienceMs);
    }
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
    const nowMs = this.#parts.clock.monotonicMs();
    const patient: Waiting<Context>[] = [];
    for (const waiting of group) {
      if (nowMs - waiting.sinceMs < this.#parts.lockTimeoutMs) patient.push(waiting);
      else waiting.reject(toStoreError(error));
    }
    this.#waiting.unshift(...patient);
    if (this.#waiting.length === 0) {
      this.#attempts = 0;
      return;
    }
    this.#attempts += 1;
    // Waiters that meet again and again drift apart: a random part of a wait that grows to 10 ms.
    const waitMs = Math.random() * Math.min(10, 1 + this.#attempts);
    this.#later = setTimeout(() => this.#flush(), waitMs);
  }
}
