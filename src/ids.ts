import { randomBytes } from "node:crypto";

/** A new unguessable id: the prefix, an underscore and 22 URL-safe characters (128 random bits). */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString("base64url")}`;
}

/**
 * A new unguessable id that sorts by time: the prefix, eleven hex digits of the moment (milliseconds since 1970) and 22
 * URL-safe characters (128 random bits). Rows with such ids lie beside each other in the store's index.
 */
export function newTimedId(prefix: string, nowMs: number): string {
  const moment = Math.max(0, Math.trunc(nowMs)).toString(16).padStart(11, "0");
  return `${prefix}_${moment}_${randomBytes(16).toString("base64url")}`;
}
