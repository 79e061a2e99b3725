import { parse } from "smol-toml";
import type { JsonValue } from "../values/json.ts";

/**
 * Pure. A TOML document (v1.0) as plain data; times are text. Undefined for what cannot be read: a configuration is shown
 * whole or not at all.
 */
export function readToml(text: string): JsonValue | undefined {
  try {
    // Through text, so that what TOML can hold and JSON cannot is gone.
    const value: JsonValue = JSON.parse(JSON.stringify(parse(text.replace(/^\uFEFF/u, ""))));
    return value;
  } catch {
    return undefined;
  }
}
