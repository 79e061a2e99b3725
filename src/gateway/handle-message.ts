import { newTimedId } from "../ids.ts";
import { classifyClientMessage, type ClientMessage, type ClientRequest } from "../protocol/classify.ts";
import type { RequestId } from "../protocol/jsonrpc.ts";
import { clientTreatment } from "../protocol/methods.ts";
import { errorReply, jsonRpcCodes, resultReply } from "../protocol/replies.ts";
import type { Exchange, Inbound } from "../transports/transport.ts";
import type { GatewayContext, MessageContext } from "./context.ts";
import { callTool } from "./steps/call-tool.ts";
import { findSession } from "./steps/find-session.ts";
import { handshake } from "./steps/handshake.ts";
import { identify } from "./steps/identify.ts";
import { listTools } from "./steps/list-tools.ts";
import { passNotification } from "./steps/pass-notification.ts";
import { recordRefusal, recordStranger, reject, turnAway } from "./steps/turn-away.ts";

/** The way of every message: who, what, which session, then by method. Never rejects: a fault is answered as one. */
export async function handleMessage(gateway: GatewayContext, inbound: Inbound, exchange: Exchange): Promise<void> {
  const requestId = newTimedId("req", gateway.clock.wallMs());
  let id: RequestId | null = null;
  try {
    const snapshot = gateway.snapshot();
    const caller = identify(snapshot, inbound, gateway.clock.wallMs());
    if (caller.kind === "unknown") return await turnAway(gateway, inbound, exchange, caller, requestId);
    const context: MessageContext = { gateway, snapshot, caller, inbound, exchange, requestId };
    const message = classifyClientMessage(inbound.bytes, {
      transport: inbound.transport === "http" ? "http" : "stdio",
      ...(inbound.headers === undefined ? {} : { headers: inbound.headers }),
    });
    if (message.kind === "rejected") return await reject(context, message.rejection);
    if (message.kind === "request") id = message.id;
    await dispatch(context, message);
  } catch (error) {
    gateway.logger.error({ requestId, error: String(error), stack: stackOf(error) }, "message failed");
    exchange.reply(errorReply(id, jsonRpcCodes.internalError, "internal error", { requestId }), { status: 500 });
  }
}

/** Ends a legacy session at its client's wish. */
export async function endSession(
  gateway: GatewayContext,
  request: Pick<Inbound, "server" | "token" | "sessionId">,
): Promise<number> {
  const caller = identify(gateway.snapshot(), { ...request, transport: "http" }, gateway.clock.wallMs());
  if (caller.kind === "unknown") {
    await recordStranger(gateway, { ...request, transport: "http" }, caller, newTimedId("req", gateway.clock.wallMs()));
    return caller.status;
  }
  const session = request.sessionId === undefined ? undefined : gateway.sessions.find(caller, request.sessionId);
  if (session === undefined) return 404;
  await gateway.sessions.end(session);
  return 204;
}

async function dispatch(context: MessageContext, message: ClientMessage): Promise<void> {
  if (message.kind === "response") return context.exchange.accept();
  if (message.kind === "notification") return passNotification(context, message);
  switch (clientTreatment(message.method, message.era)) {
    // A notification's name on a request is a method like any unknown one.
    case "pass":
    case "refuse":
      return refuseMethod(context, message);
    case "answer":
      return context.exchange.reply(resultReply(message.id, {}));
    case "handshake":
      return handshake(context, message);
    case "filter":
    case "decide": {
      const session = await findSession(context, message);
      if (session === undefined) return;
      try {
        if (message.call === undefined) await listTools(context, session, message);
        else await callTool(context, session, message, message.call);
      } finally {
        session.upstream.release(message.id, message);
      }
    }
  }
}

async function refuseMethod(context: MessageContext, message: ClientRequest): Promise<void> {
  await recordRefusal(context, "method_refused", "method_not_served", "the method is not served");
  const reply = errorReply(message.id, jsonRpcCodes.methodNotFound, "this method is not served by the gateway");
  context.exchange.reply(reply, { status: message.era === "modern" ? 404 : 200 });
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
