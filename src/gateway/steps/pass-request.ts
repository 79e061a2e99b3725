import { door } from "../../policy/index.ts";
import type { ClientRequest } from "../../protocol/classify.ts";
import { doorDenialReply, errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import { isList, isObject, type JsonValue } from "../../values/json.ts";
import type { MessageContext, RefusalContext } from "../context.ts";
import { decisionMeta } from "../decision-meta.ts";
import type { Session } from "../sessions.ts";
import { subscriptionEnd } from "../subscription-end.ts";
import { forward, replyAsIs } from "./forward.ts";
import { recordRefusal } from "./turn-away.ts";

/** Passes a request on that no rule speaks of. Under `default: "deny"` there is none such: it is refused. */
export async function passRequest(context: MessageContext, session: Session, request: ClientRequest): Promise<void> {
  if (context.caller.policy?.document.default !== "allow") return refuseMethod(context, request);
  replyAsIs(context, request, await forward(context, session, request));
}

/** Passes a request about a task on, if this grant's own calls made the task. */
export async function passTask(context: MessageContext, session: Session, request: ClientRequest): Promise<void> {
  const { taskId } = request.params;
  if (!isOwnTask(session, taskId)) return refuseTask(context, request);
  const answer = await forward(context, session, request);
  if (answer.kind === "answered" && !answer.response.isError) {
    // The result of a task is there when it has ended.
    const status = request.method === "tasks/result" ? "completed" : answer.response.body["status"];
    session.tasks.note(taskId, status);
  }
  replyAsIs(context, request, answer);
}

function isOwnTask(session: Session, id: JsonValue | undefined): boolean {
  return typeof id === "string" && session.tasks.has(id);
}

async function refuseTask(context: MessageContext, request: ClientRequest): Promise<void> {
  await recordRefusal(context, "message_rejected", "task_unknown", "the task is none of this grant's");
  context.exchange.reply(errorReply(request.id, jsonRpcCodes.invalidParams, "Unknown task"));
}

/**
 * Opens a stream of changes (MCP 2026-07-28, Subscriptions): each resource it names must be one the grant may read, each
 * task one that its calls made.
 */
export async function listenForChanges(
  context: MessageContext,
  session: Session,
  request: ClientRequest,
): Promise<void> {
  const { exchange, caller, requestId } = context;
  const { notifications } = request.params;
  const wanted = isObject(notifications) ? notifications : {};
  if (!membersOf(wanted["taskIds"]).every((id) => isOwnTask(session, id))) return refuseTask(context, request);
  for (const uri of membersOf(wanted["resourceSubscriptions"])) {
    const decision = door(caller.policy, "resources", typeof uri === "string" ? uri : "");
    if (decision.outcome === "allow") continue;
    await recordRefusal(context, "method_refused", "door_denied", decision.message);
    const meta = decisionMeta(decision, requestId);
    return exchange.reply(doorDenialReply(request.id, { message: decision.message, meta }));
  }
  exchange.start();
  const stop = new AbortController();
  session.subscriptions.add(stop);
  const cancelled = AbortSignal.any([exchange.gone, stop.signal]);
  const answer = await forward({ ...context, cancelled }, session, request, { timeoutMs: "never" });
  session.subscriptions.delete(stop);
  if (answer.kind === "cancelled" && stop.signal.aborted) exchange.reply(subscriptionEnd(request.id));
  else replyAsIs(context, request, answer);
}

/** What a list names; anything but a list counts as one thing named. */
function membersOf(list: JsonValue | undefined): readonly JsonValue[] {
  if (list === undefined) return [];
  return isList(list) ? list : [list];
}

/** Answers a method that the gateway does not serve: -32601, and HTTP 404 in the modern era. */
export async function refuseMethod(context: RefusalContext, request: ClientRequest): Promise<void> {
  await recordRefusal(context, "method_refused", "method_not_served", "the method is not served");
  const reply = errorReply(request.id, jsonRpcCodes.methodNotFound, "this method is not served by the gateway");
  context.exchange.reply(reply, { status: request.era === "modern" ? 404 : 200 });
}
