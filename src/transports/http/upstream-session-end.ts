import type { Pool } from "undici";
import { HttpExchange } from "./upstream-exchange.ts";

/** How long a server may take to end a session before nobody waits any more, milliseconds. */
const endSessionMs = 2_000;

/**
 * Tells a server that a session is over (HTTP DELETE). Resolves when the server has answered, whatever it answered,
 * when it cannot be reached, or after two seconds.
 */
export function endSession(pool: Pool, path: string, headers: string[]): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const exchange = new HttpExchange({
      kind: "message",
      requestId: undefined,
      hasSession: false,
      messageBytesMax: 0,
      bodyTimeoutMs: endSessionMs,
      onStart: () => {},
      onSent: () => {},
      onHead: () => undefined,
      onMessage: () => {},
      onFinish: finish,
    });
    const timer = setTimeout(() => {
      exchange.abort();
      finish();
    }, endSessionMs);
    pool.dispatch({ path, method: "DELETE", headers }, exchange);
  });
}
