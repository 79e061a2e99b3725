import { createDecipheriv, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../errors.ts";
import { createVaultKey, type KeyRing } from "./key-ring.ts";
import { Secret } from "./secret.ts";
import { type Binding, createVault, type Vault } from "./vault.ts";

const text = "sk-live-0123456789abcdef";
const binding: Binding = { recordId: "srv_1", version: 3, origin: "https://api.example.com" };
const installId = "ins_1";
const rootBytes = randomBytes(32);
const oldKey = createVaultKey(rootBytes);
const newKey = createVaultKey(randomBytes(32));

function vaultWith(current: KeyRing["current"], ...previous: KeyRing["previous"]): Vault {
  return createVault({ installId, keys: { current, previous } });
}

const vault = vaultWith(oldKey);

/** Why a text did not open. */
function reasonOf(open: () => unknown): unknown {
  try {
    open();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe("SECRET_UNREADABLE");
    expect(`${error.message} ${error.publicMessage} ${JSON.stringify(error.data)}`).not.toContain(text);
    return error.data?.["reason"];
  }
  return "opened";
}

/** A box opened by hand, as the format says: nonce, what was encrypted, tag. Throws when it does not open. */
function openByHand(key: Uint8Array, box: string, associated: string): Buffer {
  const bytes = Buffer.from(box, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(associated)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
}

describe("a sealed text", () => {
  it("is what the format says, both of its layers bound to the place and each to its purpose", () => {
    const [version, keyId, bound = "", wrapped = "", body = ""] = vault.seal(Secret.of(text), binding).split(".");
    const place = '{"install":"ins_1","origin":"https://api.example.com","record":"srv_1","version":3}';
    expect([version, keyId, Buffer.from(bound, "base64url").toString()]).toEqual(["cgv1", oldKey.id, place]);
    const dataKey = openByHand(rootBytes, wrapped, `callgate vault 1: data key\n${place}`);
    expect(dataKey).toHaveLength(32);
    expect(openByHand(dataKey, body, `callgate vault 1: secret\n${place}`).toString()).toBe(text);
    for (const other of [place.replace("srv_1", "srv_2"), place.replace(":3", ":4"), ""]) {
      expect(() => openByHand(rootBytes, wrapped, `callgate vault 1: data key\n${other}`)).toThrow("authenticate");
      expect(() => openByHand(dataKey, body, `callgate vault 1: secret\n${other}`)).toThrow("authenticate");
    }
  });

  it("opens to the secret, in its own place", () => {
    const sealed = vault.seal(Secret.of(text), binding);
    expect(sealed).toMatch(/^[\w.-]+$/);
    expect(sealed).not.toContain(text);
    expect(vault.open(sealed, binding).reveal()).toBe(text);
  });

  it("opens to whatever text was sealed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (any) => {
        expect(vault.open(vault.seal(Secret.of(any), binding), binding).reveal()).toBe(any);
      }),
    );
    const long = "k".repeat(1_000_000);
    expect(vault.open(vault.seal(Secret.of(long), binding), binding).reveal()).toBe(long);
  });

  it("does not open with any character changed", () => {
    const sealed = vault.seal(Secret.of(text), binding);
    const opened: string[] = [];
    for (let place = 0; place < sealed.length; place += 1) {
      for (const other of "AQgw0_-.=+/ \n") {
        if (sealed[place] === other) continue;
        const changed = sealed.slice(0, place) + other + sealed.slice(place + 1);
        if (reasonOf(() => vault.open(changed, binding)) === "opened") opened.push(changed);
      }
    }
    expect(opened).toEqual([]);
  });

  it("does not open with any bit of it flipped, as text or inside its base64url", () => {
    const sealed = vault.seal(Secret.of(text), binding);
    const flipped: string[] = [];
    const flip = (bytes: Buffer, write: (changed: Buffer) => string): void => {
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        flipped.push(write(changed));
      }
    };
    flip(Buffer.from(sealed), (changed) => changed.toString("latin1"));
    const parts = sealed.split(".");
    for (const index of [2, 3, 4]) {
      flip(Buffer.from(parts[index] ?? "", "base64url"), (changed) =>
        parts.with(index, changed.toString("base64url")).join("."),
      );
    }
    expect(flipped.length).toBeGreaterThan(3_000);
    expect(flipped.filter((changed) => reasonOf(() => vault.open(changed, binding)) === "opened")).toEqual([]);
    expect(new Set(flipped.map((changed) => reasonOf(() => vault.open(changed, binding))))).toEqual(
      new Set(["malformed", "unknown_key", "other_binding", "changed"]),
    );
  });

  it("does not open cut, made longer, or put together from two", () => {
    const one = vault.seal(Secret.of(text), binding);
    const two = vault.seal(Secret.of("another secret here"), binding);
    const joined = [3, 4].map((index) =>
      one
        .split(".")
        .with(index, two.split(".")[index] ?? "")
        .join("."),
    );
    const cut = Array.from({ length: one.length }, (_, length) => one.slice(0, length));
    const wrong = [
      ...joined,
      ...cut,
      `${one}A`,
      `${one}\n`,
      ` ${one}`,
      `${one}.`,
      one.replace("cgv1", "cgv2"),
      "",
      ".",
    ];
    expect(wrong.filter((sealed) => reasonOf(() => vault.open(sealed, binding)) === "opened")).toEqual([]);
  });

  const elsewhere: readonly (readonly [what: string, place: Partial<Binding>])[] = [
    ["record", { recordId: "srv_2" }],
    ["version", { version: 4 }],
    ["origin", { origin: "https://api.example.com.evil.example" }],
    ["origin of another port", { origin: "https://api.example.com:8443" }],
    ["record that runs into the origin", { recordId: 'srv_1","origin":"x' }],
  ];
  it.each(elsewhere)("does not open for another %s, also when it says it is of that one", (_, place) => {
    const sealed = vault.seal(Secret.of(text), binding);
    const other = { ...binding, ...place };
    expect(reasonOf(() => vault.open(sealed, other))).toBe("other_binding");
    // What a text says of itself is not what is believed: with the other's claim in it, it is a changed text.
    const claim = vault.seal(Secret.of("x"), other).split(".")[2] ?? "";
    expect(reasonOf(() => vault.open(sealed.split(".").with(2, claim).join("."), other))).toBe("changed");
  });

  it("does not open in another install with the same key", () => {
    const sealed = vault.seal(Secret.of(text), binding);
    const other = createVault({ installId: "ins_2", keys: { current: oldKey, previous: [] } });
    expect(reasonOf(() => other.open(sealed, binding))).toBe("other_binding");
    expect(
      reasonOf(() => createVault({ installId: "ins_2", keys: { current: newKey, previous: [oldKey] } }).rewrap(sealed)),
    ).toBe("other_binding");
  });

  it("does not open under another key, also when it says it is under that one", () => {
    const sealed = vault.seal(Secret.of(text), binding);
    const other = vaultWith(newKey);
    expect(reasonOf(() => other.open(sealed, binding))).toBe("unknown_key");
    expect(() => other.open(sealed, binding)).toThrow(`\`${oldKey.id}\``);
    expect(reasonOf(() => other.open(sealed.replace(oldKey.id, newKey.id), binding))).toBe("changed");
  });

  it("is refused for a version that two records could share", () => {
    for (const version of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 53]) {
      expect(() => vault.seal(Secret.of(text), { ...binding, version })).toThrow("whole number");
    }
  });

  it("has a data key and nonces that never come again, in 100,000 of the same secret", { timeout: 120_000 }, () => {
    const seen = new Set<string>();
    const count = 100_000;
    const secret = Secret.of("short");
    for (let index = 0; index < count; index += 1) {
      const [, , bound = "", wrapped = "", body = ""] = vault.seal(secret, binding).split(".");
      const place = Buffer.from(bound, "base64url").toString();
      seen.add(openByHand(rootBytes, wrapped, `callgate vault 1: data key\n${place}`).toString("latin1"));
      seen.add(Buffer.from(wrapped, "base64url").toString("latin1", 0, 12));
      seen.add(Buffer.from(body, "base64url").toString("latin1", 0, 12));
    }
    expect(seen.size).toBe(3 * count);
  });
});

