import { randomFillSync } from "node:crypto";

const idBytes = 16;

/** Random bytes are drawn for many ids at once: one call of the generator costs as much as a hundred slices. */
const pool = Buffer.alloc(idBytes * 256);
let used = pool.length;

/** 22 URL-safe characters of 128 random bits. */
function randomText(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const text = pool.toString("base64url", used, used + idBytes);
  pool.fill(0, used, used + idBytes);
  used += idBytes;
  return text;
}

/** A new unguessable id: the prefix, an underscore and 22 URL-safe characters (128 random bits). */
export function newId(prefix: string): string {
  return `${prefix}_${randomText()}`;
}

/**
 * A new unguessable id that sorts by time: the prefix, eleven hex digits of the moment (milliseconds since 1970) and 22
 * URL-safe characters (128 random bits). Rows with such ids lie beside each other in the store's index.
 */
export function newTimedId(prefix: string, nowMs: number): string {
  const moment = Math.max(0, Math.trunc(nowMs)).toString(16).padStart(11, "0");
  return `${prefix}_${moment}_${randomText()}`;
}
