import { door } from "../policy/index.ts";
import type { ServerNotification, ServerRequest } from "../protocol/classify.ts";
import { serverTreatment } from "../protocol/methods.ts";
import { errorReply, jsonRpcCodes, resultReply } from "../protocol/replies.ts";
import type { Exchange } from "../transports/transport.ts";
import type { JsonValue } from "../values/json.ts";
import { recordEvent } from "./events.ts";
import type { GatewayParts } from "./parts.ts";
import { expectAnswer, type ServerMessageHandlers, type Session } from "./sessions.ts";
import { doorOf } from "./steps/door-of.ts";
import { marksOf, type Unasked } from "./upstream-request.ts";

/** What happens to messages that a server sends of its own accord: to the client, under the same policy, or nowhere. */
export function handleServerMessages(parts: GatewayParts): ServerMessageHandlers {
  return {
    onNotification: (session, unasked) => passNotification(session, unasked),
    onRequest: (session, unasked) => passRequest(parts, session, unasked),
  };
}

function passNotification(session: Session, { message, exchange, origin }: Unasked<ServerNotification>): void {
  const treatment = serverTreatment("notification", message.method);
  if (treatment === "refuse" || (treatment === "door" && !isOpen(session, message))) return;
  if (treatment === "task" && !isKnownTask(session, message.params["taskId"])) return;
  (exchange ?? channelOf(session, message.method))?.event({ text: message.text, ...marksOf(origin) });
}

function isKnownTask(session: Session, id: JsonValue | undefined): boolean {
  return typeof id === "string" && session.tasks.has(id);
}

function passRequest(
  parts: GatewayParts,
  session: Session,
  { message, exchange, origin }: Unasked<ServerRequest>,
): void {
  const treatment = serverTreatment("request", message.method);
  if (treatment === "answer") return answer(session, resultReply(message.id, {}));
  const channel = exchange ?? channelOf(session, message.method);
  const isPassed = treatment === "door" && isOpen(session, message) && channel !== undefined;
  recordEvent(parts, {
    event: isPassed ? "server_request_passed" : "server_request_refused",
    server: session.upstream.server.name,
    grant: session.grantId,
    reason: message.method.slice(0, 128),
  });
  if (!isPassed) {
    const text = "the gateway does not pass this request to the client";
    return answer(session, errorReply(message.id, jsonRpcCodes.methodNotFound, text));
  }
  expectAnswer(session, message);
  channel.event({ text: message.text, ...marksOf(origin) });
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

/** The stream for what comes without one: the only request under way, else where the client listens, else the latest. */
function channelOf(session: Session, method: string): Exchange | undefined {
  const running = session.upstream.streams();
  const listener = [...session.listeners].at(-1);
  if (listener !== undefined && (running.length !== 1 || aboutServer.has(method))) return listener;
  return running.at(-1);
}

function answer(session: Session, text: string): void {
  void session.upstream.pass({ text, kind: "response", era: "legacy", headers: {} });
}
