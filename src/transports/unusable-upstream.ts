import type { Upstream, UpstreamConnection, UpstreamFailure } from "./transport.ts";

/** A server that nothing may be sent to: each connection ends at once, with this reason. */
export function createUnusableUpstream(name: string, reason: UpstreamFailure): Upstream {
  return {
    name,
    connect: ({ onEnd }) => {
      let isClosed = false;
      // A turn later: whoever connects has to have the connection first.
      const ended = new Promise<"not_sent">((resolve) => {
        setImmediate(() => {
          if (!isClosed) onEnd(reason);
          resolve("not_sent");
        });
      });
      const connection: UpstreamConnection = {
        send: () => ended,
        abandon: () => false,
        listen: () => true,
        unlisten: () => {},
        close: () => {
          isClosed = true;
          return Promise.resolve();
        },
      };
      return connection;
    },
  };
}