describe("the rotation of the key", () => {
  it("lets older keys open and the current one seal", () => {
    const before = vault.seal(Secret.of(text), binding);
    const rotating = vaultWith(newKey, oldKey);
    expect(rotating.currentKeyId).toBe(newKey.id);
    expect(rotating.open(before, binding).reveal()).toBe(text);
    const after = rotating.seal(Secret.of(text), binding);
    expect(reasonOf(() => vault.open(after, binding))).toBe("unknown_key");
    expect(vaultWith(newKey).open(after, binding).reveal()).toBe(text);
  });

  it("moves the data key alone, once, and the older key is then needed no more", () => {
    const before = vault.seal(Secret.of(text), binding);
    const rotating = vaultWith(newKey, oldKey);
    const after = rotating.rewrap(before) ?? "";
    expect(after.split(".")[4]).toBe(before.split(".")[4]);
    expect(after.split(".")[3]).not.toBe(before.split(".")[3]);
    expect(vaultWith(newKey).open(after, binding).reveal()).toBe(text);
    expect(rotating.rewrap(after)).toBeUndefined();
    expect(vault.rewrap(before)).toBeUndefined();
  });

  it("goes back the same way", () => {
    const before = vault.seal(Secret.of(text), binding);
    const after = vaultWith(newKey, oldKey).rewrap(before) ?? "";
    const back = vaultWith(oldKey, newKey).rewrap(after) ?? "";
    expect(vault.open(back, binding).reveal()).toBe(text);
  });

  it("moves no text that was changed, and says what it lacks", () => {
    const sealed = vault.seal(Secret.of(text), binding);
    const rotating = vaultWith(newKey, oldKey);
    const claim = vault.seal(Secret.of("x"), { ...binding, origin: "https://evil.example" }).split(".")[2] ?? "";
    expect(reasonOf(() => rotating.rewrap(sealed.split(".").with(2, claim).join(".")))).toBe("changed");
    expect(reasonOf(() => vaultWith(newKey).rewrap(sealed))).toBe("unknown_key");
    expect(reasonOf(() => rotating.rewrap("cgv1.x"))).toBe("malformed");
  });
});
