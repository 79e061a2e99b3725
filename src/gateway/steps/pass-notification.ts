import { door } from "../../policy/index.ts";
import type { ClientNotification, ClientResponse } from "../../protocol/classify.ts";
import { clientTreatment } from "../../protocol/methods.ts";
import type { MessageContext } from "../context.ts";
import type { Session } from "../sessions.ts";
import { keyOf } from "../wire-ids.ts";
import { doorOf } from "./door-of.ts";
import { forwardOneWay } from "./forward.ts";
import { recordRefusal } from "./turn-away.ts";

/** Passes a client's notification to its server; what is not served is dropped and recorded. Always accepted (202). */
export async function passNotification(context: MessageContext, notification: ClientNotification): Promise<void> {
  const { exchange } = context;
  if (!isPassed(context, notification)) {
    await recordRefusal(context, "method_refused", "notification_not_served", "the notification is not passed on");
    return exchange.accept();
  }
  const session = sessionOf(context);
  if (session !== undefined) {
    if (notification.method === "notifications/cancelled") cancel(session, notification);
    else await forwardOneWay(context, session, notification);
    if (notification.method === "notifications/initialized") listenFor(session);
  }
  exchange.accept();
}

/** Passes a client's answer to a request of the server's; one that nobody waits for is dropped and recorded. */
export async function passResponse(context: MessageContext, response: ClientResponse): Promise<void> {
  const session = sessionOf(context);
  if (session?.expected.delete(keyOf(response.id)) === true) await forwardOneWay(context, session, response);
  else await recordRefusal(context, "message_rejected", "response_unasked", "nobody waits for this answer");
  context.exchange.accept();
}

/** The handshake is over. A client on standard streams hears everything there, and opens no stream at a server over HTTP. */
function listenFor({ transport, protocolVersion, upstream }: Session): void {
  if (transport === "http") return;
  upstream.keepListening(protocolVersion === undefined ? {} : { "mcp-protocol-version": protocolVersion });
}

function isPassed(context: MessageContext, notification: ClientNotification): boolean {
  const treatment = clientTreatment(notification.method, notification.era);
  if (treatment === "pass") return true;
  const way = treatment === "door" ? doorOf(notification.method, notification.params) : undefined;
  return way !== undefined && door(context.caller.policy, way.kind, way.name).outcome === "allow";
}

/** Only a request that this client has under way can be cancelled. */
function cancel(session: Session, notification: ClientNotification): void {
  const id = notification.params["requestId"];
  if (typeof id === "string" || typeof id === "number") session.upstream.cancel(id, notification.text);
}

function sessionOf(context: MessageContext): Session | undefined {
  const { caller, inbound, gateway } = context;
  if (inbound.transport !== "http") return gateway.sessions.local(caller, inbound, false);
  return inbound.sessionId === undefined ? undefined : gateway.sessions.find(caller, inbound, inbound.sessionId);
}
