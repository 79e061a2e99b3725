import { randomBytes } from "node:crypto";

/** A new unguessable id: the prefix, an underscore and 22 URL-safe characters (128 random bits). */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString("base64url")}`;
}
