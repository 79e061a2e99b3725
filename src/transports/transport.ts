import type { ErrorCode } from "../errors.ts";
import type { Era } from "../protocol/eras/era.ts";
import type { RequestId } from "../protocol/jsonrpc.ts";
import type { MirrorHeaders } from "../protocol/mirror-headers.ts";

/** What {@link Inbound.server} is where one address stands for all servers of the caller's grant. */
export const everyServer = "";

/** Which kind of connection a client's message came over. */
export type TransportName = "http" | "stdio" | "memory";

/** One message of a client, as it came: bytes and what the transport itself says about them. */
export interface Inbound {
  readonly transport: TransportName;
  /** Exactly one message's bytes, within the transport's size limit. */
  readonly bytes: Uint8Array;
  /** The server that the address names, or {@link everyServer}. */
  readonly server: string;
  /** SHA-256 of the bearer token, hex; undefined when there is none (stdio has none: its caller is the local user). */
  readonly tokenSha256: string | undefined;
  /** `Mcp-Session-Id`, undefined without one. */
  readonly sessionId: string | undefined;
  /** The headers that mirror the body; undefined off HTTP. */
  readonly headers: MirrorHeaders | undefined;
  readonly clientIp: string | undefined;
  /** `Via`: the gateways of our kind that it came through (RFC 9110 §7.6.3); left out when there were none. */
  readonly via?: string;
  /** Monotonic milliseconds at the last byte. */
  readonly receivedAtMs: number;
}

/** Extra parts of a final answer that only HTTP shows. */
export interface ReplyOptions {
  /** HTTP status, default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Tells a stranger how to become known (RFC 6750 §3): no token came, or one that is not good. */
  readonly challenge?: Challenge;
}

/** What was wrong with a caller that is asked for a token. */
export type Challenge = "token_missing" | "invalid_token";

/** One event of a stream to a client: a message, or (HTTP only) a sign without one that resumption hangs on. */
export interface StreamEvent {
  /** A whole JSON-RPC message; undefined for an event that carries none. */
  readonly text: string | undefined;
  /** The server's own event id, which a client sends back as `Last-Event-ID`. */
  readonly id?: string;
  /** How long the server asks a client to wait before it reconnects, milliseconds. */
  readonly retryMs?: number;
}

/**
 * The way back for one message, or for a stream that a client opened to listen. Exactly one of `reply`, `accept` and
 * `end` is called, once, after any number of `event`.
 */
export interface Exchange {
  /** The final JSON-RPC answer (or, with a status from 400, the refusal; `undefined` for a refusal without a body). */
  readonly reply: (text: string | undefined, options?: ReplyOptions) => void;
  /** Nothing to answer: a notification was taken (HTTP 202). */
  readonly accept: () => void;
  /** Begins the stream before there is anything to send, so that the client knows that it is listened to. */
  readonly start: () => void;
  /** Sends something ahead of the answer; dropped where {@link canStream} says so. */
  readonly event: (event: StreamEvent) => void;
  /** Ends the stream without an answer: the server means to go on elsewhere, or there is nothing more to listen to. */
  readonly end: () => void;
  /** Whether the client takes anything but the final answer. */
  readonly canStream: boolean;
  /** Aborted when the client can no longer be answered. */
  readonly gone: AbortSignal;
}

/** A request that the transport itself refused, before there was a message. */
export interface TransportRefusal {
  readonly transport: TransportName;
  /** Stable, snake_case: `body_too_large`, `origin_refused`. */
  readonly reason: string;
  readonly message: string;
}

/** A client that opens a stream to listen. */
export interface ListenRequest extends Pick<Inbound, "transport" | "server" | "tokenSha256" | "sessionId" | "headers"> {
  /** `Last-Event-ID`: the client missed what came after it. */
  readonly lastEventId: string | undefined;
}

/** What an agent-side transport hands its messages to. Never rejects. */
export interface MessageHandler {
  handle(inbound: Inbound, exchange: Exchange): Promise<void>;
  /** Leaves a trace of a request that never became a message. */
  noteRefusal(refusal: TransportRefusal): void;
  /** Opens a stream for what a legacy session's server says of its own accord (HTTP GET). Answers through the exchange. */
  listen(request: ListenRequest, exchange: Exchange): void;
  /** Ends a legacy session (HTTP DELETE). What to answer: 204, 404, or 401 with its challenge. */
  endSession(
    request: Pick<Inbound, "server" | "tokenSha256" | "sessionId">,
  ): Promise<{ readonly status: number; readonly challenge?: Challenge }>;
}

