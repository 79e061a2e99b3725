import type { ClientRequest, ServerResponse } from "../../protocol/classify.ts";
import { errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import { cutMembers, setMember } from "../../protocol/spans.ts";
import { upstreamFailureReply } from "../error-map.ts";
import type { MessageContext } from "../context.ts";
import type { Session } from "../sessions.ts";
import { readClientInfo } from "./describe-call.ts";
import { findSession } from "./find-session.ts";
import { recordRefusal } from "./turn-away.ts";

const servedCapabilities: ReadonlySet<string> = new Set(["tools"]);

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
  const session = opensSession ? gateway.sessions.open(caller) : await findSession(context, request);
  if (session === undefined) return;
  if (request.method === "initialize") session.client = readClientInfo(request.params?.["clientInfo"]);
  try {
    await answerHandshake(context, session, request, opensSession);
  } finally {
    session.upstream.release(request.id, request);
  }
}

async function answerHandshake(
  context: MessageContext,
  session: Session,
  request: ClientRequest,
  opensSession: boolean,
): Promise<void> {
  const { gateway, exchange } = context;
  const answer = await session.upstream.request({
    text: request.text,
    id: request.id,
    params: request.params,
    timeoutMs: context.caller.server.startTimeoutMs,
    notify: exchange.notify,
    cancel: exchange.gone,
  });
  if (answer.kind === "answered") {
    if (opensSession && answer.response.isError) await gateway.sessions.end(session);
    const headers =
      opensSession && !answer.response.isError && session.id !== undefined ? { "mcp-session-id": session.id } : {};
    exchange.reply(withServedCapabilities(answer.text, request), {
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

/** The handshake's answer without the capabilities whose methods the gateway does not serve yet. */
function withServedCapabilities(text: string, request: ClientRequest): string {
  const cut = cutMembers(text, ["result", "capabilities"], (name) => servedCapabilities.has(name));
  if (cut === text || request.era === "legacy") return cut;
  return setMember(cut, ["result"], "cacheScope", '"private"');
}

/** MCP 2026-07-28, Transports: an unknown method is HTTP 404, an unsupported version 400. Legacy errors stay 200. */
export function statusOf(request: ClientRequest, response: ServerResponse): number {
  const { errorCode } = response;
  if (request.era === "legacy" || errorCode === undefined) return 200;
  if (errorCode === jsonRpcCodes.methodNotFound) return 404;
  return errorCode <= -32020 && errorCode >= -32099 ? 400 : 200;
}
