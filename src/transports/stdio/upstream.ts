import { existsSync } from "node:fs";
import { createLineReader, type Frame } from "../../protocol/framing.ts";
import type { Logger } from "../../logger.ts";
import { toLine } from "./line.ts";
import type { SendResult, Upstream, UpstreamConnection, UpstreamEvents, UpstreamFailure } from "../transport.ts";
import { type ChildCommand, endChild, killGroup, startChild } from "./child.ts";

/** A server started as a child process that speaks MCP on its standard streams. */
export interface StdioUpstreamOptions extends ChildCommand {
  readonly name: string;
  readonly logger: Logger;
  /** Longest message the server may send, bytes. */
  readonly messageBytesMax: number;
  /** Where the server's standard error goes, line by line. */
  readonly onStderr: (line: string) => void;
}

/** Bytes that may wait for a server that does not read before calls to it are refused. */
const queuedBytesMax = 8 * 1024 * 1024;

const stderrLineBytesMax = 16 * 1024;

/** How long what a server that has ended wrote to its standard error is waited for, milliseconds. */
const stderrGraceMs = 200;

/** Children that are alive, so that the gateway's exit leaves none behind. */
const living = new Set<ReturnType<typeof startChild>>();

process.on("exit", () => {
  for (const child of living) killGroup(child);
});

/** MCP over a child's standard streams (MCP 2025-11-25, Transports §stdio): each connection is one process. */
export function createStdioUpstream(options: StdioUpstreamOptions): Upstream {
  return { name: options.name, connect: (events) => connect(options, events) };
}

function connect(options: StdioUpstreamOptions, events: UpstreamEvents): UpstreamConnection {
  const child = startChild(options);
  if (child.pid === undefined) return notStarted(child, options, events);
  living.add(child);
  let end: UpstreamFailure | undefined;
  let closing: Promise<void> | undefined;
  let hasExited = false;

  const finish = (reason: UpstreamFailure): void => {
    if (end !== undefined) return;
    end = reason;
    events.onEnd(reason);
    void close();
  };
  const close = (): Promise<void> => {
    end ??= { code: "UPSTREAM_EXITED", message: "the connection to the server was closed" };
    closing ??= endChild(child).finally(() => living.delete(child));
    return closing;
  };

  const reader = createLineReader(options.messageBytesMax);
  child.stdout.on("data", (chunk: Buffer) => {
    for (const item of reader.push(chunk)) {
      if (item.kind === "line") {
        if (end === undefined) events.onMessage(item.bytes, {});
      } else {
        finish({
          code: "UPSTREAM_GARBAGE",
          message: `the server sent a line of over ${options.messageBytesMax} bytes`,
        });
      }
    }
  });
  child.stdout.on("end", () => {
    // A process that closed its output can answer nothing: it counts as ended, and is ended. Its exit code says more.
    setTimeout(() => {
      if (!hasExited) finish({ code: "UPSTREAM_EXITED", message: "the server closed its output" });
    }, 50);
  });
  passOnStderr(child.stderr, options);
  child.on("error", (error) => {
    options.logger.debug({ server: options.name, error: error.message }, "a signal to the server failed");
  });
  child.on("exit", (code, signal) => {
    hasExited = true;
    const how = code === null ? `by signal ${signal ?? "unknown"}` : `with exit code ${code}`;
    const ended = (): void => finish({ code: "UPSTREAM_EXITED", message: `the server ended ${how}` });
    // What it wrote last is often why. A process that it started may hold the stream open.
    if (child.stderr.closed) return ended();
    const late = setTimeout(ended, stderrGraceMs);
    child.stderr.once("close", () => {
      clearTimeout(late);
      ended();
    });
  });
  child.stdin.on("error", (error) => {
    options.logger.debug({ server: options.name, error: error.message }, "write to the server failed");
  });

  // Calls that were committed together go out together, in one write.
  let isCorked = false;
  const cork = (): void => {
    if (isCorked) return;
    isCorked = true;
    child.stdin.cork();
    process.nextTick(() => {
      isCorked = false;
      child.stdin.uncork();
    });
  };

  return {
    close,
    abandon: () => false,
    listen: () => false,
    unlisten: () => {},
    send: ({ text }) =>
      new Promise<SendResult>((resolve) => {
        if (end !== undefined || hasExited || !child.stdin.writable) return resolve("not_sent");
        if (child.stdin.writableLength + text.length > queuedBytesMax) return resolve("not_sent");
        cork();
        child.stdin.write(toLine(text), (error) => resolve(error ? "unknown" : "sent"));
      }),
  };
}

/**
 * A connection to a process that could not be started, which says why in its `error` event, before the next turn. Where
 * there was no room for descriptors it has no streams either.
 */
function notStarted(
  child: ReturnType<typeof startChild>,
  options: StdioUpstreamOptions,
  events: UpstreamEvents,
): UpstreamConnection {
  child.once("error", (error: NodeJS.ErrnoException) => {
    const reason = reasonOf(error, options);
    events.onEnd({ code: "UPSTREAM_START_FAILED", message: `the server could not be started: ${reason}` });
  });
  return {
    close: () => Promise.resolve(),
    abandon: () => false,
    listen: () => false,
    unlisten: () => {},
    send: () => new Promise((resolve) => setImmediate(() => resolve("not_sent"))),
  };
}

function reasonOf({ code = "error" }: NodeJS.ErrnoException, { command, cwd }: ChildCommand): string {
  // A folder that is not there is ENOENT too, and would be taken for the command.
  if (code === "ENOENT" && cwd !== undefined && !existsSync(cwd)) return "the folder it is to run in is not there";
  const words = `command \`${command}\``;
  if (code === "ENOENT") return `${words} was not found, install it or write its whole path`;
  return code === "EACCES" ? `${words} may not be run by the gateway's user` : code;
}

function passOnStderr(stream: NodeJS.ReadableStream, options: StdioUpstreamOptions): void {
  const reader = createLineReader(stderrLineBytesMax);
  const decoder = new TextDecoder();
  const pass = (frames: readonly Frame[]): void => {
    for (const item of frames) if (item.kind === "line") options.onStderr(decoder.decode(item.bytes));
  };
  stream.on("data", (chunk: Buffer) => pass(reader.push(chunk)));
  stream.on("end", () => pass(reader.end()));
}
