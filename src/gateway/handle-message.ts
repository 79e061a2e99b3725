import { newTimedId } from "../ids.ts";
import { classifyClientMessage, type ClientMessage, type ClientRequest } from "../protocol/classify.ts";
import type { RequestId } from "../protocol/jsonrpc.ts";
import { clientTreatment, type Treatment } from "../protocol/methods.ts";
import { errorReply, jsonRpcCodes, resultReply } from "../protocol/replies.ts";
import type { Exchange, Inbound, MessageHandler } from "../transports/transport.ts";
import { answerForEveryServer, isForEveryServer } from "./aggregate/answer-message.ts";
import type { GatewayContext, MessageContext } from "./context.ts";
import type { Session } from "./sessions.ts";
import { callTool } from "./steps/call-tool.ts";
import { findSession } from "./steps/find-session.ts";
import { handshake } from "./steps/handshake.ts";
import { identify, identifyGrant } from "./steps/identify.ts";
import { listEntries } from "./steps/list-entries.ts";
import { passDoor } from "./steps/pass-door.ts";
import { passNotification, passResponse } from "./steps/pass-notification.ts";
import { listenForChanges, passRequest, passTask, refuseMethod } from "./steps/pass-request.ts";
import { challengeOf, recordStranger, reject, turnAway } from "./steps/turn-away.ts";

/** The way of every message: who, what, which session, then by method. Never rejects: a fault is answered as one. */
export async function handleMessage(gateway: GatewayContext, inbound: Inbound, exchange: Exchange): Promise<void> {
  let requestId = "";
  let id: RequestId | null = null;
  try {
    const nowMs = gateway.clock.wallMs();
    requestId = newTimedId("req", nowMs);
    const snapshot = gateway.snapshot();
    const caller = isForEveryServer(inbound)
      ? identifyGrant(snapshot, inbound, nowMs)
      : identify(snapshot, inbound, nowMs);
    if (caller.kind === "unknown") return await turnAway(gateway, inbound, exchange, caller, requestId);
    gateway.usage?.used(caller.grant.id);
    const received = { gateway, snapshot, inbound, exchange, requestId };
    const message = classifyClientMessage(inbound.bytes, {
      transport: inbound.transport === "http" ? "http" : "stdio",
      ...(inbound.headers === undefined ? {} : { headers: inbound.headers }),
    });
    if (message.kind === "rejected") return await reject({ ...received, caller }, message.rejection);
    if (message.kind === "request") id = message.id;
    if (caller.kind === "grant") await answerForEveryServer({ ...received, caller }, message);
    else await dispatch({ ...received, caller }, message);
  } catch (error) {
    gateway.logger.error({ requestId, error: String(error), stack: stackOf(error) }, "message failed");
    exchange.reply(errorReply(id, jsonRpcCodes.internalError, "internal error", { requestId }), { status: 500 });
  }
}

/** Ends a legacy session at its client's wish. */
export async function endSession(
  gateway: GatewayContext,
  request: Pick<Inbound, "server" | "tokenSha256" | "sessionId">,
): ReturnType<MessageHandler["endSession"]> {
  const inbound = { ...request, transport: "http" } as const;
  const nowMs = gateway.clock.wallMs();
  const caller = isForEveryServer(inbound)
    ? identifyGrant(gateway.snapshot(), inbound, nowMs)
    : identify(gateway.snapshot(), inbound, nowMs);
  if (caller.kind === "unknown") {
    await recordStranger(gateway, inbound, caller, newTimedId("req", nowMs));
    return { status: caller.status, ...challengeOf(caller) };
  }
  if (caller.kind === "grant") return { status: gateway.aggregate.end(caller.grant.id, request.sessionId) ? 204 : 404 };
  const session =
    request.sessionId === undefined ? undefined : gateway.sessions.find(caller, inbound, request.sessionId);
  if (session === undefined) return { status: 404 };
  void gateway.sessions.end(session);
  return { status: 204 };
}

async function dispatch(context: MessageContext, message: ClientMessage): Promise<void> {
  if (message.kind === "response") return passResponse(context, message);
  if (message.kind === "notification") return passNotification(context, message);
  const treatment = clientTreatment(message.method, message.era);
  if (treatment === "refuse") return refuseMethod(context, message);
  if (treatment === "answer") return context.exchange.reply(resultReply(message.id, {}));
  if (treatment === "handshake") return handshake(context, message);
  const session = await findSession(context, message);
  if (session === undefined) return;
  try {
    await ask(context, session, message, treatment);
  } finally {
    session.upstream.ids.release(message.id, message);
  }
}

/** The way of a request in its session, by what its method is. */
function ask(
  context: MessageContext,
  session: Session,
  request: ClientRequest,
  treatment: Exclude<Treatment, "refuse" | "answer" | "handshake">,
): Promise<void> {
  switch (treatment) {
    case "call":
      return request.call === undefined
        ? refuseMethod(context, request)
        : callTool(context, session, request, request.call);
    case "list":
      return listEntries(context, session, request);
    case "door":
      return passDoor(context, session, request);
    case "listen":
      return listenForChanges(context, session, request);
    case "task":
      return passTask(context, session, request);
    case "pass":
      return passRequest(context, session, request);
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
