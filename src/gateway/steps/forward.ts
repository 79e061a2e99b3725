import type { ClientRequest } from "../../protocol/classify.ts";
import type { Exchange } from "../../transports/transport.ts";
import type { Session } from "../sessions.ts";
import type { UpstreamAnswer } from "../upstream-session.ts";

/**
 * Sends the judged bytes and waits for the answer. A client that goes away cancels its request in the modern era; in
 * the legacy era it may come back, so the request runs on (MCP 2025-11-25, Transports §Streamable HTTP).
 */
export function forward(session: Session, request: ClientRequest, exchange: Exchange): Promise<UpstreamAnswer> {
  return session.upstream.request({
    text: request.text,
    id: request.id,
    params: request.params,
    timeoutMs: session.upstream.server.callTimeoutMs,
    notify: exchange.notify,
    ...(request.era === "modern" ? { cancel: exchange.gone } : {}),
  });
}
