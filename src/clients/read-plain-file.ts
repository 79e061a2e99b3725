import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** What came of reading a file. */
export type TextRead =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "absent" }
  | { readonly kind: "fault"; readonly reason: string };

/** Reads a file of others: plain files only, as a device never ends and a pipe waits for its writer, and up to a size. */
export function readPlainFile(file: string, bytesMax: number): TextRead {
  let opened: number | undefined;
  try {
    opened = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(opened);
    if (!stats.isFile()) return { kind: "fault", reason: "it is no plain file" };
    if (stats.size > bytesMax) return { kind: "fault", reason: `it is over ${bytesMax} bytes` };
    return { kind: "text", text: readFileSync(opened, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return code === "ENOENT" || code === "ENOTDIR" ? { kind: "absent" } : { kind: "fault", reason: code };
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}
