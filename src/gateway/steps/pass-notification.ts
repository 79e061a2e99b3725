import type { ClientNotification } from "../../protocol/classify.ts";
import { clientTreatment } from "../../protocol/methods.ts";
import type { MessageContext } from "../context.ts";
import type { Session } from "../sessions.ts";
import { recordRefusal } from "./turn-away.ts";

/** Passes a client's notification to its server; what is not served is dropped and recorded. Always accepted (202). */
export async function passNotification(context: MessageContext, notification: ClientNotification): Promise<void> {
  const { exchange } = context;
  if (clientTreatment(notification.method, notification.era) !== "pass") {
    await recordRefusal(context, "method_refused", "notification_not_served", "the notification is not passed on");
    return exchange.accept();
  }
  const session = sessionOf(context);
  if (session !== undefined) {
    if (notification.method === "notifications/cancelled") cancel(session, notification);
    else await session.upstream.notify(notification.text);
  }
  exchange.accept();
}

/** Only a request that this client has under way can be cancelled. */
function cancel(session: Session, notification: ClientNotification): void {
  const id = notification.params?.["requestId"];
  if (typeof id === "string" || typeof id === "number") session.upstream.cancel(id, notification.text);
}

function sessionOf(context: MessageContext): Session | undefined {
  const { caller, inbound, gateway, exchange } = context;
  if (inbound.transport !== "http") return gateway.sessions.local(caller, exchange.notify, false);
  return inbound.sessionId === undefined ? undefined : gateway.sessions.find(caller, inbound.sessionId);
}
