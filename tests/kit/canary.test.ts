import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCanaries } from "./canary.ts";

describe("canaries", () => {
  const forms: readonly (readonly [form: string, write: (secret: string) => string])[] = [
    ["raw", (secret) => `before ${secret} after`],
    ["JSON", (secret) => JSON.stringify({ secret })],
    ["hex", (secret) => Buffer.from(secret).toString("hex")],
    ["hex in capitals", (secret) => Buffer.from(secret).toString("hex").toUpperCase()],
    ["URL coding", (secret) => `https://example.com/?q=${encodeURIComponent(secret)}`],
    ["URL coding of every byte", (secret) => Buffer.from(secret).toString("hex").replaceAll(/../g, "%$&")],
    ["reversed characters", (secret) => secret.split("").toReversed().join("")],
    ["reversed bytes in hex", (secret) => Buffer.from(Buffer.from(secret).toReversed()).toString("hex")],
  ];
  it.each(forms)("find a secret: %s", (_, write) => {
    const canaries = createCanaries();
    const planted = canaries.plant("planted");
    canaries.watch("watched", 'a "quoted" token/with+signs=');
    expect(canaries.foundIn(write(planted))).toHaveLength(1);
    expect(canaries.foundIn(write('a "quoted" token/with+signs='))).toHaveLength(1);
    expect(canaries.foundIn(write("something else of some length"))).toEqual([]);
  });

  it("find a secret in base64 of both alphabets, whatever stands before and after it", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 16, maxLength: 40 }),
        fc.uint8Array({ maxLength: 8 }),
        fc.uint8Array({ maxLength: 8 }),
        fc.constantFrom("base64" as const, "base64url" as const),
        (secret, before, after, encoding) => {
          const canaries = createCanaries();
          canaries.watch("it", secret);
          const text = Buffer.concat([before, Buffer.from(secret), after]).toString(encoding);
          expect(canaries.foundIn(text)).toHaveLength(1);
        },
      ),
    );
  });

  it("say in which form a secret was found", () => {
    const canaries = createCanaries();
    const secret = canaries.plant("key");
    expect(canaries.foundIn(secret)).toEqual(["key"]);
    expect(canaries.foundIn(Buffer.from(Buffer.from(secret).toString("hex")))).toEqual(["key in hex"]);
  });
});
