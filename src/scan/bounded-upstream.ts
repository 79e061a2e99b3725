import type { Upstream, UpstreamConnection, UpstreamEvents } from "../transports/transport.ts";

/** An upstream whose connections end when the server has said more than `bytesMax` bytes (> 0) in all of its messages. */
export function boundUpstream(upstream: Upstream, bytesMax: number): Upstream {
  return { name: upstream.name, connect: (events) => connectBounded(upstream, events, bytesMax) };
}

function connectBounded(upstream: Upstream, events: UpstreamEvents, bytesMax: number): UpstreamConnection {
  let bytes = 0;
  let isOver = false;
  const connection = upstream.connect({
    ...events,
    onMessage: (message, origin) => {
      bytes += message?.length ?? 0;
      if (isOver) return;
      if (bytes <= bytesMax) return events.onMessage(message, origin);
      isOver = true;
      events.onEnd({ code: "UPSTREAM_GARBAGE", message: `the server said more than ${bytesMax} bytes in all` });
      void connection.close();
    },
    onEnd: (end) => {
      if (!isOver) events.onEnd(end);
    },
  });
  return connection;
}
