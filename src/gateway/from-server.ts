import { door } from "../policy/index.ts";
import type { ServerNotification, ServerRequest } from "../protocol/classify.ts";
import { findMethod, serverTreatment } from "../protocol/methods.ts";
import { errorReply, jsonRpcCodes, resultReply } from "../protocol/replies.ts";
import type { Exchange, Origin } from "../transports/transport.ts";
import { recordEvent } from "./events.ts";
import type { GatewayParts } from "./parts.ts";
import { expectAnswer, hasRoomForRequest, type ServerMessageHandlers, type Session, whereOf } from "./sessions.ts";
import { createRefusalLog, type RefusalLog } from "./refusal-log.ts";
import { doorOf, doorsOfInputRequests } from "./steps/door-of.ts";
import type { Unasked } from "./upstream-request.ts";

/** What happens to messages that a server sends of its own accord: to the client, under the same policy, or nowhere. */
export function handleServerMessages(
  parts: GatewayParts,
  onToolsChanged: (grantId: string) => void,
): ServerMessageHandlers {
  const refusals = new Map<string, RefusalLog>();
  const refusalsOf = ({ transport, upstream }: Session): RefusalLog => {
    const server = upstream.server.name;
    const known =
      refusals.get(server) ?? createRefusalLog(parts, { event: "server_request_refused", transport, server });
    refusals.set(server, known);
    return known;
  };
  return {
    onNotification: (session, unasked) => {
      if (session.dialect === undefined) passNotification(session, unasked);
      else hear(session, unasked.message, onToolsChanged);
    },
    onRequest: (session, unasked) => passRequest(parts, session, unasked, refusalsOf(session)),
  };
}

/** Hears a notification on a connection of the gateway's own, which declared no capability to be told more. */
function hear(
  session: Session,
  { method, params }: ServerNotification,
  onToolsChanged: (grantId: string) => void,
): void {
  if (method === "notifications/tools/list_changed") onToolsChanged(session.grantId);
  if (serverTreatment("notification", method) === "task") session.tasks.note(params["taskId"], params["status"]);
}

function passNotification(session: Session, { message, exchange, origin }: Unasked<ServerNotification>): void {
  const treatment = serverTreatment("notification", message.method);
  if (treatment === "refuse" || (treatment === "door" && !isOpen(session, message))) return;
  if (treatment === "task") {
    session.tasks.note(message.params["taskId"], message.params["status"]);
    if (!isKnownTask(session, message)) return;
  }
  (exchange ?? channelOf(session, message.method, origin))?.event({
    text: message.text,
    ...session.upstream.marks(origin),
  });
}

/** Whether it speaks of a task of this grant's, and asks for nothing that the policy forbids. */
function isKnownTask(session: Session, { params }: ServerNotification): boolean {
  const { taskId } = params;
  const caller = session.caller();
  if (typeof taskId !== "string" || !session.tasks.has(taskId) || caller === undefined) return false;
  return doorsOfInputRequests(params).every((kind) => door(caller.policy, kind).outcome === "allow");
}

function passRequest(
  parts: GatewayParts,
  session: Session,
  { message, exchange, origin }: Unasked<ServerRequest>,
  refusals: RefusalLog,
): void {
  const treatment = serverTreatment("request", message.method);
  if (treatment === "answer") return answer(session, resultReply(message.id, {}));
  const channel = exchange ?? channelOf(session, message.method, origin);
  // Who shares a connection speaks the modern era, and has no way to answer.
  const isAnswerable = channel !== undefined && channel.canStream && !session.upstream.isShared;
  const isPassed =
    isAnswerable && hasRoomForRequest(session, message) && treatment === "door" && isOpen(session, message);
  const fields = { ...whereOf(session), ...reasonOf(message.method) };
  if (!isPassed) {
    void refusals.record({ event: "server_request_refused", ...fields });
    const text = "the gateway does not pass this request to the client";
    return answer(session, errorReply(message.id, jsonRpcCodes.methodNotFound, text));
  }
  if (expectAnswer(session, message)) recordEvent(parts, { event: "server_request_passed", ...fields });
  channel.event({ text: message.text, ...session.upstream.marks(origin) });
}

/** A method of the protocol by its name; any other is what a server likes to say, and no reason to count by. */
function reasonOf(method: string): { readonly reason: string; readonly message: string } {
  const isKnown = findMethod("server_to_client", "request", method) !== undefined;
  return { reason: isKnown ? method : "method_unknown", message: isKnown ? "" : method.slice(0, 128) };
}

function isOpen(session: Session, { method, params }: ServerNotification | ServerRequest): boolean {
  const way = doorOf(method, params);
  const caller = session.caller();
  return way !== undefined && caller !== undefined && door(caller.policy, way.kind, way.name).outcome === "allow";
}

/**
 * What tells of the server and of no request. It goes where the client listens: what is sent on a request's own stream
 * should relate to that request (MCP 2025-11-25, Transports §Sending Messages to the Server).
 */
const aboutServer: ReadonlySet<string> = new Set([
  "notifications/tools/list_changed",
  "notifications/prompts/list_changed",
  "notifications/resources/list_changed",
  "notifications/resources/updated",
  "notifications/tasks/status",
  "notifications/elicitation/complete",
]);

/**
 * The stream for what comes without one: the only request under way, else where the client listens, else the latest.
 * Where several clients share a connection it must be certain whose it is.
 */
function channelOf(session: Session, method: string, origin: Origin): Exchange | undefined {
  // On the stream of a request that has ended it is nobody's.
  if (session.upstream.isShared) return origin.requestId === undefined ? session.upstream.alone() : undefined;
  const streams = session.upstream.running().filter(({ canStream, gone }) => canStream && !gone.aborted);
  const listener = [...session.listeners].at(-1);
  if (listener !== undefined && (streams.length !== 1 || aboutServer.has(method))) return listener;
  return streams.at(-1);
}

function answer(session: Session, text: string): void {
  void session.upstream.pass({ text, kind: "response", era: "legacy", headers: {} });
}
