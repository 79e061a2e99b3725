import type { MirrorHeaders } from "../protocol/mirror-headers.ts";

/** Which kind of connection a client's message came over. */
export type TransportName = "http" | "stdio" | "memory";

/** One message of a client, as it came: bytes and what the transport itself says about them. */
export interface Inbound {
  readonly transport: TransportName;
  /** Exactly one message's bytes, within the transport's size limit. */
  readonly bytes: Uint8Array;
  /** The server that the address names. */
  readonly server: string;
  /** The bearer token; undefined when there is none (stdio has no tokens: its caller is the local user). */
  readonly token: string | undefined;
  /** `Mcp-Session-Id`, undefined without one. */
  readonly sessionId: string | undefined;
  /** The headers that mirror the body; undefined off HTTP. */
  readonly headers: MirrorHeaders | undefined;
  readonly clientIp: string | undefined;
  /** Monotonic milliseconds at the last byte. */
  readonly receivedAtMs: number;
}

/** Extra parts of a final answer that only HTTP shows. */
export interface ReplyOptions {
  /** HTTP status, default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The way back for one message. Exactly one of `reply` and `accept` is called, once, after any number of `notify`. */
export interface Exchange {
  /** The final JSON-RPC answer (or, with a status from 400, the refusal; `undefined` for a refusal without a body). */
  readonly reply: (text: string | undefined, options?: ReplyOptions) => void;
  /** Nothing to answer: a notification was taken (HTTP 202). */
  readonly accept: () => void;
  /** A notification that belongs to this request, sent ahead of the answer; dropped where the client cannot take it. */
  readonly notify: (text: string) => void;
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

/** What an agent-side transport hands its messages to. Never rejects. */
export interface MessageHandler {
  handle(inbound: Inbound, exchange: Exchange): Promise<void>;
  /** Leaves a trace of a request that never became a message. */
  noteRefusal(refusal: TransportRefusal): void;
  /** Ends a legacy session (HTTP DELETE). The status to answer: 204, 401, 403 or 404. */
  endSession(request: Pick<Inbound, "server" | "token" | "sessionId">): Promise<number>;
}

/** Why an upstream connection ended. */
export interface UpstreamEnd {
  readonly code: "UPSTREAM_START_FAILED" | "UPSTREAM_EXITED" | "UPSTREAM_GARBAGE";
  /** For the agent: lower case, no secret, e.g. `the server ended with exit code 1`. */
  readonly message: string;
}

/** What a connection tells its owner. */
export interface UpstreamEvents {
  /** One message's bytes, within the size limit, in order. */
  readonly onMessage: (bytes: Uint8Array) => void;
  /** Called once, last. */
  readonly onEnd: (end: UpstreamEnd) => void;
}

/** Whether the bytes of a message left. `not_sent` promises that not one byte did. */
export type SendResult = "sent" | "not_sent" | "unknown";

/** One open connection to an upstream server. Whoever opened it closes it. */
export interface UpstreamConnection {
  /** Sends one message (without line ending). Resolves when the bytes are handed over or known not to be. */
  send(text: string): Promise<SendResult>;
  /** Ends the connection, and for a child process the whole process group. Resolves when it is gone. */
  close(): Promise<void>;
}

/** A server that can be connected to, any number of times. */
export interface Upstream {
  readonly name: string;
  /** Opens a connection. Failures come through `onEnd`. */
  connect(events: UpstreamEvents): UpstreamConnection;
}
