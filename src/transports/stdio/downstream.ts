import type { Readable, Writable } from "node:stream";
import type { Clock } from "../../clock.ts";
import { createLineReader, type Frame } from "../../protocol/framing.ts";
import { errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import type { Exchange, MessageHandler, StreamEvent } from "../transport.ts";
import { toLine } from "./line.ts";

/** The agent side of `callgate run`: one client on a pair of streams. */
export interface StdioDownstreamOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** The name of the one server behind it. */
  readonly server: string;
  readonly handler: MessageHandler;
  readonly clock: Clock;
  /** Longest message the client may send, bytes. */
  readonly messageBytesMax: number;
}

/** A client on standard streams. */
export interface StdioDownstream {
  /** Resolves when the client has closed its side and every message has been handled. */
  readonly ended: Promise<void>;
  /** Stops reading. The client's end of the stream may stay open; nothing of it is waited for any more. */
  close(): void;
}

/** Notifications are dropped while the client has this many bytes still to read. */
const unreadBytesMax = 1024 * 1024;

/** Serves one client on standard streams (MCP 2025-11-25, Transports §stdio). Messages are handled side by side. */
export function serveStdio(options: StdioDownstreamOptions): StdioDownstream {
  const { input, output, handler } = options;
  const reader = createLineReader(options.messageBytesMax);
  const gone = new AbortController();
  const running = new Set<Promise<void>>();
  const send = (text: string): void => {
    if (output.writable) output.write(toLine(text));
  };
  // Answers always go out; news that a slow client does not read would pile up without end.
  const event = ({ text }: StreamEvent): void => {
    if (text !== undefined && output.writableLength <= unreadBytesMax) send(text);
  };
  const way = { accept: () => {}, start: () => {}, event, end: () => {}, canStream: true, gone: gone.signal } as const;
  output.on("error", () => gone.abort());
  // What the server says of its own accord has the same way as everything else.
  handler.listen(
    {
      transport: "stdio",
      server: options.server,
      tokenSha256: undefined,
      sessionId: undefined,
      headers: undefined,
      lastEventId: undefined,
    },
    { ...way, reply: () => {} },
  );

  const handle = (bytes: Uint8Array): void => {
    let isAnswered = false;
    const exchange: Exchange = {
      ...way,
      reply: (text) => {
        if (text !== undefined && !isAnswered) send(text);
        isAnswered = true;
      },
    };
    const done = handler
      .handle(
        {
          transport: "stdio",
          bytes,
          server: options.server,
          tokenSha256: undefined,
          sessionId: undefined,
          headers: undefined,
          clientIp: undefined,
          receivedAtMs: options.clock.monotonicMs(),
        },
        exchange,
      )
      .finally(() => running.delete(done));
    running.add(done);
  };

  const take = (frames: readonly Frame[]): void => {
    for (const frame of frames) {
      if (frame.kind === "line") handle(frame.bytes);
      else {
        const message = `messages have at most ${options.messageBytesMax} bytes`;
        handler.noteRefusal({ transport: "stdio", reason: "message_too_large", message });
        send(errorReply(null, jsonRpcCodes.invalidRequest, message));
      }
    }
  };

  const ended = new Promise<void>((resolve) => {
    input.on("data", (chunk: Buffer) => take(reader.push(chunk)));
    const finish = (): void => {
      take(reader.end());
      void Promise.allSettled(running).then(() => {
        gone.abort();
        resolve();
      });
    };
    input.on("end", finish);
    input.on("error", finish);
  });
  return { ended, close: () => void input.destroy() };
}
