import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Problem } from "../errors.ts";

/** What a file held when it was read, to tell later whether it changed since. */
export interface SeenFile {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of its bytes, hex; `unreadable` when it could not be read. */
  readonly digest: string;
}

/** A file's text, or the problem that it cannot be read, and what was seen. */
export interface FileRead extends SeenFile {
  readonly text: string | Problem;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it is not there",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder",
};

/** Reads a file once. */
export function readFile(file: string): FileRead {
  const path = resolve(file);
  try {
    const bytes = readFileSync(path);
    return { path, digest: createHash("sha256").update(bytes).digest("hex"), text: bytes.toString("utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return {
      path,
      digest: "unreadable",
      text: {
        severity: "error",
        code: "FILE_UNREADABLE",
        message: `the file \`${file}\` cannot be read: ${reasons[code] ?? code}`,
        file,
        line: 1,
        column: 1,
        path: "",
        hint: code === "ENOENT" ? `check the name; looked for at \`${path}\`` : "name a readable file",
      },
    };
  }
}

/** The text of a file, or the problem that it cannot be read. */
export function readTextFile(file: string): string | Problem {
  return readFile(file).text;
}
