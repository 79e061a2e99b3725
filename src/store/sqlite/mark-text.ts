import type { FlowMark } from "../../values/admission.ts";
import { corrupt } from "./sqlite-error.ts";

/** Pure. A mark as text; equal marks give equal texts. `[server, tool]`, and for a reviewed tool its category and signals. */
export function encodeMark(mark: FlowMark): string {
  const { server, tool, category, signals } = mark;
  const review = category === undefined && signals === undefined ? [] : [category ?? null, signals ?? null];
  return JSON.stringify([server, tool, ...review]);
}

/** Pure. Reads what {@link encodeMark} wrote. Throws `STORE_CORRUPT` for anything else. */
export function decodeMark(text: string): FlowMark {
  const parsed = parseJson(text);
  if (Array.isArray(parsed)) {
    const [server, tool, category, signals]: unknown[] = parsed;
    if (typeof server === "string" && typeof tool === "string" && isText(category) && isTextList(signals)) {
      return { server, tool, category: category ?? undefined, signals: signals ?? undefined };
    }
  }
  throw corrupt("the store holds a flow mark that cannot be read");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === "string";
}

function isTextList(value: unknown): value is readonly string[] | null | undefined {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
