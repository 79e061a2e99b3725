import { type Decision, decide } from "../../policy/index.ts";
import { quoteTool } from "../../policy/messages.ts";
import type { ClientRequest, ToolCall } from "../../protocol/classify.ts";
import { checkParamHeaders } from "../../protocol/param-headers.ts";
import { denialReply, unknownToolReply } from "../../protocol/replies.ts";
import type { MessageContext } from "../context.ts";
import { decisionMeta } from "../decision-meta.ts";
import type { Session } from "../sessions.ts";
import { madeTask } from "../tasks.ts";
import type { UpstreamAnswer } from "../upstream-request.ts";
import { requiredMeta } from "../own-requests.ts";
import { describeCall } from "./describe-call.ts";
import { forward, replyAsIs, replyFailure } from "./forward.ts";
import { journal } from "./journal.ts";
import { settle } from "./settle.ts";
import { recordRefusal, reject } from "./turn-away.ts";

/** What is called, and under which name the client knows it where that is not the server's own. */
export interface KnownCall extends ToolCall {
  readonly shownName?: string;
}

/** The way of one tool call: describe, decide, journal, forward, settle. */
export async function callTool(
  context: MessageContext,
  session: Session,
  request: ClientRequest,
  toolCall: KnownCall,
): Promise<void> {
  const { gateway, caller, inbound, exchange, requestId } = context;
  const list = await session.tools(requiredMeta(request.params)).current();
  if (list.kind === "failed") {
    await recordRefusal(context, "upstream_failed", list.code, list.message);
    return replyFailure(exchange, request, list, requestId);
  }
  const tool = list.tools.get(toolCall.name);
  const call = describeCall(context, session, request, toolCall, tool);
  const judged = decide(caller.policy, call, { nowMs: gateway.clock.wallMs() });
  const { headers } = inbound;
  // A hidden tool has no headers to contradict: it answers like one that does not exist.
  if (headers !== undefined && tool !== undefined && judged.code !== "hidden") {
    const mismatch = checkParamHeaders(request, tool.definition["inputSchema"] ?? null, headers);
    if (mismatch !== undefined) return reject(context, mismatch.rejection);
  }
  const decision = await journal(gateway, call, judged, {
    requestId,
    method: request.method,
    transport: inbound.transport,
    era: request.era,
    requestBytes: inbound.bytes.length,
    receivedAtMs: inbound.receivedAtMs,
  });
  if (decision.outcome !== "allow") return exchange.reply(refusal(request, toolCall, decision, requestId));
  const sentAtMs = gateway.clock.monotonicMs();
  const schema = tool?.definition["inputSchema"] ?? null;
  const answer = await forward(context, session, request, { schema });
  const end = (): Promise<void> => settle(gateway, requestId, answer, gateway.clock.monotonicMs() - sentAtMs);
  const isRunning = rememberTask(session, answer, isInFlight(decision) ? end : undefined);
  // Queued before the answer leaves: the client's next call finds this one's lease and refund settled.
  const settled = isRunning ? undefined : end();
  replyAsIs(context, request, answer);
  await settled;
}

/** Whether the call holds a lease of a limit on calls in flight. */
function isInFlight({ wants }: Decision): boolean {
  return wants?.charges.some(({ window }) => window.kind === "concurrent") === true;
}

/**
 * Remembers the task that an answer speaks of: it belongs to the grant whose call made it. True when `end` is called
 * with the task's end: a call that runs on as a task is still in flight.
 */
function rememberTask(session: Session, answer: UpstreamAnswer, end: (() => Promise<void>) | undefined): boolean {
  const task = answer.kind === "answered" && !answer.response.isError ? madeTask(answer.response.body) : undefined;
  if (task === undefined) return false;
  const timeoutMs = Math.max(task.ttlMs ?? 0, session.upstream.server.callTimeoutMs);
  session.tasks.add(task.id, () => void end?.(), timeoutMs);
  session.tasks.note(task.id, task.status);
  return end !== undefined;
}

/** What the agent gets for a call that does not run (policy.md §4). */
function refusal(
  request: ClientRequest,
  { name, shownName = name }: KnownCall,
  decision: Decision,
  requestId: string,
): string {
  if (decision.code === "hidden" || decision.code === "unknown_tool") {
    return unknownToolReply(request.id, shownName);
  }
  const meta = decisionMeta(decision, requestId);
  const message = decision.message.replaceAll(quoteTool(name), () => quoteTool(shownName));
  return denialReply(request.id, { message, meta }, request.era);
}