/** Why something asked of an upstream server did not come about. */
export interface UpstreamFailure {
  readonly code: UpstreamErrorCode;
  /** For the agent: lower case, no secret, e.g. `the server ended with exit code 1`. */
  readonly message: string;
}

/** The codes of failing upstream servers. */
export type UpstreamErrorCode = Extract<ErrorCode, `UPSTREAM_${string}`>;

/** Which of the streams of a connection something came on; undefined members where the transport has one stream. */
export interface Origin {
  /** The id (as sent) of the request whose own answer stream it is. */
  readonly requestId?: RequestId;
  /** The stream that {@link UpstreamConnection.listen} opened under this key. */
  readonly listenKey?: string;
  readonly eventId?: string;
  readonly retryMs?: number;
}

/** What a connection tells its owner. */
export interface UpstreamEvents {
  /** One message's bytes, within the size limit, in order; undefined for an event that carries none. */
  readonly onMessage: (bytes: Uint8Array | undefined, origin: Origin) => void;
  /**
   * The stream of one request or listener ended without an answer. Without a failure the server closed it on purpose,
   * and what is missing may come on another stream.
   */
  readonly onStreamEnd: (origin: Origin, failure: UpstreamFailure | undefined) => void;
  /** Called once, last. */
  readonly onEnd: (end: UpstreamFailure) => void;
}

/** Whether the bytes of a message left. `not_sent` promises that not one byte did. */
export type SendResult = "sent" | "not_sent" | "unknown";

/** A message for a server, with what a transport has to say beside the bytes. */
export interface Outgoing {
  /** Exactly what goes out, without line ending. */
  readonly text: string;
  readonly kind: "request" | "notification" | "response";
  readonly era: Era;
  /** Of a request, as it stands in the text. */
  readonly id?: RequestId;
  /** Headers that mirror the message (`MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name`, `Mcp-Param-*`), for HTTP. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One open connection to an upstream server. Whoever opened it closes it. */
export interface UpstreamConnection {
  /** Sends one message. Resolves when the bytes are handed over or known not to be. */
  send(message: Outgoing): Promise<SendResult>;
  /** Gives up a request by closing its stream. False where the transport cannot: then a message has to say it. */
  abandon(requestId: RequestId): boolean;
  /**
   * Opens a stream for what the server says of its own accord, from an event on if one is named. False where there
   * is one stream for everything. Ended by {@link UpstreamConnection.unlisten} or `onStreamEnd`.
   */
  listen(listenKey: string, lastEventId: string | undefined, headers: Readonly<Record<string, string>>): boolean;
  unlisten(listenKey: string): void;
  /** Ends the connection, and for a child process the whole process group. Resolves when it is gone. */
  close(): Promise<void>;
}

/** A server that can be connected to, any number of times. */
export interface Upstream {
  readonly name: string;
  /** Opens a connection. Failures come through `onEnd`. */
  connect(events: UpstreamEvents): UpstreamConnection;
}

/** Where the `Authorization` of each request to a server comes from, when it changes. */
export interface AuthorizationSource {
  /** The header's value when it is good for now: then nothing has to wait. */
  fresh(): string | undefined;
  /** The value once it was renewed, or why there is none. Never rejects. */
  renewed(): Promise<{ readonly value: string } | UpstreamFailure>;
  /** The server did not accept this value. */
  refused(value: string): void;
}

/** A single request to an address that was found in what a stranger says. */
export interface OutboundRequest {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the address may be one that is not public. */
  readonly allowPrivate: boolean;
  /** The largest answer, bytes; default 1 MiB. */
  readonly bytesMax?: number;
  /** `head`: status and headers are enough. */
  readonly wants: "body" | "head";
}

/** Sends such a request. Rejects with `OAUTH_CONNECT_FAILED`. */
export type OutboundFetch = (address: string, request: OutboundRequest) => Promise<Response>;
