import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeSseEvent } from "./framing.ts";
import { createSseParser, type SseItem } from "./sse-parser.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function shown(items: readonly SseItem[]): readonly object[] {
  return items.map((item) => (item.kind === "event" ? { ...item, data: decoder.decode(item.data) } : item));
}

function parse(eventBytesMax: number, chunks: readonly Uint8Array[]): readonly object[] {
  const parser = createSseParser(eventBytesMax);
  return shown(chunks.flatMap((chunk) => parser.push(chunk)));
}

function event(data: string, rest: { readonly event?: string; readonly id?: string } = {}): object {
  return { kind: "event", event: "message", data, id: undefined, ...rest };
}

describe("an event stream", () => {
  test.each<[why: string, text: string, items: object[]]>([
    ["one event", "data: x\n\n", [event("x")]],
    ["CRLF", "event: e\r\ndata: x\r\n\r\n", [event("x", { event: "e" })]],
    ["CR", "data: x\r\rdata: y\r\r", [event("x"), event("y")]],
    ["several data lines", "data: a\ndata:b\ndata:  c\n\n", [event("a\nb\n c")]],
    ["a field without colon", "data\ndata\n\n", [event("\n")]],
    ["id and empty data, which primes a stream", "id: 7\ndata:\n\n", [event("", { id: "7" })]],
    ["an id alone", "id: 7\n\n", [event("", { id: "7" })]],
    ["an id with NUL is none", "id: a\0b\ndata: x\n\n", [event("x")]],
    [
      "an event's name and id end with it",
      "event: e\nid: 1\ndata: x\n\ndata: y\n\n",
      [event("x", { event: "e", id: "1" }), event("y")],
    ],
    ["a name without data is no event", "event: e\n\ndata: x\n\n", [event("x")]],
    ["comments", ": alive\n\n:\n", [{ kind: "comment" }, { kind: "comment" }]],
    ["retry", "retry: 10\nretry: -1\nretry: 1e3\nretry: 9999999999\n\n", [{ kind: "retry", retryMs: 10 }]],
    ["unknown fields", "foo: bar\nData: y\ndata: x\n\n", [event("x")]],
    ["a mark at the start of the stream, and only there", "\ufeffdata: x\n\n\ufeffdata: y\n\n", [event("x")]],
    ["an event that the stream cuts off", "data: x\n", []],
    ["line separators that end no line", "data: a\u2028b\u0085c\n\n", [event("a\u2028b\u0085c")]],
  ])("%s", (_, text, items) => {
    expect(parse(100, [encoder.encode(text)])).toEqual(items);
  });

  test("data is handed out as bytes, so that what is no UTF-8 is not mended", () => {
    const [item] = createSseParser(100).push(Uint8Array.of(100, 97, 116, 97, 58, 0xff, 10, 10));
    expect(item).toEqual({ kind: "event", event: "message", data: Uint8Array.of(0xff), id: undefined });
  });

  test("[B290] a line without end is cut off at the cap, and nothing comes after", () => {
    const parser = createSseParser(10);
    expect(parser.push(encoder.encode("data: 1"))).toEqual([]);
    expect(parser.push(encoder.encode("2345"))).toEqual([{ kind: "too_long" }]);
    expect(parser.push(encoder.encode("\n\ndata: x\n\n"))).toEqual([]);
  });

  test("[B290] an event without end is cut off at the cap, endless short lines too", () => {
    const lines = encoder.encode("data:a\n".repeat(2));
    expect(parse(14, [lines, encoder.encode("\n")])).toEqual([event("a\na")]);
    expect(parse(13, [lines, encoder.encode("\n")])).toEqual([{ kind: "too_long" }]);
    expect(parse(13, [encoder.encode("data:a\ndata:b\n\ndata:c\n\n")])).toEqual([{ kind: "too_long" }]);
  });

  test("[R103] an event far over 64 KiB comes through whole", () => {
    const data = JSON.stringify("x".repeat(300_000));
    const bytes = encoder.encode(encodeSseEvent({ data }));
    const chunks = Array.from({ length: 40 }, (_, i) => bytes.subarray(i * 10_000, (i + 1) * 10_000));
    expect(parse(1_000_000, chunks)).toEqual([event(data)]);
  });

  test("the items are the same however the stream is cut into chunks", () => {
    const piece = fc.constantFrom(
      "data: ",
      "data",
      "id: 1",
      "event: e",
      ": c",
      "retry: 5",
      "é",
      ":",
      " ",
      "\n",
      "\r\n",
      "\r",
      "\n\n",
      "x",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.array(fc.nat({ max: 4 }), { maxLength: 60 }),
        (pieces, sizes) => {
          const bytes = encoder.encode(pieces.join(""));
          const chunks: Uint8Array[] = [];
          let at = 0;
          for (const size of sizes) chunks.push(bytes.subarray(at, (at += size)));
          expect(parse(40, [...chunks, bytes.subarray(at)])).toEqual(parse(40, [bytes]));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("[B288] whatever is written is read back as one event with the same value", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\n", "\r", "\n\ndata: ", "\u2028", "é", "\\", ":") });
    fc.assert(
      fc.property(text, fc.option(fc.stringMatching(/^[a-z0-9]{1,8}$/), { nil: undefined }), (content, id) => {
        const items = createSseParser(10_000).push(
          encoder.encode(encodeSseEvent({ data: JSON.stringify(content), id })),
        );
        expect(items).toHaveLength(1);
        const [item] = items;
        if (item?.kind !== "event") throw new Error("no event");
        expect([JSON.parse(decoder.decode(item.data)), item.id]).toEqual([content, id]);
      }),
    );
  });
});
