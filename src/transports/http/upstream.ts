import type { Upstream } from "../transport.ts";
import { HttpConnection } from "./upstream-connection.ts";
import { createHttpServer, type HttpUpstreamOptions } from "./upstream-server.ts";

/**
 * MCP over Streamable HTTP (MCP 2025-11-25 and 2026-07-28, Transports): each message is a POST of its own over pooled
 * keep-alive connections; an {@link Upstream}'s connection is a session, if the server gives one. Throws
 * `CONFIG_INVALID` for a URL or a header that must not be used.
 */
export function createHttpUpstream(options: HttpUpstreamOptions): Upstream {
  const server = createHttpServer(options);
  return { name: server.name, connect: (events) => new HttpConnection(server, events) };
}
