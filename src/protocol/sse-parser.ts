import { ByteBuffer } from "./byte-buffer.ts";

/** What a {@link SseParser} hands out. */
export type SseItem =
  | {
      readonly kind: "event";
      /** `message` unless the stream says otherwise. */
      readonly event: string;
      /** The `data` lines joined by LF, not decoded; empty for an event that only sets an id. */
      readonly data: Uint8Array;
      /** The event's own `id`, if it has one. */
      readonly id: string | undefined;
    }
  /** A comment: the stream is alive. */
  | { readonly kind: "comment" }
  /** The server asks to wait this long before reconnecting. */
  | { readonly kind: "retry"; readonly retryMs: number }
  /** An event is over the cap. Nothing comes after; close the stream. */
  | { readonly kind: "too_long" };

/** Reads a stream of server-sent events (HTML Living Standard §9.2.6). */
export interface SseParser {
  /**
   * What this chunk completes, in order. The chunk must not be changed as long as the items are used. An event that
   * the end of the stream cuts off is never handed out.
   */
  push(chunk: Uint8Array): readonly SseItem[];
}

/** A parser of events of at most `eventBytesMax` bytes (> 0), field names and line ends counted. Comments count for themselves. */
export function createSseParser(eventBytesMax: number): SseParser {
  return new ChunkSseParser(eventBytesMax);
}

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const colon = 58;
const retryDigits = /^\d{1,9}$/;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** However the stream is cut into chunks, the items are the same. */
class ChunkSseParser implements SseParser {
  private readonly eventBytesMax: number;
  /** The line that has not ended yet. */
  private readonly held = new ByteBuffer();
  /** Bytes of the event that has not ended yet, this line's included. */
  private eventBytes = 0;
  private data: Uint8Array[] = [];
  private event = "";
  private id: string | undefined;
  private isAfterReturn = false;
  private isFirstLine = true;
  private isDead = false;

  constructor(eventBytesMax: number) {
    this.eventBytesMax = eventBytesMax;
  }

  push(chunk: Uint8Array): readonly SseItem[] {
    const items: SseItem[] = [];
    const ends = new LineEnds(chunk);
    let from = 0;
    while (from < chunk.length && !this.isDead) {
      if (this.isAfterReturn && chunk[from] === lineFeed) from += 1;
      this.isAfterReturn = false;
      const end = ends.next(from);
      const piece = chunk.subarray(from, end);
      this.count(piece.length, items);
      if (this.isDead) break;
      if (end === chunk.length) this.held.append(piece);
      else {
        this.isAfterReturn = chunk[end] === carriageReturn;
        this.finishLine(this.held.takeWith(piece), items);
      }
      from = end + 1;
    }
    return items;
  }

  private count(bytes: number, items: SseItem[]): void {
    this.eventBytes += bytes;
    if (this.eventBytes <= this.eventBytesMax) return;
    this.isDead = true;
    items.push({ kind: "too_long" });
  }

  private finishLine(whole: Uint8Array, items: SseItem[]): void {
    const line = this.isFirstLine ? withoutMark(whole) : whole;
    this.isFirstLine = false;
    if (line.length === 0) return this.finishEvent(items);
    if (line[0] === colon) {
      // A comment belongs to no event: a stream of nothing else may go on for days.
      this.eventBytes -= whole.length;
      items.push({ kind: "comment" });
      return;
    }
    this.readField(line, items);
    this.count(1, items);
  }

  private readField(line: Uint8Array, items: SseItem[]): void {
    const at = line.indexOf(colon);
    const name = decoder.decode(at === -1 ? line : line.subarray(0, at));
    const value = at === -1 ? new Uint8Array(0) : line.subarray(line[at + 1] === space ? at + 2 : at + 1);
    if (name === "data") this.data.push(value);
    else if (name === "event") this.event = decoder.decode(value);
    else if (name === "id") {
      const id = decoder.decode(value);
      if (!id.includes("\0")) this.id = id;
    } else if (name === "retry") {
      const digits = decoder.decode(value);
      if (retryDigits.test(digits)) items.push({ kind: "retry", retryMs: Number(digits) });
    }
  }

  private finishEvent(items: SseItem[]): void {
    if (this.data.length > 0 || this.id !== undefined) {
      const event = this.event === "" ? "message" : this.event;
      items.push({ kind: "event", event, data: joinLines(this.data), id: this.id });
    }
    this.data = [];
    this.event = "";
    this.id = undefined;
    this.eventBytes = 0;
  }
}

/** Finds the line ends of a chunk in order; looks at every byte a bounded number of times. */
class LineEnds {
  private readonly chunk: Uint8Array;
  private feed = -1;
  private carriage = -1;

  constructor(chunk: Uint8Array) {
    this.chunk = chunk;
  }

  /** Index of the first CR or LF at or behind `from`, or the chunk's length. */
  next(from: number): number {
    if (this.feed < from) this.feed = this.find(lineFeed, from);
    if (this.carriage < from) this.carriage = this.find(carriageReturn, from);
    return Math.min(this.feed, this.carriage);
  }

  private find(byte: number, from: number): number {
    const at = this.chunk.indexOf(byte, from);
    return at === -1 ? this.chunk.length : at;
  }
}

function withoutMark(line: Uint8Array): Uint8Array {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;
}

function joinLines(lines: readonly Uint8Array[]): Uint8Array {
  const joined = new ByteBuffer();
  const between = Uint8Array.of(lineFeed);
  lines.slice(0, -1).forEach((line) => {
    joined.append(line);
    joined.append(between);
  });
  return joined.takeWith(lines.at(-1) ?? new Uint8Array(0));
}
