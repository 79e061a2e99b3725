import { setTimeout as sleep } from "node:timers/promises";

/** How long the kit waits for anything before it calls it a hang, milliseconds. Generous: machines are shared. */
export const hangMs = 15_000;

/** Asks again and again until there is a value other than undefined. Throws after `timeoutMs`, saying what was waited for. */
export async function until<T>(what: string, look: () => T | undefined, timeoutMs: number = hangMs): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    const value = look();
    if (value !== undefined) return value;
    if (performance.now() > giveUpAt) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await sleep(pauseMs);
  }
}

/** The promise's value, or a throw after `timeoutMs`, saying what was waited for. */
export async function within<T>(what: string, promise: Promise<T>, timeoutMs: number = hangMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms for ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
