import type { Clock } from "../../clock.ts";
import type { Exchange, MessageHandler } from "../transport.ts";

/** A client in this process. */
export interface MemoryClient {
  /** Sends one message; resolves to the answer's text, undefined when there is none to expect. */
  send(text: string): Promise<string | undefined>;
  /** Notifications received so far, oldest first. */
  readonly notifications: readonly string[];
}

const encoder = new TextEncoder();

/** A client without a connection, for tests and benchmarks: its messages go straight to the handler. */
export function createMemoryClient(handler: MessageHandler, server: string, clock: Clock): MemoryClient {
  const notifications: string[] = [];
  const gone = new AbortController();
  return {
    notifications,
    send: (text) =>
      new Promise((resolve) => {
        const exchange: Exchange = {
          reply: (answer) => resolve(answer),
          accept: () => resolve(undefined),
          event: ({ text: said }) => {
            if (said !== undefined) notifications.push(said);
          },
          start: () => {},
          end: () => resolve(undefined),
          canStream: true,
          gone: gone.signal,
        };
        void handler.handle(
          {
            transport: "memory",
            bytes: encoder.encode(text),
            server,
            token: undefined,
            sessionId: undefined,
            headers: undefined,
            clientIp: undefined,
            receivedAtMs: clock.monotonicMs(),
          },
          exchange,
        );
      }),
  };
}
