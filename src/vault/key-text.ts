import { AppError } from "../errors.ts";
import { createVaultKey, keyBytes, type VaultKey } from "./key-ring.ts";

/** What makes a key, for messages. */
export const howToMake = "make one with `openssl rand -base64 32`";

/** No text of a key is longer, bytes; what is, need not be read to its end. */
export const keyTextBytesMax = 256;

/** Random bytes never repeat each other this much; zeros, counted digits and the like do. */
const distinctBytesMin = 16;

const keyText = /^(?:([0-9a-fA-F]{64})|([A-Za-z0-9+/]{43}=?|[A-Za-z0-9_-]{43}=?))(?:\r?\n)?$/;

/**
 * Reads a key written in base64, base64url or hex, with at most one line end behind it, and wipes the bytes given.
 * `from` says in messages where it came from. Throws `VAULT_KEY_INVALID`, without a word of the text.
 */
export function readKeyText(text: Buffer, from: string): VaultKey {
  const bytes = decode(text.toString("latin1"));
  text.fill(0);
  if (bytes === undefined) {
    throw new AppError(
      "VAULT_KEY_INVALID",
      `${from} holds no key, which is ${keyBytes} bytes in base64 or hex: ${howToMake}`,
    );
  }
  try {
    if (new Set(bytes).size >= distinctBytesMin) return createVaultKey(bytes);
    throw new AppError("VAULT_KEY_INVALID", `the key in ${from} is not random: ${howToMake}`);
  } finally {
    bytes.fill(0);
  }
}

function decode(text: string): Buffer | undefined {
  const [, hex, base64] = keyText.exec(text) ?? [];
  if (hex !== undefined) return Buffer.from(hex, "hex");
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  // The last digit has two bits that no byte holds: a text that sets them was not written by an encoder.
  const isWhole = bytes.toString("base64url") === base64.replace("=", "").replaceAll("+", "-").replaceAll("/", "_");
  return isWhole ? bytes : undefined;
}
