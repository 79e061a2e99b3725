import type { ClientRequest, ToolCall } from "../../protocol/classify.ts";
import { looseName, splitExposedName } from "../../protocol/exposed-name.ts";
import { unknownToolReply } from "../../protocol/replies.ts";
import { memberSpan, replaceSpan } from "../../protocol/spans.ts";
import { isToolName } from "../../protocol/tool-name.ts";
import type { GrantContext, MessageContext, RefusalContext } from "../context.ts";
import { upstreamFailureReply } from "../error-map.ts";
import { requiredMeta } from "../own-requests.ts";
import { withoutSessionEnd } from "../steps/forward.ts";
import { callTool } from "../steps/call-tool.ts";
import { type Caller, callerAt } from "../steps/identify.ts";
import { isToolShown } from "../steps/list-entries.ts";
import { recordRefusal } from "../steps/turn-away.ts";
import type { ToolList, ToolListFailure } from "../tool-index.ts";
import { keyOf } from "../wire-ids.ts";
import { connectBehind } from "./connect.ts";
import type { AggregateSession } from "./room.ts";

/** A call of `<server>__<tool>`: the way of every call of that server's tool, its name being the only thing replaced. */
export async function callExposedTool(
  context: GrantContext,
  session: AggregateSession | undefined,
  request: ClientRequest,
  toolCall: ToolCall,
): Promise<void> {
  const { snapshot, caller } = context;
  const split = splitExposedName(toolCall.name);
  const known = split === undefined ? undefined : callerAt(snapshot, caller.grant, split.server);
  if (split === undefined || known === undefined || !isToolName(split.tool)) {
    return refuseName(context, request, toolCall, "server_unknown", "the name is not that of a server of this grant");
  }
  const cancelled = session?.running.get(keyOf(request.id))?.signal;
  const own: MessageContext = { ...context, caller: known, ...(cancelled === undefined ? {} : { cancelled }) };
  const connected = await connectBehind(own, request.era);
  if (connected.kind === "failed") return refuseWithFailure(own, request, connected);
  const { session: behind } = connected;
  const list = await behind.tools(requiredMeta(request.params)).current();
  if (list.kind === "failed") return refuseWithFailure(own, request, list);
  if (hasTwin(list, known, split.tool)) {
    return refuseName(own, request, toolCall, "name_collision", "two tools of the server have names that are alike");
  }
  // What the policy and the rows call a session is the client's, not the connection that the grant's clients share.
  const shown = { ...behind, id: session?.id, client: session?.client ?? behind.client };
  const call = { name: split.tool, args: toolCall.args };
  await callTool(own, shown, renamed(request, call), { ...call, shownName: toolCall.name });
}

/** The request under the server's own name for the tool. */
function renamed(request: ClientRequest, call: ToolCall): ClientRequest {
  const span = memberSpan(request.text, ["params", "name"]);
  const text = span === undefined ? request.text : replaceSpan(request.text, span, JSON.stringify(call.name));
  return { ...request, text, call, params: { ...request.params, name: call.name } };
}

/** Whether the tool is one of two that the list leaves out because clients could take one for the other. */
function hasTwin(list: ToolList, caller: Caller, name: string): boolean {
  const tool = list.tools.get(name);
  if (tool === undefined || !isToolShown(caller, tool)) return false;
  const loose = looseName(name);
  for (const other of list.tools.values()) {
    if (other.name !== name && looseName(other.name) === loose && isToolShown(caller, other)) return true;
  }
  return false;
}

async function refuseWithFailure(
  context: MessageContext,
  request: ClientRequest,
  cause: ToolListFailure,
): Promise<void> {
  const failure = withoutSessionEnd(cause);
  await recordRefusal(context, "upstream_failed", failure.code, failure.message);
  context.exchange.reply(upstreamFailureReply(request.id, failure, context.requestId));
}

/** Answers like a tool that does not exist, and leaves a row. */
async function refuseName(
  context: RefusalContext,
  request: ClientRequest,
  toolCall: ToolCall,
  reason: string,
  message: string,
): Promise<void> {
  await recordRefusal(context, "message_rejected", reason, message);
  context.exchange.reply(unknownToolReply(request.id, toolCall.name));
}
