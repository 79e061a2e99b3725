import { AppError } from "../errors.ts";

/** Where a page of tools ended: the stage of the search, the key and the row in its order. */
export interface Position {
  readonly stage: number;
  readonly key: string;
  readonly id: number;
}

/** Pure. A position as text for clients, who read nothing into it. */
export function writeCursor({ stage, key, id }: Position): string {
  return Buffer.from(JSON.stringify([stage, key, id])).toString("base64url");
}

/** Pure. The position in a cursor. Throws `INPUT_INVALID` for anything that {@link writeCursor} did not write. */
export function readCursor(text: string): Position {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length === 3) {
      const [stage, key, id]: unknown[] = parts;
      if (Number.isInteger(stage) && typeof key === "string" && Number.isSafeInteger(id)) {
        return { stage: Number(stage), key, id: Number(id) };
      }
    }
  } catch {
    // Said below.
  }
  throw new AppError("INPUT_INVALID", "the cursor cannot be read: leave it out to start again");
}
