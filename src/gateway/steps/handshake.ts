import type { ClientRequest } from "../../protocol/classify.ts";
import { errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import { cutMembers } from "../../protocol/spans.ts";
import { upstreamFailureReply } from "../error-map.ts";
import type { MessageContext } from "../context.ts";
import type { Session } from "../sessions.ts";
import { readClientInfo } from "./describe-call.ts";
import { forward, statusOf } from "./forward.ts";
import { findSession } from "./find-session.ts";
import { recordRefusal } from "./turn-away.ts";

/** `initialize` opens a legacy session with a server connection of its own; `server/discover` asks the shared one. */
export async function handshake(context: MessageContext, request: ClientRequest): Promise<void> {
  const { caller, inbound, gateway, exchange } = context;
  const opensSession = inbound.transport === "http" && request.method === "initialize";
  if (opensSession && inbound.sessionId !== undefined) {
    const message = "send `initialize` without Mcp-Session-Id: it opens a new session";
    await recordRefusal(context, "message_rejected", "session_unexpected", message);
    exchange.reply(errorReply(request.id, jsonRpcCodes.invalidRequest, message), { status: 400 });
    return;
  }
  const session = opensSession ? gateway.sessions.open(caller, inbound) : await findSession(context, request);
  if (session === undefined) return opensSession ? refuseSession(context, request) : undefined;
  if (request.method === "initialize") session.client = readClientInfo(request.params?.["clientInfo"]);
  try {
    await answerHandshake(context, session, request, opensSession);
  } finally {
    session.upstream.ids.release(request.id, request);
  }
}

async function refuseSession(context: MessageContext, request: ClientRequest): Promise<void> {
  const failure = { code: "UPSTREAM_OVERLOADED", message: "too many sessions at once: try again later" } as const;
  await recordRefusal(context, "message_rejected", "too_many_sessions", failure.message);
  context.exchange.reply(upstreamFailureReply(request.id, failure, context.requestId), {
    status: 503,
    headers: { "retry-after": "5" },
  });
}

async function answerHandshake(
  context: MessageContext,
  session: Session,
  request: ClientRequest,
  opensSession: boolean,
): Promise<void> {
  const { gateway, exchange } = context;
  // The session's id is a header of the answer: a stream that began earlier would have left without it.
  const answerOnly = { ...exchange, event: () => {} };
  const answer = await forward(context, session, request, {
    timeoutMs: context.caller.server.startTimeoutMs,
    exchange: answerOnly,
  });
  if (answer.kind === "answered") {
    if (opensSession && answer.response.isError) await gateway.sessions.end(session);
    const version = answer.response.body["protocolVersion"];
    if (request.method === "initialize" && typeof version === "string") session.protocolVersion = version;
    const headers =
      opensSession && !answer.response.isError && session.id !== undefined ? { "mcp-session-id": session.id } : {};
    exchange.reply(shownCapabilities(context, request, answer.text), {
      status: statusOf(request, answer.response),
      headers,
    });
    return;
  }
  if (opensSession) void gateway.sessions.end(session);
  const failure =
    answer.kind === "failed" ? answer : ({ code: "UPSTREAM_EXITED", message: "the request was cancelled" } as const);
  if (answer.kind === "failed") await recordRefusal(context, "upstream_failed", answer.code, answer.message);
  exchange.reply(upstreamFailureReply(request.id, failure, context.requestId));
}

/**
 * Under `default: "deny"` the method behind the capability `logging` is refused, and clients that see the capability
 * call it at once and give up when it fails. So it is not shown. (Modern clients ask for logs with each request.)
 */
function shownCapabilities({ caller }: MessageContext, request: ClientRequest, answer: string): string {
  if (request.method !== "initialize" || caller.policy?.document.default === "allow") return answer;
  return cutMembers(answer, ["result", "capabilities"], (name) => name !== "logging");
}
