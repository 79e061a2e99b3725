import type { IncomingMessage } from "node:http";
import { bearerToken } from "../../values/bearer-token.ts";

/** A request that is refused before its body is read. */
export interface GuardRefusal {
  readonly status: number;
  /** Stable, snake_case, for the audit. */
  readonly reason: string;
  /** For people: what was wrong and what to send instead. */
  readonly message: string;
}

/** Which `Host` and `Origin` values belong to this gateway: `127.0.0.1:7777`, `localhost:7777`, ... */
export interface AllowedHosts {
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

/** The names a listener on this address goes by, plus the operator's own (host with port). */
export function allowedHosts(address: string, port: number, extra: readonly string[]): AllowedHosts {
  const loopback = ["127.0.0.1", "localhost", "[::1]"];
  const isLoopback = address === "127.0.0.1" || address === "::1" || address === "localhost";
  const isEvery = address === "0.0.0.0" || address === "::";
  const own = address.includes(":") ? `[${address}]` : address;
  const names = isLoopback ? loopback : isEvery ? [own, ...loopback] : [own];
  const hosts = new Set([...names.map((name) => `${name}:${port}`), ...extra]);
  const origins = new Set([...hosts].flatMap((host) => [`http://${host}`, `https://${host}`]));
  return { hosts, origins };
}

/**
 * Checks what must hold on every route: exactly one known `Host` (against DNS rebinding) and, when a browser sent it,
 * exactly one known `Origin` (MCP 2025-11-25, Transports §Security Warning). Undefined when all is well.
 */
export function checkHostAndOrigin(req: IncomingMessage, allowed: AllowedHosts): GuardRefusal | undefined {
  const hosts = headerValues(req, "host");
  const host = hosts[0];
  if (host === undefined || hosts.length > 1)
    return { status: 400, reason: "host_missing", message: "send exactly one Host header" };
  if (!allowed.hosts.has(host.toLowerCase())) {
    return {
      status: 421,
      reason: "host_unknown",
      message: "unknown Host: add it to `allowed_hosts` if this name is yours",
    };
  }
  const origins = headerValues(req, "origin");
  if (origins.length > 1 || (origins[0] !== undefined && !allowed.origins.has(origins[0]))) {
    return { status: 403, reason: "origin_refused", message: "requests from this Origin are refused" };
  }
  return undefined;
}

/** Checks that the body is plain JSON in UTF-8 and not announced as larger than allowed. Undefined when all is well. */
export function checkBodyHeaders(req: IncomingMessage, bodyBytesMax: number): GuardRefusal | undefined {
  const types = headerValues(req, "content-type");
  if (types.length !== 1 || !isPlainJson(types[0] ?? "")) {
    return { status: 415, reason: "content_type", message: "send Content-Type: application/json (UTF-8)" };
  }
  const encodings = headerValues(req, "content-encoding");
  if (encodings.some((value) => value.toLowerCase() !== "identity")) {
    return { status: 415, reason: "content_encoding", message: "send the body without Content-Encoding" };
  }
  const length = req.headers["content-length"];
  if (length !== undefined && Number(length) > bodyBytesMax) return bodyTooLarge(bodyBytesMax);
  return undefined;
}

/** The refusal of a body over the limit. */
export function bodyTooLarge(bodyBytesMax: number): GuardRefusal {
  return { status: 413, reason: "body_too_large", message: `the body is over the limit of ${bodyBytesMax} bytes` };
}

/** The refusal of a body cut into far more pieces than anybody needs. */
export const bodyInPieces: GuardRefusal = {
  status: 413,
  reason: "body_in_pieces",
  message: "the body came in too many pieces: send larger ones, or a Content-Length",
};

/** The refusal of a request while too many others have no answer yet. */
export const tooMuchUnderWay: GuardRefusal = {
  status: 503,
  reason: "too_much_under_way",
  message: "too much waits for an answer already: try again later",
};

/** The refusal of a request to a gateway that is about to end. */
export const ending: GuardRefusal = {
  status: 503,
  reason: "ending",
  message: "the gateway is being stopped: try again in a moment",
};

/** The bearer token of the one `Authorization` header; undefined for none, several, another scheme or an empty token. */
export function bearerTokenOf(req: IncomingMessage): string | undefined {
  const values = headerValues(req, "authorization");
  return values.length === 1 ? bearerToken(values[0]) : undefined;
}

/** All values of a header as they came, repeats kept apart (Node joins or drops them in `headers`). */
export function headerValues(req: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    if (req.rawHeaders[i]?.toLowerCase() === name) values.push(req.rawHeaders[i + 1] ?? "");
  }
  return values;
}

function isPlainJson(contentType: string): boolean {
  return /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(contentType);
}
