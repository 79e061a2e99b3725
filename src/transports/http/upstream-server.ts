import { AppError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { AuthorizationSource } from "../transport.ts";
import { outboundUrlFault } from "../../values/public-address.ts";
import { staticHeaderFault } from "../../values/static-header.ts";
import type { HeaderList } from "./upstream-headers.ts";
import { createDispatch, type Dispatch } from "./upstream-dispatch.ts";
import { type Resolve, systemResolve } from "./upstream-resolve.ts";

/** A server that speaks MCP at a URL. */
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
  /** Where `Authorization` comes from when it changes; left out: it is in `headers`, or there is none. */
  readonly authorization?: AuthorizationSource;
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

/** A server at a URL, and what all connections to it share. */
export interface HttpServer {
  readonly name: string;
  readonly logger: Logger;
  readonly url: URL;
  readonly dispatch: Dispatch;
  readonly authorization: AuthorizationSource | undefined;
  /** Sent with every request. */
  readonly fixedHeaders: HeaderList;
  readonly messageBytesMax: number;
  /** 0 for none. */
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** What is under way over all connections. */
  readonly load: { exchanges: number; waitingBytes: number };
}

/** Prepares a server; nothing is connected yet. Throws `CONFIG_INVALID` for a URL or a header that must not be used. */
export function createHttpServer(options: HttpUpstreamOptions): HttpServer {
  const { name, logger, headers, messageBytesMax, allowPrivate } = options;
  const { connectTimeoutMs = 10_000, headersTimeoutMs = 0, bodyTimeoutMs = 60_000, resolve = systemResolve } = options;
  const fault = outboundUrlFault(options.url, allowPrivate);
  if (fault !== undefined) throw new AppError("CONFIG_INVALID", `the URL of server \`${name}\`: ${fault}`);
  for (const [header, value] of Object.entries(headers)) {
    const wrong = staticHeaderFault(header, value);
    if (wrong !== undefined) throw new AppError("CONFIG_INVALID", `a header of server \`${name}\`: ${wrong}`);
  }
  const url = new URL(options.url);
  return {
    name,
    logger,
    url,
    dispatch: createDispatch({ origin: url.origin, allowPrivate, connectTimeoutMs, resolve }),
    authorization: options.authorization,
    fixedHeaders: [...Object.entries(headers).flat(), "accept-encoding", "identity"],
    messageBytesMax,
    headersTimeoutMs,
    bodyTimeoutMs,
    load: { exchanges: 0, waitingBytes: 0 },
  };
}

/** Pure. Path and query of a URL. */
export function pathOf(url: URL): string {
  return `${url.pathname}${url.search}`;
}
