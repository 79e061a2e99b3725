import type { Clock } from "../../clock.ts";
import type { Exchange, MessageHandler, StreamEvent } from "../transport.ts";

/** A client in this process. */
export interface MemoryClient {
  /** Sends one message; resolves to the answer's text, undefined when there is none to expect. */
  send(text: string): Promise<string | undefined>;
  /** Notifications received so far, oldest first. */
  readonly notifications: readonly string[];
}

const encoder = new TextEncoder();

/** A client without a connection, for tests and for the self-test at the start: its messages go straight to the handler. */
export function createMemoryClient(handler: MessageHandler, server: string, clock: Clock): MemoryClient {
  const notifications: string[] = [];
  const gone = new AbortController();
  const take = ({ text }: StreamEvent): void => {
    if (text !== undefined) notifications.push(text);
  };
  const way = {
    accept: () => {},
    start: () => {},
    event: take,
    end: () => {},
    canStream: true,
    gone: gone.signal,
  } as const;
  const place = {
    transport: "memory",
    server,
    tokenSha256: undefined,
    sessionId: undefined,
    headers: undefined,
  } as const;
  handler.listen({ ...place, lastEventId: undefined }, { ...way, reply: () => {} });
  return {
    notifications,
    send: (text) =>
      new Promise((resolve) => {
        const exchange: Exchange = {
          ...way,
          reply: (answer) => resolve(answer),
          accept: () => resolve(undefined),
          end: () => resolve(undefined),
        };
        const bytes = encoder.encode(text);
        void handler.handle({ ...place, bytes, clientIp: undefined, receivedAtMs: clock.monotonicMs() }, exchange);
      }),
  };
}
