import type { UpstreamFailure } from "../transport.ts";

/** Pure. A failure as a value. */
export function failure(code: UpstreamFailure["code"], message: string): UpstreamFailure {
  return { code, message };
}

/** What an error of a socket, a resolver or undici says about itself. */
interface Fault {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

function readFault(error: unknown): Fault {
  if (!(error instanceof Error)) return { name: "", code: "", message: "" };
  // Happy eyeballs: what went wrong with the first address speaks for all.
  if (error instanceof AggregateError && error.errors.length > 0) return readFault(error.errors[0]);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { name: error.name, code, message: error.message };
}

/** The code of the error for an address that is not public. */
export const privateAddressCode = "CALLGATE_PRIVATE_ADDRESS";

const connectReasons: Readonly<Record<string, string>> = {
  [privateAddressCode]: "its name leads to an address that is not public",
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "its name was not found",
  EAI_AGAIN: "its name could not be looked up",
  EHOSTUNREACH: "there is no way to its address",
  ENETUNREACH: "there is no way to its address",
  ECONNRESET: "the connection was closed before it was ready",
  ETIMEDOUT: "it did not accept a connection in time",
  UND_ERR_CONNECT_TIMEOUT: "it did not accept a connection in time",
};

/** Pure. Why there is no connection to a server, without its address. Nothing was sent. */
export function connectFailure(error: unknown): UpstreamFailure {
  const { code } = readFault(error);
  const reason = Object.hasOwn(connectReasons, code) ? connectReasons[code] : undefined;
  const isTls = /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/.test(code);
  const shown = reason ?? (isTls ? `TLS failed (${code})` : code === "" ? "the connection failed" : code);
  return failure("UPSTREAM_START_FAILED", `the server could not be reached: ${shown}`);
}

/** How far an exchange had come: no answer yet, within an answer of one message, within a stream. */
export type ExchangePhase = "waiting" | "body" | "stream";

/** Pure. What became of an exchange that broke after its first byte may have left. */
export function brokenFailure(error: unknown, phase: ExchangePhase): UpstreamFailure {
  const { code, message, name } = readFault(error);
  if (code === "UND_ERR_HEADERS_TIMEOUT") return failure("UPSTREAM_TIMEOUT", "the server did not answer in time");
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return failure("UPSTREAM_GARBAGE", "the server's answer has too many headers");
  }
  const isNoHttp = name === "HTTPParserError" || message === "bad response" || message === "bad upgrade";
  if (isNoHttp) return failure("UPSTREAM_GARBAGE", "the server's answer is not HTTP");
  if (phase === "body") return failure("UPSTREAM_GARBAGE", "the server's answer is cut off");
  const when = phase === "stream" ? "in the middle of its stream" : "before it answered";
  return failure("UPSTREAM_EXITED", `the server closed the connection ${when}`);
}

/** Pure. What an HTTP status from 300 says that no message of the server's explains. */
export function statusFailure(status: number, hasSession: boolean): UpstreamFailure {
  if (status === 401 || status === 403) {
    return failure("UPSTREAM_REFUSED", "the server refuses the gateway's credentials");
  }
  if (status === 404 && hasSession) return failure("UPSTREAM_SESSION_ENDED", "the server has ended the session");
  if (status === 429 || status === 503) return failure("UPSTREAM_OVERLOADED", "the server is overloaded");
  if (status === 408 || status === 504) return failure("UPSTREAM_TIMEOUT", "the server did not answer in time");
  if (status === 502) return failure("UPSTREAM_EXITED", "the server is down behind its proxy (HTTP status 502)");
  if (status < 400) {
    return failure("UPSTREAM_GARBAGE", `the server redirects (HTTP status ${status}), which is not followed`);
  }
  return failure("UPSTREAM_GARBAGE", `the server answered with HTTP status ${status}`);
}
