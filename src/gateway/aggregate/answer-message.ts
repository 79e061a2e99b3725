import type { ClientMessage, ClientNotification, ClientRequest } from "../../protocol/classify.ts";
import { entryLists } from "../../protocol/entry-list.ts";
import { isLegacyVersion, legacyVersions } from "../../protocol/eras/legacy.ts";
import { metaKeys, modernVersions } from "../../protocol/eras/modern.ts";
import { clientTreatment } from "../../protocol/methods.ts";
import { emptyListReply, errorReply, jsonRpcCodes, resultReply } from "../../protocol/replies.ts";
import { everyServer, type Inbound } from "../../transports/transport.ts";
import type { GrantContext } from "../context.ts";
import { ownInfo } from "../own-requests.ts";
import { readClientInfo } from "../steps/describe-call.ts";
import { refuseIdInUse, refuseWithoutSession } from "../steps/find-session.ts";
import { holderOf } from "../steps/identify.ts";
import { refuseMethod } from "../steps/pass-request.ts";
import { recordRefusal } from "../steps/turn-away.ts";
import { keyOf } from "../wire-ids.ts";
import { callExposedTool } from "./call-tool.ts";
import { subscribe } from "./listen.ts";
import { listTools } from "./list-tools.ts";
import type { AggregateSession } from "./room.ts";

/** Whether a message came to the one address of all servers. */
export function isForEveryServer({ transport, server }: Pick<Inbound, "transport" | "server">): boolean {
  return transport === "http" && server === everyServer;
}

/** What this address can do: tools, and nothing of what belongs to one server alone. */
const capabilities = { tools: { listChanged: true } };

/** The way of a message at the address of all servers: here the gateway itself is the server. */
export async function answerForEveryServer(context: GrantContext, message: ClientMessage): Promise<void> {
  if (message.kind === "notification") return takeNotification(context, message);
  if (message.kind === "request") return answerRequest(context, message);
  await recordRefusal(context, "message_rejected", "response_unasked", "nobody waits for this answer");
  context.exchange.accept();
}

async function takeNotification(context: GrantContext, { method, params }: ClientNotification): Promise<void> {
  const { gateway, caller, inbound, exchange } = context;
  if (method === "notifications/cancelled") {
    const id = params["requestId"];
    const session = gateway.aggregate.find(holderOf(context.snapshot, caller.grant, inbound), inbound.sessionId);
    if (typeof id === "string" || typeof id === "number") session?.running.get(keyOf(id))?.abort();
  } else if (method !== "notifications/initialized") {
    await recordRefusal(context, "method_refused", "notification_not_served", "the notification is not passed on");
  }
  exchange.accept();
}

async function answerRequest(context: GrantContext, request: ClientRequest): Promise<void> {
  const { gateway, caller, inbound, exchange } = context;
  const treatment = clientTreatment(request.method, request.era);
  if (treatment === "refuse") return refuseMethod(context, request);
  if (treatment === "answer") return exchange.reply(resultReply(request.id, {}));
  if (request.method === "initialize") return openSession(context, request);
  if (request.era === "modern") return serve(context, undefined, request);
  const session = gateway.aggregate.find(holderOf(context.snapshot, caller.grant, inbound), inbound.sessionId);
  if (session === undefined) return refuseWithoutSession(context, request);
  if (!session.ids.claim(request.id, request)) return refuseIdInUse(context, request);
  session.running.set(keyOf(request.id), new AbortController());
  try {
    await serve(context, session, request);
  } finally {
    session.running.delete(keyOf(request.id));
    session.ids.release(request.id, request);
  }
}

/** MCP 2025-11-25, Lifecycle §Version Negotiation. */
function openSession(context: GrantContext, request: ClientRequest): Promise<void> | void {
  const { gateway, caller, inbound, exchange } = context;
  if (inbound.sessionId !== undefined) return refuseSession(context, request);
  const asked = request.params["protocolVersion"];
  const protocolVersion = typeof asked === "string" && isLegacyVersion(asked) ? asked : legacyVersions.at(-1);
  const owner = holderOf(context.snapshot, caller.grant, inbound);
  const session = gateway.aggregate.open(owner, readClientInfo(request.params["clientInfo"]));
  const result = { protocolVersion: protocolVersion ?? "", capabilities, serverInfo: ownInfo };
  exchange.reply(resultReply(request.id, result), { headers: { "mcp-session-id": session.id } });
}

async function refuseSession(context: GrantContext, request: ClientRequest): Promise<void> {
  const message = "send `initialize` without Mcp-Session-Id: it opens a new session";
  await recordRefusal(context, "message_rejected", "session_unexpected", message);
  context.exchange.reply(errorReply(request.id, jsonRpcCodes.invalidRequest, message), { status: 400 });
}

function serve(
  context: GrantContext,
  session: AggregateSession | undefined,
  request: ClientRequest,
): Promise<void> | void {
  switch (request.method) {
    case "server/discover":
      return context.exchange.reply(resultReply(request.id, discovered));
    case "tools/list":
      return listTools(context, request);
    case "tools/call":
      return request.call === undefined
        ? refuseMethod(context, request)
        : callExposedTool(context, session, request, request.call);
    case "subscriptions/listen":
      return subscribe(context, request);
    case "resources/list":
    case "resources/templates/list":
    case "prompts/list":
      return context.exchange.reply(emptyListReply(request.id, entryLists[request.method]?.list ?? "", request.era));
    default:
      return refuseMethod(context, request);
  }
}

const discovered = {
  resultType: "complete",
  supportedVersions: modernVersions,
  capabilities,
  ttlMs: 0,
  cacheScope: "private",
  _meta: { [metaKeys.serverInfo]: ownInfo },
};
