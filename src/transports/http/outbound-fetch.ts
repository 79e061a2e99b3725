import type { Dispatcher } from "undici";
import { AppError } from "../../errors.ts";
import { outboundUrlFault } from "../../values/public-address.ts";
import type { OutboundFetch, OutboundRequest } from "../transport.ts";
import { connectFailure } from "./upstream-failure.ts";
import { type Resolve, systemResolve } from "./upstream-resolve.ts";

/** The largest answer, bytes. */
const bodyBytesMax = 1024 * 1024;

/** From the first byte sent to the last one read, milliseconds. */
const timeoutMs = 10_000;

/** What of an answer's headers is handed on. */
const headerNames = ["content-type", "www-authenticate", "retry-after", "cache-control", "expires"];

/**
 * Single requests to addresses that strangers name: connected to as servers are (addresses checked for the very
 * connection), no redirect followed, at most 1 MiB, or what the request says, in 10 s. Rejects with `OAUTH_CONNECT_FAILED`, without the address.
 */
export function createOutboundFetch(resolve: Resolve = systemResolve): OutboundFetch {
  return async (address, request) => {
    const fault = outboundUrlFault(address, request.allowPrivate);
    if (fault !== undefined) throw failed(fault);
    const url = new URL(address);
    const { createPool } = await import("./upstream-pool.ts");
    const { allowPrivate } = request;
    const pool = createPool({ origin: url.origin, allowPrivate, connectTimeoutMs: timeoutMs, resolve });
    try {
      const answer = await pool.request({
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: { ...request.headers, "accept-encoding": "identity" },
        body: request.body ?? null,
        signal: AbortSignal.timeout(timeoutMs),
      });
      return await readAnswer(answer, request);
    } catch (error) {
      throw error instanceof AppError ? error : failed(reasonOf(error));
    } finally {
      await pool.destroy();
    }
  };
}

async function readAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { wants, bytesMax = bodyBytesMax }: OutboundRequest,
): Promise<Response> {
  // A body that is given up says so, to nobody who still wants it.
  body.on("error", () => {});
  if (statusCode >= 300 && statusCode < 400) throw failed("it redirects, which is not followed");
  if (wants === "body" && (headers["content-encoding"] ?? "identity") !== "identity") {
    throw failed("its answer is encoded, which was not asked for");
  }
  const shown = headerNames.flatMap((name): [string, string][] => {
    const value = headers[name];
    return typeof value === "string" ? [[name, value]] : [];
  });
  const chunks: Buffer[] = [];
  if (wants === "body") {
    let length = 0;
    for await (const chunk of body) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length > bytesMax) throw failed(`its answer is over ${bytesMax} bytes`);
      chunks.push(bytes);
    }
  } else {
    body.destroy();
  }
  const hasBody = chunks.length > 0 && statusCode !== 204;
  return new Response(hasBody ? Buffer.concat(chunks) : null, { status: statusCode, headers: shown });
}

function reasonOf(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError" || name === "AbortError") return `it did not answer within ${timeoutMs / 1000} s`;
  return connectFailure(error).message.replace(/^the server /, "it ");
}

function failed(reason: string): AppError {
  return new AppError("OAUTH_CONNECT_FAILED", reason);
}
