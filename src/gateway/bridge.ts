import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { type ClientMessage, classifyClientMessage, type ClientRequest } from "../protocol/classify.ts";
import { outgoingHeaders } from "../protocol/outgoing-headers.ts";
import { errorReply } from "../protocol/replies.ts";
import type { Exchange, Inbound, MessageHandler } from "../transports/transport.ts";
import { upstreamFailureReply } from "./error-map.ts";
import type { ServerRecord } from "./snapshot.ts";
import type { Unasked } from "./upstream-request.ts";
import { UpstreamSession } from "./upstream-session.ts";

/** What a bridge is made of. */
export interface BridgeParts {
  /** The gateway it leads to. */
  readonly server: ServerRecord;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A way for one local client to a gateway elsewhere, which judges, counts and records. */
export interface Bridge {
  readonly handler: MessageHandler;
  close(): Promise<void>;
}

/**
 * Leads a client on standard streams to a gateway over HTTP (`callgate run --gateway`): every message that is one
 * goes on, whatever it asks; nothing is decided here.
 */
export function createBridge({ server, clock, logger }: BridgeParts): Bridge {
  const listeners = new Set<Exchange>();
  let protocolVersion: string | undefined;
  const tell = ({ message, exchange }: Unasked<{ readonly text: string }>): void => {
    (exchange ?? [...listeners].at(-1))?.event({ text: message.text });
  };
  const upstream = new UpstreamSession({
    server,
    use: "exclusive",
    isResumed: true,
    isGateway: true,
    clock,
    logger,
    onNotification: tell,
    onRequest: tell,
    onEnd: (end) => logger.warn({ code: end.code }, end.message),
  });

  const ask = async (request: ClientRequest, exchange: Exchange): Promise<void> => {
    const { text, era, id, params } = request;
    const headers = outgoingHeaders({ message: request, protocolVersion });
    const timeoutMs = request.method === "subscriptions/listen" ? undefined : server.callTimeoutMs;
    const answer = await upstream.request({ text, era, id, params, headers, timeoutMs, exchange, cancel: undefined });
    if (answer.kind === "cancelled") return exchange.accept();
    if (answer.kind === "failed") return exchange.reply(upstreamFailureReply(id, answer, ""));
    const version = answer.response.body["protocolVersion"];
    if (request.method === "initialize" && typeof version === "string") protocolVersion = version;
    answer.via.reply(answer.text);
  };
  const pass = async (message: Exclude<ClientMessage, ClientRequest>): Promise<void> => {
    if (message.kind === "notification" && message.method === "notifications/cancelled") {
      const id = message.params["requestId"];
      if (typeof id === "string" || typeof id === "number") upstream.cancel(id, message.text);
      return;
    }
    const era = message.kind === "response" ? "legacy" : message.era;
    const version = protocolVersion === undefined ? {} : { "mcp-protocol-version": protocolVersion };
    const headers = message.kind === "response" ? version : outgoingHeaders({ message, protocolVersion });
    await upstream.pass({ text: message.text, kind: message.kind, era, headers });
    if (message.kind === "notification" && message.method === "notifications/initialized") {
      upstream.keepListening(version);
    }
  };
  const handle = async (inbound: Inbound, exchange: Exchange): Promise<void> => {
    const message = classifyClientMessage(inbound.bytes, { transport: "stdio" });
    if (message.kind === "rejected") {
      const { id, code, message: text, data } = message.rejection;
      return exchange.reply(errorReply(id, code, text, data));
    }
    if (message.kind === "request") return ask(message, exchange);
    await pass(message);
    exchange.accept();
  };
  return {
    handler: {
      handle,
      listen: (_, exchange) => void listeners.add(exchange),
      noteRefusal: ({ reason }) => logger.warn({ reason }, "message refused"),
      endSession: () => Promise.resolve({ status: 404 }),
    },
    close: () => upstream.close(),
  };
}
