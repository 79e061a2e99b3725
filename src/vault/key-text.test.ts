import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../errors.ts";
import { createVaultKey } from "./key-ring.ts";
import { readKeyText } from "./key-text.ts";

const bytes = Buffer.from("5f2c9be0417d88a3116e04fbc2d79530ee4a61b80c93f75d2a86d41fb9370ce2", "hex");

describe("a key's text", () => {
  const written: readonly (readonly [how: string, text: string])[] = [
    ["base64, as openssl writes it", `${bytes.toString("base64")}\n`],
    ["base64 without a line end", bytes.toString("base64")],
    ["base64 without padding", bytes.toString("base64").replace("=", "")],
    ["base64 with a Windows line end", `${bytes.toString("base64")}\r\n`],
    ["base64url", bytes.toString("base64url")],
    ["base64url with padding", `${bytes.toString("base64url")}=\n`],
    ["hex", bytes.toString("hex")],
    ["hex in capitals", `${bytes.toString("hex").toUpperCase()}\n`],
  ];
  it.each(written)("is read in %s, and wiped", (_, text) => {
    const given = Buffer.from(text);
    expect(readKeyText(given, "it").id).toBe(createVaultKey(bytes).id);
    expect(given.every((byte) => byte === 0)).toBe(true);
  });

  const bad: readonly (readonly [why: string, text: string])[] = [
    ["nothing", ""],
    ["a line end alone", "\n"],
    ["the bytes themselves", bytes.toString("latin1")],
    ["31 bytes", bytes.subarray(1).toString("base64")],
    ["33 bytes", Buffer.concat([bytes, bytes.subarray(0, 1)]).toString("base64")],
    ["16 bytes in hex", bytes.subarray(16).toString("hex")],
    ["two line ends", `${bytes.toString("base64")}\n\n`],
    ["a space before it", ` ${bytes.toString("base64")}`],
    ["both alphabets at once", `+_${bytes.toString("base64").slice(2)}`],
    ["bits that no byte holds", `${"B".repeat(42)}B=`],
    ["a name before it", `CALLGATE_KEY=${bytes.toString("base64")}`],
    ["a sentence", "correct horse battery staple, and some more of it"],
    ["zeros", Buffer.alloc(32).toString("base64")],
    ["counted digits", "0123456789abcdef".repeat(4)],
  ];
  it.each(bad)("is refused with what to do: %s", (_, text) => {
    const read = (): unknown => readKeyText(Buffer.from(text), "the file");
    expect(read).toThrow(expect.objectContaining({ code: "VAULT_KEY_INVALID" }));
    expect(read).toThrow("openssl rand -base64 32");
    expect(read).toThrow("the file");
  });

  it("is never said in a message, and a key never printed", () => {
    for (const text of [`x${bytes.toString("base64")}`, "0123456789abcdef".repeat(4)]) {
      const fault = caught(() => readKeyText(Buffer.from(text), "it"));
      expect(inspect(fault, { showHidden: true, depth: null })).not.toContain(text.slice(2, 20));
    }
    const key = readKeyText(Buffer.from(bytes.toString("hex")), "it");
    const shown = `${inspect(key, { showHidden: true, depth: null })} ${JSON.stringify(key)}`;
    for (const form of ["hex", "base64", "latin1"] as const) expect(shown).not.toContain(bytes.toString(form));
    expect(shown).not.toContain("5f 2c");
  });

  it("of random bytes is always a key, and its id says nothing of them", () => {
    fc.assert(
      fc.property(fc.constantFrom("base64" as const, "base64url" as const, "hex" as const), (encoding) => {
        const key = randomBytes(32);
        const { id } = readKeyText(Buffer.from(key.toString(encoding)), "it");
        expect(id).toMatch(/^[0-9a-f]{16}$/);
        expect(id).toBe(createVaultKey(key).id);
        key[31] = (key[31] ?? 0) ^ 1;
        expect(createVaultKey(key).id).not.toBe(id);
      }),
    );
  });

  it("gives the same id in every version, on which stored secrets rely", () => {
    expect(createVaultKey(bytes).id).toBe("401d68c405db1820");
  });
});

function caught(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("no fault");
}
