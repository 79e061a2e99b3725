import type { EventRow } from "../../audit/row.ts";
import type { Rejection } from "../../protocol/classify.ts";
import { errorReply, gatewayErrorCodes } from "../../protocol/replies.ts";
import { type Challenge, everyServer, type Exchange, type Inbound } from "../../transports/transport.ts";
import type { GatewayContext, RefusalContext } from "../context.ts";
import type { UnknownCaller } from "./identify.ts";

/** Answers a caller without a live grant for this server: HTTP 401 with a challenge (RFC 6750 §3), or 404. */
export async function turnAway(
  gateway: GatewayContext,
  inbound: Pick<Inbound, "transport" | "server">,
  exchange: Exchange,
  caller: UnknownCaller,
  requestId: string,
): Promise<void> {
  await recordStranger(gateway, inbound, caller, requestId);
  exchange.reply(errorReply(null, gatewayErrorCodes.UNAUTHORIZED, caller.message), {
    status: caller.status,
    ...challengeOf(caller),
  });
}

/** Pure. What a caller that is turned away is asked for; nothing where no token would help. */
export function challengeOf({ status, reason }: UnknownCaller): { readonly challenge?: Challenge } {
  if (status !== 401) return {};
  return { challenge: reason === "token_missing" ? reason : "invalid_token" };
}

/** Leaves a row for a caller without a live grant for this server, or counts it when there are many. */
export async function recordStranger(
  gateway: GatewayContext,
  inbound: Pick<Inbound, "transport" | "server">,
  caller: UnknownCaller,
  requestId: string,
): Promise<void> {
  await gateway.strangers.record({
    event: "token_rejected",
    reason: caller.reason,
    message: caller.message,
    transport: inbound.transport,
    // A name from an unknown caller is not recorded as a server: it could be any text.
    server: caller.grantId === undefined || inbound.server === everyServer ? null : inbound.server,
    grant: caller.grantId ?? null,
    requestId,
  });
}

/** Answers a malformed message, which was never judged, and leaves a row for it. */
export async function reject(context: RefusalContext, rejection: Rejection): Promise<void> {
  await recordRefusal(context, "message_rejected", rejection.reason, rejection.message);
  const reply = errorReply(rejection.id, rejection.code, rejection.message, rejection.data);
  context.exchange.reply(reply, { status: rejection.status });
}

/** Leaves a row for a message of a known caller that is refused before any policy, or counts it when there are many. */
export async function recordRefusal(
  context: RefusalContext,
  event: EventRow["event"],
  reason: string,
  message: string,
): Promise<void> {
  const { gateway, inbound, caller, requestId } = context;
  const { transport } = inbound;
  const server = caller.server?.name ?? null;
  await gateway
    .refusalsOf(caller.grant.id, transport)
    .record({ event, reason, message, transport, server, grant: caller.grant.id, requestId });
}
