import { createHash, randomBytes } from "node:crypto";

/** SHA-256 of a text's UTF-8 bytes, in lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** A new grant token, `cg_<id>_<43 URL-safe characters>` (256 random bits). Shown once, stored only as SHA-256. */
export function newGrantToken(grantId: string): string {
  return `cg_${grantId}_${randomBytes(32).toString("base64url")}`;
}
