import { door } from "../../policy/index.ts";
import type { ClientRequest } from "../../protocol/classify.ts";
import { doorDenialReply, errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import { isList, isObject } from "../../values/json.ts";
import type { MessageContext, RefusalContext } from "../context.ts";
import { decisionMeta } from "../decision-meta.ts";
import type { Session } from "../sessions.ts";
import { forward, replyAsIs } from "./forward.ts";
import { guardResult } from "./guard-result.ts";
import { recordRefusal } from "./turn-away.ts";

/** Passes a request on that no rule speaks of. Under `default: "deny"` there is none such: it is refused. */
export async function passRequest(context: MessageContext, session: Session, request: ClientRequest): Promise<void> {
  if (context.caller.policy?.document.default !== "allow") return refuseMethod(context, request);
  replyAsIs(context, request, await forward(session, request, context.exchange));
}

/** Passes a request about a task on, if this grant's own calls made the task. */
export async function passTask(context: MessageContext, session: Session, request: ClientRequest): Promise<void> {
  const { taskId } = { taskId: undefined, ...request.params };
  if (typeof taskId !== "string" || !session.tasks.has(taskId)) {
    await recordRefusal(context, "message_rejected", "task_unknown", "the task is none of this grant's");
    return context.exchange.reply(errorReply(request.id, jsonRpcCodes.invalidParams, "Unknown task"));
  }
  const answer = await forward(session, request, context.exchange);
  replyAsIs(context, request, guardResult(context, context.caller.policy, request, answer));
}

/** Opens a stream of changes (MCP 2026-07-28, Subscriptions); each resource it names must be one the grant may read. */
export async function listenForChanges(
  context: MessageContext,
  session: Session,
  request: ClientRequest,
): Promise<void> {
  const { exchange, caller, requestId } = context;
  const wanted = request.params["notifications"];
  const uris = isObject(wanted) ? wanted["resourceSubscriptions"] : undefined;
  for (const uri of isList(uris) ? uris : []) {
    const decision = door(caller.policy, "resources", typeof uri === "string" ? uri : "");
    if (decision.outcome === "allow") continue;
    await recordRefusal(context, "method_refused", "door_denied", decision.message);
    const meta = decisionMeta(decision, requestId);
    return exchange.reply(doorDenialReply(request.id, { message: decision.message, meta }));
  }
  exchange.start();
  replyAsIs(context, request, await forward(session, request, exchange, { timeoutMs: "never" }));
}

/** Answers a method that the gateway does not serve: -32601, and HTTP 404 in the modern era. */
export async function refuseMethod(context: RefusalContext, request: ClientRequest): Promise<void> {
  await recordRefusal(context, "method_refused", "method_not_served", "the method is not served");
  const reply = errorReply(request.id, jsonRpcCodes.methodNotFound, "this method is not served by the gateway");
  context.exchange.reply(reply, { status: request.era === "modern" ? 404 : 200 });
}
