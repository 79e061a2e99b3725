import type { Upstream } from "../transport.ts";
import { createHttpServer, type HttpUpstreamOptions } from "../http/upstream-server.ts";
import { SseConnection } from "./upstream-connection.ts";

/** A server that speaks MCP over HTTP+SSE. */
export interface SseUpstreamOptions extends HttpUpstreamOptions {
  /** Milliseconds until a server names its address; default 30,000. */
  readonly endpointTimeoutMs?: number;
}

/**
 * MCP over HTTP+SSE (MCP 2024-11-05, Transports §HTTP with SSE), which Streamable HTTP replaced: one stream per
 * connection for all that the server says, whose first event names the address to POST to. Throws `CONFIG_INVALID` as
 * `createHttpUpstream` does.
 */
export function createSseUpstream(options: SseUpstreamOptions): Upstream {
  const server = createHttpServer(options);
  const { endpointTimeoutMs = 30_000 } = options;
  return { name: server.name, connect: (events) => new SseConnection(server, endpointTimeoutMs, events) };
}
