import type { ProblemList } from "../documents/problem-list.ts";
import { readDocument } from "../documents/read-document.ts";
import { problemsOfShape } from "../documents/shape-problems.ts";
import { isObject } from "../values/json.ts";
import type { PolicyDocument } from "./document.ts";
import { pruneDocument } from "./prune.ts";
import { policySchema } from "./schema.ts";

/** A document read from a text. `isWhole`: nothing had to be left out to read it, so it may be used for deciding. */
export interface ParsedPolicy {
  readonly document: PolicyDocument;
  readonly isWhole: boolean;
}

/**
 * Pure. Reads a policy text to a document whose shape is right. When the shape is not right, an error is added to
 * `problems` and what is left serves to find the other problems; undefined when there is nothing left.
 */
export function parsePolicy(text: string, file: string | undefined, problems: ProblemList): ParsedPolicy | undefined {
  const value = readDocument(text, file, problems);
  if (value === undefined && problems.hasError) return undefined;
  if (!isObject(value) || Object.keys(value).length === 0) {
    const isEmpty = value === undefined || isObject(value);
    problems.add({
      severity: "error",
      code: "POLICY_EMPTY",
      message: isEmpty ? "the document is empty" : "the document is not an object",
      path: "",
      hint: 'start with `{ "version": "1", "default": "deny" }`',
    });
    return undefined;
  }
  const known = Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("x-")));
  const result = policySchema.safeParse(known);
  if (!result.success) {
    for (const problem of problemsOfShape(result.error.issues, known)) problems.add(problem);
    const rest = pruneDocument(known);
    return rest && { document: rest, isWhole: false };
  }
  return { document: result.data, isWhole: true };
}
