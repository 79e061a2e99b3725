import { createLogger } from "../../src/logger.ts";
import type { Era } from "../../src/protocol/eras/era.ts";
import type { RequestId } from "../../src/protocol/jsonrpc.ts";
import { createHttpUpstream } from "../../src/transports/http/upstream.ts";
import type { HttpUpstreamOptions } from "../../src/transports/http/upstream-server.ts";
import type {
  Origin,
  Outgoing,
  Upstream,
  UpstreamConnection,
  UpstreamFailure,
} from "../../src/transports/transport.ts";
import { closeLater } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";

/** What a connection told its owner, in order. */
export type Told =
  | { readonly kind: "message"; readonly text: string | undefined; readonly origin: Origin }
  | { readonly kind: "streamEnd"; readonly origin: Origin; readonly failure: UpstreamFailure | undefined }
  | { readonly kind: "end"; readonly failure: UpstreamFailure };

/** A connection and everything it told. Closed by `closeAll`. */
export interface Observed {
  readonly connection: UpstreamConnection;
  readonly told: readonly Told[];
  /** Waits until it has told so many things, and returns them. */
  readonly wait: (count: number) => Promise<readonly Told[]>;
}

/** Connects to a server and remembers what is told. */
export function observe(upstream: Upstream): Observed {
  const told: Told[] = [];
  const decoder = new TextDecoder();
  const connection = upstream.connect({
    onMessage: (bytes, origin) =>
      told.push({ kind: "message", text: bytes === undefined ? undefined : decoder.decode(bytes), origin }),
    onStreamEnd: (origin, failure) => told.push({ kind: "streamEnd", origin, failure }),
    onEnd: (failure) => told.push({ kind: "end", failure }),
  });
  closeLater(() => connection.close());
  const wait = (count: number): Promise<readonly Told[]> =>
    until(`${count} things told`, () => (told.length >= count ? told : undefined));
  return { connection, told, wait };
}

/** An upstream over HTTP at a test's server. */
export function httpUpstream(origin: string, more: Partial<HttpUpstreamOptions> = {}): Upstream {
  return createHttpUpstream({
    name: "test",
    url: `${origin}/mcp`,
    headers: {},
    allowPrivate: true,
    logger: createLogger("silent"),
    messageBytesMax: 64 * 1024,
    ...more,
  });
}

/** A request as the gateway sends it. */
export function request(id: RequestId, era: Era = "legacy", method = "tools/call"): Outgoing {
  const text = JSON.stringify({ jsonrpc: "2.0", id, method, params: {} });
  const version = era === "legacy" ? "2025-11-25" : "2026-07-28";
  return { text, kind: "request", era, id, headers: { "mcp-protocol-version": version } };
}

/** A notification as the gateway sends it. */
export function notification(method = "notifications/initialized"): Outgoing {
  return { text: JSON.stringify({ jsonrpc: "2.0", method }), kind: "notification", era: "legacy", headers: {} };
}

/** The text of a result. */
export function result(id: RequestId | null, value: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result: value });
}

/** The text of an error. */
export function error(id: RequestId | null, code: number, message = "no"): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}
