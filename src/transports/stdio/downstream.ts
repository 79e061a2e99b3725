import type { Readable, Writable } from "node:stream";
import type { Clock } from "../../clock.ts";
import { createLineReader } from "../../protocol/framing.ts";
import { errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import type { Exchange, MessageHandler } from "../transport.ts";

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
  /** Writes a message that answers no request (a server's notification). */
  send(text: string): void;
  /** Resolves when the client has closed its side and every message has been handled. */
  readonly ended: Promise<void>;
}

/** Serves one client on standard streams (MCP 2025-11-25, Transports §stdio). Messages are handled side by side. */
export function serveStdio(options: StdioDownstreamOptions): StdioDownstream {
  const { input, output, handler } = options;
  const reader = createLineReader(options.messageBytesMax);
  const gone = new AbortController();
  const running = new Set<Promise<void>>();
  const send = (text: string): void => {
    if (output.writable) output.write(`${text}\n`);
  };
  output.on("error", () => gone.abort());

  const handle = (bytes: Uint8Array): void => {
    const exchange: Exchange = {
      reply: (text) => {
        if (text !== undefined) send(text);
      },
      accept: () => {},
      notify: send,
      gone: gone.signal,
    };
    const done = handler
      .handle(
        {
          transport: "stdio",
          bytes,
          server: options.server,
          token: undefined,
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

  const ended = new Promise<void>((resolve) => {
    input.on("data", (chunk: Buffer) => {
      for (const item of reader.push(chunk)) {
        if (item.kind === "line") {
          if (item.bytes.length > 0) handle(item.bytes);
        } else {
          send(
            errorReply(null, jsonRpcCodes.invalidRequest, `message of over ${options.messageBytesMax} bytes refused`),
          );
        }
      }
    });
    const finish = (): void => {
      void Promise.allSettled(running).then(() => {
        gone.abort();
        resolve();
      });
    };
    input.on("end", finish);
    input.on("error", finish);
  });
  return { send, ended };
}
