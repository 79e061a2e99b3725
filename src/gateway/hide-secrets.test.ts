import { expect, it } from "vitest";
import { hideSecrets, secretsIn } from "./hide-secrets.ts";

const secrets = secretsIn({ authorization: "Bearer abc/def+0123456789", "x-mode": "fast", "x-key": 'quoted"value' });

function hide(text: string): string {
  return Buffer.from(hideSecrets(Buffer.from(text), secrets)).toString();
}

it.each([
  ["the value", "sent Bearer abc/def+0123456789 to me", "sent [redacted] to me"],
  ["the value without its scheme", "abc/def+0123456789, again abc/def+0123456789", "[redacted], again [redacted]"],
  ["the value with its slash escaped", String.raw`abc\/def+0123456789`, "[redacted]"],
  ["a value as JSON writes it", JSON.stringify({ text: 'quoted"value' }), '{"text":"[redacted]"}'],
  ["text beside it in any language", "ключ abc/def+0123456789 ключ", "ключ [redacted] ключ"],
])("hides %s", (_, text, hidden) => {
  expect(hide(text)).toBe(hidden);
});

it("takes no word for a secret that results are full of", () => {
  const plain = {
    "x-region": "us-east-1",
    "accept-language": "en-US,en;q=0.9",
    "user-agent": "our-gateway (production)",
  };
  expect(secretsIn(plain)).toEqual([]);
});

it("takes what looks random for a secret, whatever it is sent under", () => {
  expect(secretsIn({ "x-workspace": "ws_9f2c61d07be84a5c31" })).toContain("ws_9f2c61d07be84a5c31");
});

it("leaves values too short to be secret, and messages without secrets as the bytes they are", () => {
  const bytes = Buffer.from('{"mode":"fast"}');
  expect(hideSecrets(bytes, secrets)).toBe(bytes);
  expect(hideSecrets(bytes, [])).toBe(bytes);
});
