import type { IncomingMessage, ServerResponse } from "node:http";
import { encodeSseEvent } from "../../protocol/framing.ts";
import type { Challenge, Exchange, ReplyOptions, StreamEvent } from "../transport.ts";

/** Headers on every answer: nothing is cached, nothing is sniffed. */
export const commonHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/**
 * A client that does not read has its stream closed when this many bytes wait for it, the largest event left out: one
 * alone may be longer.
 */
const unreadBytesMax = 1024 * 1024;

/** A client that takes nothing of its last bytes for this long has its connection closed, milliseconds. */
const unreadMs = 30_000;

/** How often a comment keeps an idle stream open, milliseconds. */
const keepAliveMs = 15_000;

/**
 * The way back of one request. The answer is one JSON object; it becomes an event stream only when something has to go
 * ahead of it and the client accepts one.
 */
export function createHttpExchange(
  req: IncomingMessage,
  res: ServerResponse,
  challengeText: (challenge: Challenge) => string,
): Exchange {
  // Made when first asked for: most requests are answered before anybody wants to know.
  let gone: AbortController | undefined;
  let keepAlive: NodeJS.Timeout | undefined;
  let largest = 0;
  const isGone = (): boolean => res.destroyed && !res.writableFinished;
  res.on("close", () => {
    clearInterval(keepAlive);
    // Who listened on a stream that has ended is gone too; an answer in one piece has nobody waiting.
    if (isGone() || keepAlive !== undefined) gone?.abort();
  });
  const canStream = (req.headers.accept ?? "").includes("text/event-stream");

  const open = (): void => {
    if (res.headersSent) return;
    res.writeHead(200, { ...commonHeaders, "content-type": "text/event-stream", "x-accel-buffering": "no" });
    res.flushHeaders();
    keepAlive = setInterval(() => res.write(": keep-alive\n\n"), keepAliveMs);
    keepAlive.unref();
  };
  const event = (item: StreamEvent): void => {
    if (!canStream || res.writableEnded || res.destroyed) return;
    open();
    const text = encode(item);
    const bytes = Buffer.byteLength(text);
    largest = res.writableLength === 0 ? bytes : Math.max(largest, bytes);
    res.write(text);
    if (res.writableLength > unreadBytesMax + largest) res.destroy();
  };
  /** Nothing may be written behind the end, which a slow reader can keep waiting for as long as it likes. */
  const finish = (text?: string): void => {
    clearInterval(keepAlive);
    res.end(text);
    if (res.writableLength > 0) res.setTimeout(unreadMs);
  };
  const reply = (text: string | undefined, options: ReplyOptions = {}): void => {
    if (res.writableEnded) return;
    if (res.headersSent) return finish(text === undefined ? undefined : encode({ text }));
    res.writeHead(options.status ?? 200, {
      ...commonHeaders,
      ...options.headers,
      ...(options.challenge === undefined ? {} : { "www-authenticate": challengeText(options.challenge) }),
      ...(text === undefined ? {} : { "content-type": "application/json" }),
      "content-length": String(text === undefined ? 0 : Buffer.byteLength(text)),
    });
    // As text it leaves in one piece with the head.
    finish(text);
  };
  return {
    canStream,
    get gone() {
      gone ??= new AbortController();
      if (isGone()) gone.abort();
      return gone.signal;
    },
    start: () => {
      if (canStream && !res.writableEnded) open();
    },
    event,
    reply,
    accept: () => {
      if (!res.headersSent) res.writeHead(202, { ...commonHeaders, "content-length": "0" });
      finish();
    },
    end: () => {
      open();
      finish();
    },
  };
}

function encode({ text, id, retryMs }: StreamEvent): string {
  return encodeSseEvent({
    data: text ?? "",
    ...(id === undefined ? {} : { id }),
    ...(retryMs === undefined ? {} : { retryMs }),
  });
}
