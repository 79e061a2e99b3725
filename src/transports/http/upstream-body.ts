import { ByteBuffer } from "../../protocol/byte-buffer.ts";
import type { RequestId } from "../../protocol/jsonrpc.ts";
import { createSseParser, type SseParser } from "../../protocol/sse-parser.ts";
import type { UpstreamFailure } from "../transport.ts";
import { failure } from "./upstream-failure.ts";
import type { ExchangeKind } from "./upstream-plan.ts";

/** What a body turns out to hold. */
export interface BodySink {
  /** One message's bytes, or an event without one. */
  readonly onMessage: (bytes: Uint8Array | undefined, eventId: string | undefined, retryMs: number | undefined) => void;
  /** The bytes just handed over are the answer to the request. */
  readonly onAnswer: () => void;
  /** An event of another type than `message`. */
  readonly onOtherEvent: (event: string, data: Uint8Array) => void;
}

/** Reads the body of one answer. Both methods return what is wrong with it, or undefined. */
export interface BodyReader {
  push(chunk: Uint8Array): UpstreamFailure | undefined;
  /** The body came whole. */
  end(): UpstreamFailure | undefined;
  /** How long the server asked to wait, behind the last event that was handed over. */
  retryMs?(): number | undefined;
}

/** What a reader has to know beside the bytes. */
export interface BodyLimits {
  /** Longest message, bytes. */
  readonly messageBytesMax: number;
  /** Of the request whose answer is looked for. */
  readonly requestId: RequestId | undefined;
  /** What was sent: only a request needs an answer. */
  readonly kind: ExchangeKind;
}

/** A reader of one JSON message. With `mustBeMessage` anything but a JSON-RPC message is kept back. */
export function createWholeReader(limits: BodyLimits, mustBeMessage: boolean, sink: BodySink): BodyReader {
  let held: ByteBuffer | undefined;
  let last: Uint8Array = noBytes;
  return {
    push: (chunk) => {
      // The last piece is not copied: most answers come in one.
      if (last.length > 0) (held ??= new ByteBuffer()).append(last);
      last = chunk;
      return (held?.length ?? 0) + chunk.length > limits.messageBytesMax ? tooLong(limits) : undefined;
    },
    end: () => {
      const bytes = held === undefined ? last : held.takeWith(last);
      const value = parseJson(bytes);
      if (value === undefined) {
        return limits.kind === "request" ? failure("UPSTREAM_GARBAGE", "the server's answer is not JSON") : undefined;
      }
      if (mustBeMessage && !isMessage(value)) return undefined;
      sink.onMessage(bytes, undefined, undefined);
      if (isAnswer(value, limits.requestId)) sink.onAnswer();
      return undefined;
    },
  };
}

/** The longest that a server may ask a client to stay away, milliseconds. */
const retryMsMax = 300_000;

/** A reader of an event stream. Events of another type than `message` count for their ids only. */
export function createEventReader(limits: BodyLimits, sink: BodySink): BodyReader {
  const parser: SseParser = createSseParser(limits.messageBytesMax);
  let retryMs: number | undefined;
  return {
    retryMs: () => retryMs,
    push: (chunk) => {
      for (const item of parser.push(chunk)) {
        if (item.kind === "too_long") return tooLong(limits);
        if (item.kind === "retry") retryMs = Math.min(item.retryMs, retryMsMax);
        if (item.kind !== "event") continue;
        if (item.event !== "message") sink.onOtherEvent(item.event, item.data);
        const hasMessage = item.event === "message" && item.data.length > 0;
        // An id that no header can carry cannot be sent back.
        const id = item.id !== undefined && unsafeInHeader.test(item.id) ? undefined : item.id;
        if (!hasMessage && id === undefined) continue;
        const asked = retryMs;
        retryMs = undefined;
        sink.onMessage(hasMessage ? item.data : undefined, id, asked);
        if (hasMessage && limits.requestId !== undefined && seemsAnswer(item.data)) {
          if (isAnswer(parseJson(item.data), limits.requestId)) sink.onAnswer();
        }
      }
      return undefined;
    },
    end: () => undefined,
  };
}

/** Bytes of a body that is not wanted, after which its connection is closed instead. */
const uselessBytesMax = 64 * 1024;

/** A reader that drops what comes, so that the connection can be used again. */
export function createDropReader(onTooMuch: () => void): BodyReader {
  let total = 0;
  return {
    push: (chunk) => {
      total += chunk.length;
      if (total > uselessBytesMax) onTooMuch();
      return undefined;
    },
    end: () => undefined,
  };
}

function tooLong({ messageBytesMax }: BodyLimits): UpstreamFailure {
  return failure("UPSTREAM_GARBAGE", `the server sent a message of over ${messageBytesMax} bytes`);
}

const noBytes = new Uint8Array(0);
const unsafeInHeader = /[\x00-\x1f\x7f]/;
const decoder = new TextDecoder();
const resultKey = Buffer.from('"result"');
const errorKey = Buffer.from('"error"');

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

/** Spares the notifications of a stream a second parse. */
function seemsAnswer(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return text.includes(resultKey) || text.includes(errorKey);
}

function isMessage(value: unknown): value is object {
  return typeof value === "object" && value !== null && "jsonrpc" in value && value.jsonrpc === "2.0";
}

function isAnswer(value: unknown, requestId: RequestId | undefined): boolean {
  if (requestId === undefined || !isMessage(value) || "method" in value) return false;
  return "id" in value && value.id === requestId && ("result" in value || "error" in value);
}
