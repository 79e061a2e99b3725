import type { ClientNotification, ClientRequest, ClientResponse, ServerResponse } from "../../protocol/classify.ts";
import { outgoingHeaders } from "../../protocol/outgoing-headers.ts";
import { jsonRpcCodes } from "../../protocol/replies.ts";
import type { Exchange, Inbound, UpstreamFailure } from "../../transports/transport.ts";
import type { JsonValue } from "../../values/json.ts";
import type { Era } from "../../protocol/eras/era.ts";
import { answerInEra, requestInEra } from "../../protocol/eras/translate.ts";
import type { MessageContext } from "../context.ts";
import { upstreamFailureReply } from "../error-map.ts";
import { ownMeta } from "../own-requests.ts";
import type { Session } from "../sessions.ts";
import type { UpstreamAnswer } from "../upstream-request.ts";
import { guardResult } from "./guard-result.ts";

/** How a request is forwarded beside its bytes. */
export interface ForwardOptions {
  /** The input schema of the tool that is called, for the headers that mirror its arguments. */
  readonly schema?: JsonValue;
  /** Default: the server's `callTimeoutMs`; `"never"` for a stream that lasts until somebody ends it. */
  readonly timeoutMs?: number | "never";
  /** Takes what comes ahead of the answer; default: the message's own way back. */
  readonly exchange?: Exchange;
}

/**
 * Sends the judged bytes and waits for the answer, which is withheld when it asks for what the policy forbids. A client
 * that goes away cancels its request in the modern era; in the legacy era it may come back, so the request runs on (MCP
 * 2025-11-25, Transports §Streamable HTTP).
 */
export async function forward(
  context: MessageContext,
  session: Session,
  request: ClientRequest,
  options: ForwardOptions = {},
): Promise<UpstreamAnswer> {
  const { schema, exchange = context.exchange } = options;
  const received = context.inbound.headers?.params;
  const timeoutMs = options.timeoutMs ?? session.upstream.server.callTimeoutMs;
  const wire = session.dialect === undefined ? request : requestInEra(request, session.dialect, ownMeta);
  const answer = await session.upstream.request({
    text: wire.text,
    era: wire.era,
    id: wire.id,
    params: wire.params,
    headers: withVia(
      context.inbound,
      outgoingHeaders({
        message: wire,
        protocolVersion: session.protocolVersion,
        ...(schema === undefined ? {} : { schema }),
        ...(received === undefined ? {} : { received }),
      }),
    ),
    timeoutMs: timeoutMs === "never" ? undefined : timeoutMs,
    exchange,
    cancel: context.cancelled ?? (request.era === "modern" ? exchange.gone : undefined),
  });
  return guardResult(context, request, session.dialect === undefined ? answer : fromBehind(request, wire.era, answer));
}

/** A failure on a connection of the gateway's own: the session that ended is the gateway's, the client's goes on. */
export function withoutSessionEnd<Failure extends UpstreamFailure>(failure: Failure): Failure {
  if (failure.code !== "UPSTREAM_SESSION_ENDED") return failure;
  return { ...failure, code: "UPSTREAM_EXITED", message: "the server ended its session: call again" };
}

/** An answer on a connection of the gateway's own, for the client whose request it was. */
function fromBehind(request: ClientRequest, era: Era, answer: UpstreamAnswer): UpstreamAnswer {
  if (answer.kind === "failed") return withoutSessionEnd(answer);
  if (answer.kind !== "answered" || era === request.era) return answer;
  const translated = answerInEra(answer.response, answer.text, request.era);
  if (!translated.ok) {
    const { message } = translated;
    return { kind: "failed", code: "UPSTREAM_GARBAGE", message, isNotSent: false, via: answer.via };
  }
  const { text, errorCode } = translated;
  return { ...answer, text, response: { ...answer.response, errorCode } };
}

/** Says which gateways the message came through: one that gets it again finds out that its servers lead back to it. */
function withVia({ via }: Inbound, headers: Record<string, string>): Record<string, string> {
  return via === undefined ? headers : { ...headers, via };
}

/** Sends a client's notification, or its answer to a request of the server's. */
export function forwardOneWay(
  { inbound }: MessageContext,
  session: Session,
  message: ClientNotification | ClientResponse,
): Promise<void> {
  const { protocolVersion } = session;
  if (message.kind === "response") {
    const headers = withVia(inbound, protocolVersion === undefined ? {} : { "mcp-protocol-version": protocolVersion });
    return session.upstream.pass({ text: message.text, kind: "response", era: "legacy", headers });
  }
  const headers = withVia(inbound, outgoingHeaders({ message, protocolVersion }));
  return session.upstream.pass({ text: message.text, kind: "notification", era: message.era, headers });
}

/** Gives the client the server's answer as it is, or says why there is none. */
export function replyAsIs(context: MessageContext, request: ClientRequest, answer: UpstreamAnswer): void {
  const { exchange, requestId } = context;
  switch (answer.kind) {
    case "cancelled":
      return exchange.accept();
    case "failed":
      return replyFailure(answer.via ?? exchange, request, answer, requestId);
    case "answered":
      return answer.via.reply(answer.text, { status: statusOf(request, answer.response) });
  }
}

/** Says why there is no answer; a session that the server ended is HTTP 404, so that the client begins a new one. */
export function replyFailure(
  exchange: Exchange,
  request: ClientRequest,
  failure: UpstreamFailure,
  requestId: string,
): void {
  const status = failure.code === "UPSTREAM_SESSION_ENDED" ? 404 : 200;
  exchange.reply(upstreamFailureReply(request.id, failure, requestId), { status });
}

/** MCP 2026-07-28, Transports: an unknown method is HTTP 404, an unsupported version 400. Legacy errors stay 200. */
export function statusOf(request: ClientRequest, response: ServerResponse): number {
  const { errorCode } = response;
  if (request.era === "legacy" || errorCode === undefined) return 200;
  if (errorCode === jsonRpcCodes.methodNotFound) return 404;
  return errorCode <= -32020 && errorCode >= -32099 ? 400 : 200;
}
