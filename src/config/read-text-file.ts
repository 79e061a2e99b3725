import { readFileSync } from "node:fs";
import type { Problem } from "../errors.ts";

/** The text of a file, or the problem that it cannot be read. */
export function readTextFile(file: string): string | Problem {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return {
      severity: "error",
      code: "FILE_UNREADABLE",
      message: `the file \`${file}\` cannot be read (${code})`,
      file,
      line: 1,
      column: 1,
      path: "",
      hint: "name a readable file",
    };
  }
}
