import type { Problem } from "../errors.ts";
import { ProblemList } from "../documents/problem-list.ts";
import { readDocument } from "../documents/read-document.ts";
import { problemsOfShape } from "../documents/shape-problems.ts";
import { isObject } from "../values/json.ts";
import { report } from "./config-problems.ts";
import { type SeenFile, readFile } from "./read-text-file.ts";
import { type ConfigDocument, configSchema } from "./schema.ts";

/** A configuration file as it was read. */
export interface ConfigDocumentRead {
  readonly seen: SeenFile;
  /** With the problems of its text and shape; whoever reads on adds to them. */
  readonly problems: ProblemList;
  /** Undefined when text or shape have errors. */
  readonly document: ConfigDocument | undefined;
}

/** Reads a file in the shape of `callgate.yaml`. A file that cannot be read is a problem of its own: then only `problem`. */
export function readConfigDocument(
  file: string,
): ConfigDocumentRead | { readonly seen: SeenFile; readonly problem: Problem } {
  const seen = readFile(file);
  if (typeof seen.text !== "string") return { seen, problem: seen.text };
  const problems = new ProblemList(seen.text, file);
  const value = readDocument(seen.text, file, problems);
  const document = isObject(value) ? configSchema.safeParse(value) : undefined;
  if (document?.success === false && value !== undefined) {
    for (const problem of problemsOfShape(document.error.issues, value)) problems.add(problem);
  }
  if (document?.success === true) return { seen, problems, document: document.data };
  if (!problems.hasError) {
    const hint = "start with `servers: { NAME: { command: node, args: [server.js] } }`";
    report(problems, "", "the file holds no configuration", hint);
  }
  return { seen, problems, document: undefined };
}
