import type { Problem } from "../errors.ts";
import type { InputProblemView } from "./contract/problem.ts";

/** Pure. A problem of a document as the API shows it: the text has no file's name here. */
export function problemView({ path, message, hint, code, severity, line, column }: Problem): InputProblemView {
  return { path, message, hint, code, severity, line, column };
}
