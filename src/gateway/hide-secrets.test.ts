import { expect, it } from "vitest";
import { hideSecrets, secretsIn, secretsInVariables, spellingsOf } from "./hide-secrets.ts";

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

it("takes variables for secrets by their name, a password in them or their look, and no paths", () => {
  const variables = {
    NOTES_TOKEN: "short-token",
    DATABASE_URL: "postgres://me:secret@db/notes",
    SESSION: "9f2c61d07be84a5c31ab",
    DATA_DIR: "/var/lib/notes/9f2c61d07be84a5c31ab",
    MODE: "production",
  };
  const found = secretsInVariables(variables);
  for (const name of ["NOTES_TOKEN", "DATABASE_URL", "SESSION"] as const) expect(found).toContain(variables[name]);
  for (const name of ["DATA_DIR", "MODE"] as const) expect(found).not.toContain(variables[name]);
});

it("hides what was entered as a credential, whatever it looks like", () => {
  const text = 'the key is "my plain words"';
  const hidden = hideSecrets(Buffer.from(text), spellingsOf(["my plain words"]));
  expect(Buffer.from(hidden).toString()).toBe('the key is "[redacted]"');
});
