import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeLater } from "./opened.ts";

/** A new empty folder, gone with `closeAll`. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "callgate-kit-"));
  closeLater(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
