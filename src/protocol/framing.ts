import { ByteBuffer } from "./byte-buffer.ts";

/** What a {@link LineReader} hands out. */
export type Frame =
  /** One line without its line end; never empty. */
  | { readonly kind: "line"; readonly bytes: Uint8Array }
  /** A line longer than the cap; its bytes are dropped up to the next line end. Reported once, when the cap is passed. */
  | { readonly kind: "too_long" };

const newline = 10;
const carriageReturn = 13;

/** Cuts a stream of bytes into lines. */
export interface LineReader {
  /** The lines that this chunk completes, in order. The chunk must not be changed as long as they are used. */
  push(chunk: Uint8Array): readonly Frame[];
  /** The stream ended: the bytes behind the last line end, if any, as a last line. */
  end(): readonly Frame[];
}

/** A reader of lines of at most `bytesMax` bytes (> 0), line end not counted. */
export function createLineReader(bytesMax: number): LineReader {
  return new ChunkLineReader(bytesMax);
}

/**
 * Cuts a stream of bytes into lines (MCP, Transports, stdio): ended by LF or CRLF, empty ones left out, at most
 * `bytesMax` bytes each. However the stream is cut into chunks, the lines are the same. A line within one chunk is a
 * view of it, not a copy.
 */
class ChunkLineReader implements LineReader {
  private readonly bytesMax: number;
  private readonly held = new ByteBuffer();
  private isSkipping = false;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      this.finish(chunk.subarray(from, end), frames);
      from = end + 1;
    }
    if (from < chunk.length) this.hold(chunk.subarray(from), frames);
    return frames;
  }

  end(): readonly Frame[] {
    const frames: Frame[] = [];
    this.finish(new Uint8Array(0), frames);
    return frames;
  }

  private hold(bytes: Uint8Array, frames: Frame[]): void {
    if (this.isSkipping) return;
    // One more byte than the cap may be the CR of a line end that is still to come.
    if (this.held.length + bytes.length <= this.bytesMax + 1) return this.held.append(bytes);
    this.held.clear();
    this.isSkipping = true;
    frames.push({ kind: "too_long" });
  }

  private finish(bytes: Uint8Array, frames: Frame[]): void {
    if (this.isSkipping) {
      this.isSkipping = false;
      return;
    }
    const line = withoutReturn(this.held.takeWith(bytes));
    if (line.length > this.bytesMax) frames.push({ kind: "too_long" });
    else if (line.length > 0) frames.push({ kind: "line", bytes: line });
  }
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line[line.length - 1] === carriageReturn ? line.subarray(0, -1) : line;
}

/** One server-sent event to write. */
export interface SseEventParts {
  /** The message, JSON text. */
  readonly data: string;
  /** Left out when it holds a line end or NUL. */
  readonly id?: string | undefined;
  /** How long a client waits before it reconnects, milliseconds. */
  readonly retryMs?: number | undefined;
}

const lineEnds = /\r\n|\r|\n/g;
const unsafeInField = /[\r\n\0]/;

/**
 * Pure. One event of the type `message` (HTML Living Standard §9.2, MCP Transports §Streamable HTTP). Whatever the
 * text holds, it stays within one `data` line: line ends can only stand between the tokens of JSON text and become
 * spaces. No field but `data`, and an `id` without line ends, comes from outside.
 */
export function encodeSseEvent(event: SseEventParts): string {
  const id = event.id === undefined || unsafeInField.test(event.id) ? "" : `id: ${event.id}\n`;
  const retry = event.retryMs === undefined ? "" : `retry: ${Math.max(0, Math.trunc(event.retryMs))}\n`;
  return `event: message\n${id}${retry}data: ${event.data.replaceAll(lineEnds, " ")}\n\n`;
}
