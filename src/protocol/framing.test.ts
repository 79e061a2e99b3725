import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLineReader, encodeSseEvent, type Frame } from "./framing.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function shown(frames: readonly Frame[]): readonly string[] {
  return frames.map((frame) => (frame.kind === "line" ? decoder.decode(frame.bytes) : "<too long>"));
}

function readAll(bytesMax: number, chunks: readonly Uint8Array[]): readonly string[] {
  const reader = createLineReader(bytesMax);
  return shown([...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()]);
}

function read(bytesMax: number, ...chunks: readonly string[]): readonly string[] {
  return readAll(
    bytesMax,
    chunks.map((chunk) => encoder.encode(chunk)),
  );
}

describe("lines", () => {
  test.each<[why: string, chunks: string[], lines: string[]]>([
    ["one line", ["{}\n"], ["{}"]],
    ["[B306] two lines in a chunk, CRLF and LF", ["a\r\nb\n"], ["a", "b"]],
    ["[B306] a line cut in three", ["a", "b", "c\n"], ["abc"]],
    ["a CRLF cut in two", ["a\r", "\nb\n"], ["a", "b"]],
    ["empty lines are left out", ["\n\r\n\n a\n\n"], [" a"]],
    ["a CR within a line stays", ["a\rb\n"], ["a\rb"]],
    ["[B306] NUL and bytes of other encodings stay for the reader above to refuse", ["a\0b\n"], ["a\0b"]],
    ["a last line without an end", ["a\nb"], ["a", "b"]],
    ["nothing", [""], []],
    ["a line of the longest length", ["1234\n"], ["1234"]],
    ["a line of the longest length with CRLF", ["1234\r", "\n"], ["1234"]],
    ["a line over the cap, and the next is read", ["12345\nok\n"], ["<too long>", "ok"]],
    ["a line over the cap in chunks is reported once", ["123", "456", "789", "\nok\n"], ["<too long>", "ok"]],
    ["a line one over the cap that ends with the stream", ["12345"], ["<too long>"]],
    ["the rest of a long line that ends with the stream", ["123456789", "0"], ["<too long>"]],
  ])("%s", (_, chunks, lines) => {
    expect(read(4, ...chunks)).toEqual(lines);
  });

  test("a line over the cap is reported when the cap is passed, not when it ends", () => {
    const reader = createLineReader(4);
    expect(shown(reader.push(encoder.encode("123456")))).toEqual(["<too long>"]);
    expect(shown(reader.push(encoder.encode("7")))).toEqual([]);
  });

  test("a line that lies within one chunk is not copied", () => {
    const chunk = encoder.encode("first\nsecond\n");
    const [frame] = createLineReader(100).push(chunk);
    expect(frame?.kind === "line" && frame.bytes.buffer === chunk.buffer).toBe(true);
  });

  test("[B142] a line in a million chunks is copied once", () => {
    const reader = createLineReader(2_000_000);
    const chunk = encoder.encode("x");
    for (let i = 0; i < 1_000_000; i += 1) reader.push(chunk);
    const [frame] = reader.push(encoder.encode("\n"));
    expect(frame?.kind === "line" && frame.bytes.length).toBe(1_000_000);
  });

  test("the lines are the same however the stream is cut into chunks", () => {
    const text = fc.array(fc.constantFrom("a", "bc", "é", "\n", "\r\n", "\r", "\0", "12345678"), { maxLength: 30 });
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 5 }), { maxLength: 40 }), (pieces, sizes) => {
        const bytes = encoder.encode(pieces.join(""));
        expect(readAll(6, cut(bytes, sizes))).toEqual(readAll(6, [bytes]));
      }),
      { numRuns: 1_000 },
    );
  });

  test("lines within the cap are those between line ends", () => {
    const lines = fc.array(fc.stringMatching(/^[a-z ]{1,12}$/), { maxLength: 8 });
    fc.assert(
      fc.property(lines, fc.constantFrom("\n", "\r\n"), (sent, end) => {
        expect(read(12, sent.map((line) => line + end).join(""))).toEqual(sent);
      }),
    );
  });
});

/** Pure. The bytes in chunks of these sizes, the rest in one. */
function cut(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

describe("server-sent events", () => {
  test("a message is one event with one data line", () => {
    expect(encodeSseEvent({ data: '{"a":1}' })).toBe('event: message\ndata: {"a":1}\n\n');
  });

  test.each([
    ["[B288] a line end that would start an event", '{"a":1}\n\ndata: {"evil":1}', '{"a":1}  data: {"evil":1}'],
    ["[B289] a bare CR", '{"a":\r1}', '{"a": 1}'],
    ["CRLF is one line end", '{"a":\r\n1}', '{"a": 1}'],
    ["[B289] U+2028 and U+2029 end no line", '"\u2028\u2029"', '"\u2028\u2029"'],
  ])("%s stays within the data line", (_, text, line) => {
    expect(encodeSseEvent({ data: text })).toBe(`event: message\ndata: ${line}\n\n`);
  });

  test.each([
    ["[B289] an id with a line end is left out", { data: "1", id: "a\nevent: x" }, "event: message\ndata: 1\n\n"],
    ["[B289] an id with a CR is left out", { data: "1", id: "a\r" }, "event: message\ndata: 1\n\n"],
    ["an id with NUL is left out", { data: "1", id: "a\0" }, "event: message\ndata: 1\n\n"],
    ["an id", { data: "1", id: "a b" }, "event: message\nid: a b\ndata: 1\n\n"],
    ["a time to wait", { data: "1", retryMs: 1500.7 }, "event: message\nretry: 1500\ndata: 1\n\n"],
    ["a negative time is none", { data: "1", retryMs: -1 }, "event: message\nretry: 0\ndata: 1\n\n"],
  ])("%s", (_, event, text) => {
    expect(encodeSseEvent(event)).toBe(text);
  });

  test("JSON text keeps its value, whatever it holds", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 2 }), fc.constantFrom("\n", "\r\n", "\r", "\t"), (json, gap) => {
        const spaced = `[${gap}${json}${gap},${gap}1]`;
        const lines = encodeSseEvent({ data: spaced }).split(/\r\n|\r|\n/);
        expect(lines).toHaveLength(4);
        expect(JSON.parse(lines[1]?.slice("data: ".length) ?? "")).toEqual(JSON.parse(spaced));
      }),
    );
  });
});
