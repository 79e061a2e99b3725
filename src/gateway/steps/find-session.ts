import type { ClientRequest } from "../../protocol/classify.ts";
import { errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import type { MessageContext, RefusalContext } from "../context.ts";
import { upstreamFailureReply } from "../error-map.ts";
import type { Session } from "../sessions.ts";
import { requiredMeta } from "../own-requests.ts";
import { recordRefusal } from "./turn-away.ts";

/**
 * The session a request belongs to: the local client's one, the shared connection in the modern era, or the legacy
 * session that the header names. Answers the client itself and returns undefined when there is none.
 */
export async function findSession(context: MessageContext, request: ClientRequest): Promise<Session | undefined> {
  const { caller, inbound, gateway } = context;
  if (inbound.transport !== "http") {
    const isHandshake = request.method === "initialize" || request.method === "server/discover";
    return refuseRepeatedId(context, request, gateway.sessions.local(caller, inbound, isHandshake));
  }
  if (request.era === "modern") return findShared(context, request);
  const session =
    inbound.sessionId === undefined ? undefined : gateway.sessions.find(caller, inbound, inbound.sessionId);
  if (session !== undefined) return refuseRepeatedId(context, request, session);
  await refuseWithoutSession(context, request);
  return undefined;
}

/** Answers a request of the legacy era that names no session, or one that is over. */
export async function refuseWithoutSession(context: RefusalContext, request: ClientRequest): Promise<void> {
  const isMissing = context.inbound.sessionId === undefined;
  const message = isMissing
    ? "send `initialize` first, then its Mcp-Session-Id with every request"
    : "this session has ended: send `initialize` again";
  await recordRefusal(context, "message_rejected", isMissing ? "session_missing" : "session_unknown", message);
  const reply = errorReply(request.id, jsonRpcCodes.invalidRequest, message);
  context.exchange.reply(reply, { status: isMissing ? 400 : 404 });
}

/** The shared connection, if its server speaks the modern era; else the client is sent back to the handshake. */
async function findShared(context: MessageContext, request: ClientRequest): Promise<Session | undefined> {
  const session = context.gateway.sessions.shared(context.caller, context.inbound);
  const meta = requiredMeta(request.params);
  // `server/discover` is the question itself: the server's own answer is passed on.
  if (request.method === "server/discover" || meta === undefined) return session;
  const era = await session.era(meta);
  if (era === "modern") return session;
  if (era !== "legacy") {
    await recordRefusal(context, "upstream_failed", era.code, era.message);
    context.exchange.reply(upstreamFailureReply(request.id, era, context.requestId));
    return undefined;
  }
  const message = "this server speaks the handshake revisions only: start with `initialize`";
  await recordRefusal(context, "message_rejected", "era_not_served", message);
  context.exchange.reply(errorReply(request.id, jsonRpcCodes.methodNotFound, message), { status: 404 });
  return undefined;
}

/**
 * Two requests with one id on one connection could have their answers crossed. Whoever gets a session here
 * releases the id.
 */
async function refuseRepeatedId(
  context: MessageContext,
  request: ClientRequest,
  session: Session,
): Promise<Session | undefined> {
  if (session.upstream.ids.claim(request.id, request)) return session;
  await refuseIdInUse(context, request);
  return undefined;
}

/** Answers a request whose id another request under way has. */
export async function refuseIdInUse(context: RefusalContext, request: ClientRequest): Promise<void> {
  const message = "a request with this id is still under way";
  await recordRefusal(context, "message_rejected", "id_in_use", message);
  context.exchange.reply(errorReply(request.id, jsonRpcCodes.invalidRequest, message), { status: 400 });
}
