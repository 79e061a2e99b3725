import { expect, it } from "vitest";
import { newToken } from "./identity/token.ts";
import { newId, newTimedId } from "./ids.ts";

const count = 1_000_000;

it("gives ids of 128 random bits that never come twice, in a million", () => {
  const ids = new Set<string>();
  for (let i = 0; i < count; i += 1) ids.add(newId("session"));
  expect(ids.size).toBe(count);
  expect([...ids].slice(0, 1_000).every((id) => /^session_[A-Za-z0-9_-]{22}$/.test(id))).toBe(true);
  expect(newTimedId("req", 1)).toMatch(/^req_00000000001_[A-Za-z0-9_-]{22}$/);
});

/** How often each bit is set, as a share. */
function sharesOfBits(samples: readonly Buffer[]): readonly number[] {
  const [first = Buffer.alloc(0)] = samples;
  return Array.from({ length: first.length * 8 }, (_, bit) => {
    const set = samples.filter((sample) => (((sample[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1);
    return set.length / samples.length;
  });
}

// A bit of 20,000 throws lies within five standard deviations of a half; one that does not vary is at 0 or 1.
const isFair = (share: number): boolean => Math.abs(share - 0.5) < 5 * Math.sqrt(0.25 / 20_000);

it("gives tokens whose 256 bits all vary, and ids whose 128 do", () => {
  const decode = (text: string): Buffer => Buffer.from(text, "base64url");
  const tokens = Array.from({ length: 20_000 }, () => decode(newToken("cg", "g").token.slice(-43)));
  const ids = Array.from({ length: 20_000 }, () => decode(newId("x").slice(-22)));
  expect(tokens[0]).toHaveLength(32);
  expect(ids[0]).toHaveLength(16);
  expect(sharesOfBits(tokens).filter((share) => !isFair(share))).toEqual([]);
  expect(sharesOfBits(ids).filter((share) => !isFair(share))).toEqual([]);
});
