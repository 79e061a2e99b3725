import type { Clock } from "../../clock.ts";
import { isBusy, isStoreFault, toStoreError } from "./sqlite-error.ts";

/** Operations of one group, at most: bounds how long one transaction holds the lock and the event loop. */
const groupMax = 256;

/** How long a patient operation waits for company, milliseconds; longer while other processes want the lock too. */
const patienceMs = 2;
const crowdedPatienceMs = 20;
const crowdedForMs = 1_000;

/** After this long, milliseconds, the lock is asked for more often. */
const impatientAfterMs = 20;

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
  #isWaitingForLock = false;
  #crowdedMs = -Infinity;

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
      this.#isWaitingForLock = false;
    } catch (error) {
      if (isBusy(error)) return this.#retryLater(group, error);
      this.#isWaitingForLock = false;
      this.#fail(group, error);
    }
    if (this.#waiting.length > 0) this.#schedule("urgent");
  }

  /** While the lock is being waited for, everything waits with it. */
  #schedule(haste: "urgent" | "patient"): void {
    if (this.#next !== undefined || this.#isWaitingForLock) return;
    if (haste === "urgent") {
      this.#next = setImmediate(() => {
        this.#next = undefined;
        this.#flush();
      });
    } else {
      const isCrowded = this.#parts.clock.monotonicMs() - this.#crowdedMs < crowdedForMs;
      this.#later ??= setTimeout(() => this.#flush(), isCrowded ? crowdedPatienceMs : patienceMs);
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
    this.#crowdedMs = nowMs;
    const oldestMs = group[0]?.sinceMs ?? nowMs;
    const patient: Waiting<Context>[] = [];
    for (const waiting of group) {
      if (nowMs - waiting.sinceMs < this.#parts.lockTimeoutMs) patient.push(waiting);
      else waiting.reject(toStoreError(error));
    }
    this.#waiting.unshift(...patient);
    if (this.#waiting.length === 0) {
      this.#isWaitingForLock = false;
      return;
    }
    this.#isWaitingForLock = true;
    // Random, so that those who wait for the same lock drift apart; shorter for those who have waited long.
    const waitMs = Math.random() * (nowMs - oldestMs > impatientAfterMs ? 1 : 4);
    this.#later = setTimeout(() => this.#flush(), waitMs);
  }
}
