import { newTimedId } from "../../ids.ts";
import type { ClientRequest } from "../../protocol/classify.ts";
import { metaKeys } from "../../protocol/eras/modern.ts";
import { errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import { isObject } from "../../values/json.ts";
import type { Exchange, ListenRequest } from "../../transports/transport.ts";
import type { GatewayContext, GrantContext } from "../context.ts";
import { refuseStream } from "../listen.ts";
import { holderOf, identifyGrant } from "../steps/identify.ts";
import { turnAway } from "../steps/turn-away.ts";

/** A legacy client opens a stream at the address of all servers (HTTP GET); on it comes that tools changed. */
export function listenToEveryServer(gateway: GatewayContext, request: ListenRequest, exchange: Exchange): void {
  const nowMs = gateway.clock.wallMs();
  const snapshot = gateway.snapshot();
  const known = identifyGrant(snapshot, request, nowMs);
  if (known.kind === "unknown") return void turnAway(gateway, request, exchange, known, newTimedId("req", nowMs));
  const { sessionId } = request;
  const holder = holderOf(snapshot, known.grant, request);
  if (gateway.aggregate.find(holder, sessionId) === undefined) return refuseStream(sessionId, exchange);
  exchange.start();
  gateway.aggregate.listen({ ...holder, exchange, isTold: true, sessionId, subscriptionId: undefined });
}

/** A modern client opens a stream (MCP 2026-07-28, Subscriptions); of what it asks for, changes of tools are honoured. */
export function subscribe(context: GrantContext, request: ClientRequest): void {
  const { gateway, caller, inbound, exchange } = context;
  if (!exchange.canStream) {
    const message = "a stream needs `Accept: text/event-stream`";
    return exchange.reply(errorReply(request.id, jsonRpcCodes.invalidRequest, message), { status: 400 });
  }
  const wanted = request.params["notifications"];
  const isWanted = isObject(wanted) && wanted["toolsListChanged"] === true;
  const params = {
    _meta: { [metaKeys.subscriptionId]: request.id },
    notifications: isWanted ? { toolsListChanged: true } : {},
  };
  const text = JSON.stringify({ jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params });
  exchange.start();
  exchange.event({ text });
  const holder = holderOf(context.snapshot, caller.grant, inbound);
  const subscriptionId = request.id;
  gateway.aggregate.listen({ ...holder, exchange, isTold: isWanted, sessionId: undefined, subscriptionId });
}
