import { OpenExchanges } from "./upstream-open.ts";
import { type HttpServer, pathOf } from "./upstream-server.ts";

/** How long a server may take to end a session before nobody waits any more, milliseconds. */
const endSessionMs = 2_000;

/**
 * Tells a server that a session is over (HTTP DELETE). Resolves when the server has answered, whatever it answered,
 * when it cannot be reached, or after two seconds.
 */
export function endSession(server: HttpServer, headers: string[]): Promise<void> {
  const open = new OpenExchanges(server);
  return new Promise<void>((resolve) => {
    const calls = {
      kind: "message",
      requestId: undefined,
      hasSession: false,
      onSent: () => {},
      onHead: () => undefined,
      onMessage: () => {},
      onFinish: () => finish(),
      onDrop: () => finish(),
    } as const;
    const timer = setTimeout(() => open.dropAll(), endSessionMs);
    const finish = (): void => {
      clearTimeout(timer);
      resolve();
    };
    server.dispatch({ path: pathOf(server.url), method: "DELETE", headers }, open.begin(calls, 0));
  });
}
