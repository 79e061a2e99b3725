import { hash, randomBytes, randomInt } from "node:crypto";

/** SHA-256 of a text's UTF-8 bytes, in lower-case hex. */
export function sha256Hex(text: string): string {
  return hash("sha256", text, "hex");
}

/** 256 random bits as 43 URL-safe characters. */
export function newSecretText(): string {
  return randomBytes(32).toString("base64url");
}

/** What a token opens, as its first characters say: MCP servers (`cg`), or the HTTP API (`cga`). */
export type TokenPrefix = "cg" | "cga";

/** A new token of the thing of that id, shown once: prefix, id and 43 characters. Only its digest is kept. */
export function newToken(prefix: TokenPrefix, id: string): { readonly token: string; readonly sha256: string } {
  const token = `${prefix}_${id}_${newSecretText()}`;
  return { token, sha256: sha256Hex(token) };
}

const shortIdLength = 12;
const shortIdCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A new id for people to read and type, of lower-case letters and digits. Not a secret. */
export function newShortId(): string {
  return Array.from({ length: shortIdLength }, () => shortIdCharacters[randomInt(shortIdCharacters.length)]).join("");
}
