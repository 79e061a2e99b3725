import type { JsonValue } from "../values/json.ts";
import { readJsonText } from "./json-text.ts";
import type { DocumentProblemCode } from "./problem-codes.ts";
import type { FoundProblem, ProblemList } from "./problem-list.ts";
import { toValue } from "./text-node.ts";
import type { ReadText } from "./text-node.ts";
import { readYamlText } from "./yaml-text.ts";

/**
 * Pure. Reads a text to its plain value, with the faults in `problems`. Undefined when it cannot be read, or when there
 * is no document in it: then without a problem, as only the caller knows what should be there. A text whose file name
 * ends in `.json`, or without a known ending whose first character is `{`, is read as JSON; everything else as YAML 1.2.
 * It has at most so many MiB of UTF-8, default 1.
 */
export function readDocument(
  text: string,
  file: string | undefined,
  problems: ProblemList,
  mebibytesMax = 1,
): JsonValue | undefined {
  const refusal = refusalOfText(text, mebibytesMax);
  if (refusal !== undefined) {
    problems.add(refusal);
    return undefined;
  }
  const { root, faults } = readText(text, file);
  problems.root = root;
  for (const fault of faults) problems.addFault(fault);
  return root === undefined ? undefined : toValue(root);
}

/** Pure. Why a text is not even looked into, or undefined. */
export function refusalOfText(text: string, mebibytesMax = 1): FoundProblem<DocumentProblemCode> | undefined {
  const bytesMax = mebibytesMax * 1024 * 1024;
  if (text.length > bytesMax || new TextEncoder().encode(text).length > bytesMax) {
    return {
      severity: "error",
      code: "TEXT_TOO_LARGE",
      message: `the text is over ${mebibytesMax} MiB`,
      path: "",
      hint: "split it by server, or use patterns and categories",
    };
  }
  if (/^\uFEFF|[\u0000\uFFFD]/.test(text)) {
    return {
      severity: "error",
      code: "TEXT_ENCODING",
      path: "",
      message: "the text has a byte order mark or characters that are not UTF-8",
      hint: "save the file as UTF-8 without a byte order mark",
    };
  }
  return undefined;
}

function readText(text: string, file: string | undefined): ReadText {
  const isJson = file === undefined || !/\.(json|ya?ml)$/i.test(file) ? /^\s*\{/.test(text) : /\.json$/i.test(file);
  if (!isJson) return readYamlText(text);
  return text.trim() === "" ? { root: undefined, faults: [] } : readJsonText(text);
}
