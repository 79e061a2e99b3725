import type { JsonValue } from "../values/json.ts";
import { isObject } from "../values/json.ts";
import type { PolicyDocument } from "./document.ts";
import { readJsonText } from "./json-text.ts";
import type { ProblemList } from "./problems.ts";
import { pruneDocument } from "./prune.ts";
import { policySchema } from "./schema.ts";
import { problemsOfShape } from "./shape-problems.ts";
import { toValue } from "./text-node.ts";
import type { ReadText } from "./text-node.ts";
import { readYamlText } from "./yaml-text.ts";

/** A policy text has at most this many bytes of UTF-8. */
export const textBytesMax: number = 1024 * 1024;

/** A document read from a text. `isWhole`: nothing had to be left out to read it, so it may be used for deciding. */
export interface ParsedPolicy {
  readonly document: PolicyDocument;
  readonly isWhole: boolean;
}

/**
 * Pure. Reads a policy text to a document whose shape is right. When the shape is not right, an error is added to
 * `problems` and what is left serves to find the other problems; undefined when there is nothing left. A text whose file name ends in `.json`, or without a file name whose first character is `{`, is read as
 * JSON; everything else as YAML 1.2.
 */
export function parsePolicy(text: string, file: string | undefined, problems: ProblemList): ParsedPolicy | undefined {
  const value = readDocument(text, file, problems);
  if (value === undefined) return undefined;
  if (!isObject(value) || Object.keys(value).length === 0) {
    problems.add({
      severity: "error",
      code: "POLICY_EMPTY",
      message: isObject(value) ? "the document is empty" : "the document is not an object",
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

/** Pure. Reads any JSON or YAML text to its plain value; undefined when it has none or cannot be read, with the faults in `problems`. */
export function readDocument(text: string, file: string | undefined, problems: ProblemList): JsonValue | undefined {
  const refusal = refusalOfText(text);
  if (refusal !== undefined) {
    problems.add({ severity: "error", path: "", ...refusal });
    return undefined;
  }
  const { root, faults } = readText(text, file);
  problems.root = root;
  for (const fault of faults) problems.addFault(fault);
  if (root === undefined && faults.length === 0) {
    problems.add({
      severity: "error",
      code: "POLICY_EMPTY",
      message: "the text holds no document",
      path: "",
      hint: 'start with `{ "version": "1", "default": "deny" }`',
    });
  }
  return root === undefined ? undefined : toValue(root);
}

function refusalOfText(
  text: string,
): { readonly code: "TEXT_TOO_LARGE" | "TEXT_ENCODING"; readonly message: string; readonly hint: string } | undefined {
  if (utf8BytesOf(text) > textBytesMax) {
    return {
      code: "TEXT_TOO_LARGE",
      message: "the text is over 1 MiB",
      hint: "split the policy by server, or use patterns and categories",
    };
  }
  if (/^\uFEFF|[\u0000\uFFFD]/.test(text)) {
    return {
      code: "TEXT_ENCODING",
      message: "the text has a byte order mark or characters that are not UTF-8",
      hint: "save the file as UTF-8 without a byte order mark",
    };
  }
  return undefined;
}

function utf8BytesOf(text: string): number {
  if (text.length > textBytesMax) return text.length;
  return new TextEncoder().encode(text).length;
}

function readText(text: string, file: string | undefined): ReadText {
  const isJson = file === undefined || !/\.(json|ya?ml)$/i.test(file) ? /^\s*\{/.test(text) : /\.json$/i.test(file);
  if (!isJson) return readYamlText(text);
  return text.trim() === "" ? { root: undefined, faults: [] } : readJsonText(text);
}
