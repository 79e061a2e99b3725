import { AppError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { outboundUrlFault } from "../../values/public-address.ts";
import type { Upstream } from "../transport.ts";
import { HttpConnection, type HttpServer } from "./upstream-connection.ts";
import { staticHeaderFault } from "./upstream-headers.ts";
import { createPool, type Resolve, systemResolve } from "./upstream-pool.ts";

/** A server that speaks MCP over Streamable HTTP. */
export interface HttpUpstreamOptions {
  readonly name: string;
  /** `http` or `https`, as {@link outboundUrlFault} allows. */
  readonly url: string;
  /** Sent with every request, the gateway's credentials among them. Never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the server may be at an address that is not public. For what the operator's own files name. */
  readonly allowPrivate: boolean;
  readonly logger: Logger;
  /** Longest message the server may send, bytes. */
  readonly messageBytesMax: number;
  /** Milliseconds for a connection, TLS included; default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds until a server begins to answer a request; default 0: as long as whoever asked waits. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds for an answer that is not a stream, from its headers to its end; default 60,000. */
  readonly bodyTimeoutMs?: number;
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

/**
 * MCP over Streamable HTTP (MCP 2025-11-25 and 2026-07-28, Transports): each message is a POST of its own over pooled
 * keep-alive connections; a connection is a session, if the server gives one. Throws `CONFIG_INVALID` for a URL or a
 * header that must not be used.
 */
export function createHttpUpstream(options: HttpUpstreamOptions): Upstream {
  const fault = outboundUrlFault(options.url, options.allowPrivate);
  if (fault !== undefined) throw new AppError("CONFIG_INVALID", `the URL of server \`${options.name}\`: ${fault}`);
  for (const [name, value] of Object.entries(options.headers)) {
    const wrong = staticHeaderFault(name, value);
    if (wrong !== undefined) throw new AppError("CONFIG_INVALID", `a header of server \`${options.name}\`: ${wrong}`);
  }
  const url = new URL(options.url);
  const { allowPrivate, connectTimeoutMs = 10_000, resolve = systemResolve } = options;
  const server: HttpServer = {
    name: options.name,
    logger: options.logger,
    pool: createPool({ origin: url.origin, allowPrivate, connectTimeoutMs, resolve }),
    path: `${url.pathname}${url.search}`,
    fixedHeaders: [...Object.entries(options.headers).flat(), "accept-encoding", "identity"],
    messageBytesMax: options.messageBytesMax,
    headersTimeoutMs: options.headersTimeoutMs ?? 0,
    bodyTimeoutMs: options.bodyTimeoutMs ?? 60_000,
    load: { exchanges: 0, waitingBytes: 0 },
  };
  return { name: options.name, connect: (events) => new HttpConnection(server, events) };
}
