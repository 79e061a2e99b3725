import type { IncomingMessage, ServerResponse } from "node:http";
import { encodeSseMessage } from "../../protocol/framing.ts";
import type { Exchange, ReplyOptions } from "../transport.ts";

/** Headers on every answer: nothing is cached, nothing is sniffed. */
export const commonHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/**
 * The way back of one POST. The answer is one JSON object; it becomes an event stream only when a notification has to
 * go ahead of it and the client accepts one.
 */
export function createHttpExchange(req: IncomingMessage, res: ServerResponse): Exchange {
  const gone = new AbortController();
  res.on("close", () => {
    if (!res.writableFinished) gone.abort();
  });
  const acceptsStream = (req.headers.accept ?? "").includes("text/event-stream");

  const reply = (text: string | undefined, options: ReplyOptions = {}): void => {
    if (res.writableEnded) return;
    if (res.headersSent) {
      res.end(text === undefined ? undefined : encodeSseMessage(text));
      return;
    }
    const body = text === undefined ? undefined : Buffer.from(text, "utf8");
    res.writeHead(options.status ?? 200, {
      ...commonHeaders,
      ...options.headers,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      "content-length": String(body?.length ?? 0),
    });
    res.end(body);
  };

  return {
    reply,
    accept: () => {
      if (!res.headersSent) res.writeHead(202, { ...commonHeaders, "content-length": "0" });
      res.end();
    },
    notify: (text) => {
      if (!acceptsStream || res.writableEnded) return;
      if (!res.headersSent) {
        res.writeHead(200, { ...commonHeaders, "content-type": "text/event-stream", "x-accel-buffering": "no" });
      }
      res.write(encodeSseMessage(text));
    },
    gone: gone.signal,
  };
}
