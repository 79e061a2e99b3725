import type { ServerResponse } from "../protocol/classify.ts";
import type { Era } from "../protocol/eras/era.ts";
import type { RequestId } from "../protocol/jsonrpc.ts";
import type { Exchange, Origin, StreamEvent, UpstreamFailure } from "../transports/transport.ts";
import type { JsonObject } from "../values/json.ts";

/** What came of a request to an upstream server. */
export type UpstreamAnswer =
  | {
      readonly kind: "answered";
      readonly response: ServerResponse;
      readonly text: string;
      /** Where to answer: not always the request's own stream, in the legacy era. */
      readonly via: Exchange;
    }
  | (UpstreamFailure & {
      readonly kind: "failed";
      /** Whether it is certain that no byte of the request left. */
      readonly isNotSent: boolean;
      /** Where the answer that is withheld would have gone; undefined for the request's own way back. */
      readonly via?: Exchange;
    })
  | { readonly kind: "cancelled"; readonly isNotSent: boolean };

/** A request on its way to the server. */
export interface UpstreamRequest {
  readonly text: string;
  readonly era: Era;
  readonly id: RequestId;
  readonly params: JsonObject;
  /** Headers that mirror the message, for servers over HTTP. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for a stream that lasts until somebody ends it. */
  readonly timeoutMs: number | undefined;
  /** Takes what belongs to this request. */
  readonly exchange: Exchange;
  /** Aborted when the request is to be given up because the client is gone. */
  readonly cancel: AbortSignal | undefined;
}

/** A message of a server's that belongs to no request of a client's, or is none of its answers. */
export interface Unasked<Message> {
  readonly message: Message;
  /** The exchange it came for; undefined when the transport does not say. */
  readonly exchange: Exchange | undefined;
  readonly origin: Origin;
}

/** Nobody listens: for requests of the gateway's own. */
export const nobody: Exchange = {
  reply: () => {},
  accept: () => {},
  start: () => {},
  event: () => {},
  end: () => {},
  canStream: false,
  gone: new AbortController().signal,
};

/** What an event says beside its message, for resumption. */
export type EventMarks = Pick<StreamEvent, "id" | "retryMs">;
