import { isObject } from "../../values/json.ts";
import type { JsonObject } from "../../values/json.ts";
import { ProblemList } from "../../documents/problem-list.ts";
import { convertDocument } from "./convert-document.ts";
import { isCurrent } from "./is-current.ts";
import type { ImportNote, ImportResult } from "./note.ts";
import { readSource } from "./read-source.ts";
import { recognise } from "./recognise.ts";

/**
 * Pure. Reads a policy of an older dialect, or a fragment of one, and gives a whole document of this language with a
 * report on every rule: the older YAML with `rules`, the same in JSON, and published fragments without their wrapper.
 * `tool` names the tool when the source is the rules of a single one.
 *
 * The result is never wider than the source: where no exact equivalent exists the stricter reading is taken and noted,
 * or the rule is dropped and its tool denied. Whether members that were kept as they stand are right is told by
 * loading the document.
 *
 * Errors among the problems (`document` is then undefined): those of reading a text, `SHAPE_UNKNOWN`, `TYPE_WRONG`,
 * `VALUE_UNKNOWN`, `KEY_UNKNOWN`, `IMPORT_TOOL_MISSING`. A warning: `IMPORT_TOOL_UNUSED`.
 */
export function importPolicy(
  text: string,
  options: { readonly file?: string; readonly tool?: string } = {},
): ImportResult {
  const problems = new ProblemList(text, options.file);
  const report: ImportNote[] = [];
  const document = read(text, options, report, problems);
  return {
    document: problems.hasError ? undefined : document,
    report: problems.hasError ? [] : report,
    problems: problems.sorted(),
  };
}

function read(
  text: string,
  options: { readonly file?: string; readonly tool?: string },
  report: ImportNote[],
  problems: ProblemList,
): JsonObject | undefined {
  const value = readSource(text, options.file, problems);
  if (value === undefined || problems.hasError) return undefined;
  const source = recognise(value, options.tool, problems);
  if (source === undefined) return undefined;
  if (isObject(value) && isCurrent(source)) {
    report.push({
      severity: "same",
      path: "",
      target: "",
      code: "already_current",
      message: "this is a whole document of this language already",
    });
    return value;
  }
  return convertDocument(source, (note) => report.push(note), problems);
}
