import type { Era } from "../../protocol/eras/era.ts";
import { legacyVersions } from "../../protocol/eras/legacy.ts";
import { agreedVersion, announcesToolChanges } from "../../protocol/eras/translate.ts";
import type { Upstream } from "../../transports/transport.ts";
import type { MessageContext } from "../context.ts";
import { eraOfAnswer, headersForOwn, ownInfo, ownMeta } from "../own-requests.ts";
import type { Session } from "../sessions.ts";
import type { ToolListFailure } from "../tool-index.ts";

/** A connection that is ready for requests, or why there is none. */
export type Connected = { readonly kind: "connected"; readonly session: Session } | ToolListFailure;

type Agreement = { readonly kind: "agreed" } | { readonly kind: "other_era" } | ToolListFailure;

/** What became of the first question on a connection; asked once, whoever waits. */
const agreements = new WeakMap<Session, Promise<Agreement>>();

/** The era of servers that turned out to speak only one. */
const onlyEra = new WeakMap<Upstream, Era>();

/**
 * The gateway's own connection to the server of this call, shared by the clients of a grant: in the client's era where
 * the server speaks it, so that what is forwarded is what was judged, else in the other.
 */
export async function connectBehind(context: MessageContext, era: Era): Promise<Connected> {
  const { upstream } = context.caller.server;
  const first = onlyEra.get(upstream) ?? era;
  const connected = await connectIn(context, first);
  if (connected.kind !== "other_era") return connected;
  const second = first === "legacy" ? "modern" : "legacy";
  const other = await connectIn(context, second);
  if (other.kind === "connected") onlyEra.set(upstream, second);
  if (other.kind !== "other_era") return other;
  return failed("UPSTREAM_GARBAGE", "the server answers neither `initialize` nor `server/discover`");
}

async function connectIn(
  { gateway, caller, inbound }: MessageContext,
  era: Era,
): Promise<Connected | { readonly kind: "other_era" }> {
  const key = { transport: "http", tokenSha256: inbound.tokenSha256, server: caller.server.name } as const;
  const session = gateway.sessions.behind(caller, key, era);
  const agreement = agreements.get(session) ?? (era === "legacy" ? shakeHands(session) : discover(session));
  agreements.set(session, agreement);
  const outcome = await agreement;
  if (outcome.kind === "agreed") return { kind: "connected", session };
  void gateway.sessions.end(session);
  return outcome;
}

/** MCP 2025-11-25, Lifecycle §Initialization, with no capability: nobody stands behind it who could be asked. */
async function shakeHands(session: Session): Promise<Agreement> {
  const { upstream } = session;
  const hello = { protocolVersion: legacyVersions.at(-1) ?? "", capabilities: {}, clientInfo: ownInfo };
  const answer = await upstream.ask("initialize", hello, upstream.server.startTimeoutMs, {});
  if (answer.kind === "failed") return failed(answer.code, answer.message);
  if (answer.kind === "cancelled" || answer.response.isError) return { kind: "other_era" };
  const { body } = answer.response;
  const version = agreedVersion(body);
  if (version === undefined)
    return failed("UPSTREAM_GARBAGE", "the server's handshake names no revision that is known");
  session.protocolVersion = version;
  const headers = headersForOwn("notifications/initialized", undefined, session.protocolVersion);
  const text = JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" });
  await upstream.pass({ text, kind: "notification", era: "legacy", headers });
  if (announcesToolChanges(body)) upstream.keepListening(headers);
  return { kind: "agreed" };
}

/** MCP 2026-07-28, Discovery; and where the server has news of its tools, a stream for them. */
async function discover(session: Session): Promise<Agreement> {
  const { upstream } = session;
  const method = "server/discover";
  const headers = headersForOwn(method, ownMeta, undefined);
  const answer = await upstream.ask(method, { _meta: ownMeta }, upstream.server.startTimeoutMs, headers);
  const era = eraOfAnswer(answer);
  // Servers of the legacy era refuse a question before the handshake, ignore it, or end.
  if (era === "legacy" || (era !== "modern" && era.code === "UPSTREAM_EXITED")) return { kind: "other_era" };
  if (era !== "modern") return failed(era.code, era.message);
  if (answer.kind === "answered" && announcesToolChanges(answer.response.body)) {
    const listen = "subscriptions/listen";
    const params = { _meta: ownMeta, notifications: { toolsListChanged: true } };
    void upstream.ask(listen, params, undefined, headersForOwn(listen, ownMeta, undefined));
  }
  return { kind: "agreed" };
}

function failed(code: ToolListFailure["code"], message: string): ToolListFailure {
  return { kind: "failed", code, message };
}
