import { newTimedId } from "../ids.ts";
import { errorReply, jsonRpcCodes } from "../protocol/replies.ts";
import type { Exchange, ListenRequest } from "../transports/transport.ts";
import type { GatewayContext } from "./context.ts";
import type { Session } from "./sessions.ts";
import { identify } from "./steps/identify.ts";
import { turnAway } from "./steps/turn-away.ts";

/**
 * A client opens a stream for what the server says of its own accord: HTTP GET in the legacy era (MCP 2025-11-25,
 * Transports §Listening for Messages from the Server), or its standard input and output.
 */
export function listen(gateway: GatewayContext, request: ListenRequest, exchange: Exchange): void {
  if (request.transport !== "http") return gateway.sessions.listenLocally(exchange);
  const caller = identify(gateway.snapshot(), request, gateway.clock.wallMs());
  if (caller.kind === "unknown") {
    void turnAway(gateway, request, exchange, caller, newTimedId("req", gateway.clock.wallMs()));
    return;
  }
  const { sessionId } = request;
  const session = sessionId === undefined ? undefined : gateway.sessions.find(caller, request, sessionId);
  if (session === undefined) return refuseStream(sessionId, exchange);
  open(session, request, exchange);
}

/** Answers a client that wants a stream but names no session, or one that is over. */
export function refuseStream(sessionId: string | undefined, exchange: Exchange): void {
  if (sessionId === undefined) {
    const message = "streams are opened in a session: send `initialize` first, then GET with its Mcp-Session-Id";
    return exchange.reply(errorReply(null, jsonRpcCodes.invalidRequest, message), {
      status: 405,
      headers: { allow: "POST" },
    });
  }
  const message = "this session has ended: send `initialize` again";
  exchange.reply(errorReply(null, jsonRpcCodes.invalidRequest, message), { status: 404 });
}

function open(session: Session, { lastEventId }: ListenRequest, exchange: Exchange): void {
  const { protocolVersion } = session;
  exchange.start();
  const listener: Exchange = {
    ...exchange,
    // The server may end its stream while the client is still there.
    end: () => {
      session.listeners.delete(listener);
      exchange.end();
    },
  };
  session.listeners.add(listener);
  exchange.gone.addEventListener("abort", () => session.listeners.delete(listener));
  const headers = protocolVersion === undefined ? {} : { "mcp-protocol-version": protocolVersion };
  session.upstream.listen(listener, lastEventId, headers);
}
