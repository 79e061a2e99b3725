import type { SendResult, Upstream, UpstreamConnection, UpstreamEvents, UpstreamFailure } from "../transport.ts";

/** A server that lives in this process. */
export interface MemoryServer {
  /** Takes one message; `send` may be called any number of times, at any time, with messages of the server's. */
  readonly receive: (text: string, send: (text: string) => void) => void;
}

const encoder = new TextEncoder();

/**
 * A server without a process, for the self-test at the start and for tests of everything but the bytes' way: each
 * connection gets a server of its own from `start`. `start` throwing is a server that cannot be started.
 */
export function createMemoryUpstream(name: string, start: () => MemoryServer): Upstream {
  return { name, connect: (events) => connect(start, events) };
}

function connect(start: () => MemoryServer, events: UpstreamEvents): UpstreamConnection {
  let server: MemoryServer | undefined;
  let isEnded = false;
  const end = (reason: UpstreamFailure): void => {
    if (isEnded) return;
    isEnded = true;
    events.onEnd(reason);
  };
  const deliver = (text: string): void => {
    queueMicrotask(() => {
      if (!isEnded) events.onMessage(encoder.encode(text), {});
    });
  };
  try {
    server = start();
  } catch (error) {
    const message = `the server could not be started: ${error instanceof Error ? error.message : String(error)}`;
    queueMicrotask(() => end({ code: "UPSTREAM_START_FAILED", message }));
  }
  return {
    abandon: () => false,
    listen: () => false,
    unlisten: () => {},
    send: async ({ text }): Promise<SendResult> => {
      // As with a process: what happens to a message is known a moment later.
      await Promise.resolve();
      if (isEnded || server === undefined) return "not_sent";
      server.receive(text, deliver);
      return "sent";
    },
    close: async () => {
      end({ code: "UPSTREAM_EXITED", message: "the connection to the server was closed" });
    },
  };
}
