import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../../clock.ts";
import { isBusy } from "./sqlite-error.ts";

/** Runs again while other processes hold the lock, at most for `timeoutMs` milliseconds. The event loop goes on meanwhile. */
export async function whileBusy<T>(clock: Clock, timeoutMs: number, run: () => T | Promise<T>): Promise<T> {
  const startedMs = clock.monotonicMs();
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) || clock.monotonicMs() - startedMs >= timeoutMs) throw error;
    }
    await wait(Math.random() * 10);
  }
}
