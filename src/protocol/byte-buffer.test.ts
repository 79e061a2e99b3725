import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteBuffer } from "./byte-buffer.ts";

test("gives back the pieces in order, and starts anew", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(pieces, fc.uint8Array())), (rounds) => {
      const buffer = new ByteBuffer();
      for (const [held, last] of rounds) {
        for (const piece of held) buffer.append(piece);
        expect(buffer.length).toBe(held.reduce((length, piece) => length + piece.length, 0));
        expect([...buffer.takeWith(last)]).toEqual([...held, last].flatMap((piece) => [...piece]));
        expect(buffer.length).toBe(0);
      }
    }),
  );
});

test("what was taken is not overwritten by what comes later", () => {
  const buffer = new ByteBuffer();
  buffer.append(Uint8Array.of(1));
  const taken = buffer.takeWith(Uint8Array.of(2));
  buffer.append(Uint8Array.of(9, 9, 9));
  expect([...taken]).toEqual([1, 2]);
});

test("hands the last piece through when nothing is held, and drops what is cleared", () => {
  const buffer = new ByteBuffer();
  buffer.append(Uint8Array.of(1));
  buffer.clear();
  const piece = Uint8Array.of(2);
  expect(buffer.takeWith(piece)).toBe(piece);
});
