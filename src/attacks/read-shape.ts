import type { z } from "zod";
import { ProblemList } from "../documents/problem-list.ts";
import { readDocument } from "../documents/read-document.ts";
import { problemsOfShape } from "../documents/shape-problems.ts";
import type { Problem } from "../errors.ts";
import { isObject } from "../values/json.ts";

/** A text that was read to its shape, or what is wrong with it. */
export type ReadShape<T> =
  | { readonly value: T; readonly problems: ProblemList }
  | { readonly value: undefined; readonly problems: ProblemList };

/** Pure. Reads YAML text strictly into a shape; the value is undefined exactly when there is a problem. */
export function readShape<T>(text: string, file: string, schema: z.ZodType<T>): ReadShape<T> {
  const problems = new ProblemList(text, file);
  const value = readDocument(text, file, problems);
  if (!isObject(value)) {
    if (!problems.hasError) addProblem(problems, "", "there is nothing to read", "write an object");
    return { value: undefined, problems };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) for (const problem of problemsOfShape(parsed.error.issues, value)) problems.add(problem);
  return parsed.success && !problems.hasError ? { value: parsed.data, problems } : { value: undefined, problems };
}

/** Adds a fault of an entry at this pointer. */
export function addProblem(problems: ProblemList, path: string, message: string, hint: string): void {
  problems.add({ severity: "error", code: "ATTACK_INVALID", message, path, hint });
}

/** A fault of a file at a line (1 is the first). Pure. */
export function problemAt(file: string, line: number, message: string, hint: string): Problem {
  return { severity: "error", code: "ATTACK_INVALID", message, file, line, column: 1, path: "", hint };
}
