import { type Call, type Decision, door, doorWants } from "../../policy/index.ts";
import type { ClientRequest } from "../../protocol/classify.ts";
import { doorDenialReply, errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import { setMember } from "../../protocol/spans.ts";
import type { MessageContext } from "../context.ts";
import { decisionMeta } from "../decision-meta.ts";
import type { Session } from "../sessions.ts";
import { describeKnock } from "./describe-call.ts";
import type { UpstreamAnswer } from "../upstream-request.ts";
import { type Door, doorOf } from "./door-of.ts";
import { forward, replyAsIs } from "./forward.ts";
import { journal } from "./journal.ts";
import { settle } from "./settle.ts";
import { recordRefusal } from "./turn-away.ts";

/** The way of a request for a resource or a prompt: judged by its section of the policy, recorded, forwarded. */
export async function passDoor(context: MessageContext, session: Session, request: ClientRequest): Promise<void> {
  const { gateway, inbound, exchange, requestId } = context;
  const way = doorOf(request.method, request.params);
  if (way === undefined) {
    const message = "the request does not name what it asks for";
    await recordRefusal(context, "message_rejected", "params_invalid", message);
    return exchange.reply(errorReply(request.id, jsonRpcCodes.invalidParams, message), { status: 400 });
  }
  const call = describeKnock(context, session, request, way.name);
  const decision = await journal(gateway, call, judge(context, request, way, call), {
    requestId,
    method: request.method,
    transport: inbound.transport,
    era: request.era,
    requestBytes: inbound.bytes.length,
    receivedAtMs: inbound.receivedAtMs,
  });
  if (decision.outcome !== "allow") {
    const meta = decisionMeta(decision, requestId);
    return exchange.reply(doorDenialReply(request.id, { message: decision.message, meta }));
  }
  const sentAtMs = gateway.clock.monotonicMs();
  const answer = await forward(context, session, request);
  const settled =
    decision.wants === undefined
      ? undefined
      : settle(gateway, requestId, answer, gateway.clock.monotonicMs() - sentAtMs);
  replyAsIs(context, request, privately(request, answer));
  await settled;
}

/**
 * What one grant may read another may not: no cache on the way may keep it for both (MCP 2026-07-28, Caching). The
 * legacy era has no such member.
 */
function privately(request: ClientRequest, answer: UpstreamAnswer): UpstreamAnswer {
  if (answer.kind !== "answered" || answer.response.isError || !("cacheScope" in answer.response.body)) return answer;
  return request.era === "legacy"
    ? answer
    : { ...answer, text: setMember(answer.text, ["result"], "cacheScope", '"private"') };
}

function judge(context: MessageContext, request: ClientRequest, way: Door, call: Call): Decision {
  const { policy } = context.caller;
  const decision = door(policy, way.kind, way.name);
  if (decision.outcome !== "allow" || policy === undefined) return decision;
  // Reading other people's text leaves a mark for flows; asking for news of it, or completing a name, does not.
  if (request.method === "resources/read") return { ...decision, wants: doorWants(policy, "resources", call) };
  return request.method === "prompts/get" ? { ...decision, wants: doorWants(policy, "prompts", call) } : decision;
}
