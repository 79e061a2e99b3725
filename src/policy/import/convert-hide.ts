import { isList } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import type { ProblemList } from "../../documents/problem-list.ts";
import { quoted } from "./note.ts";
import type { Report } from "./rules-draft.ts";

/** The hidden tools without blank and repeated entries. Names with `*` were exact names and now hide what they match. */
export function convertHide(source: JsonValue | undefined, report: Report, problems: ProblemList): readonly string[] {
  if (source === undefined || source === null) return [];
  const hide: string[] = [];
  if (!isList(source)) {
    problems.add({
      severity: "error",
      code: "TYPE_WRONG",
      message: "`hide` is a list of tool names",
      path: "/hide",
      hint: "put the name in brackets",
    });
    return hide;
  }
  report({
    severity: "same",
    path: "/hide",
    target: "/hide",
    code: "hide",
    message:
      "hidden tools are neither listed nor callable, as before; a call is answered as for a tool that does not exist",
  });
  for (const [index, entry] of source.entries()) {
    const path = `/hide/${index}`;
    if (typeof entry !== "string") {
      problems.add({
        severity: "error",
        code: "TYPE_WRONG",
        message: "a hidden tool is named by a text",
        path,
        hint: "put the name in quotes",
      });
      continue;
    }
    const name = entry.replaceAll(/\*+/g, "*");
    if (name.trim() === "" || hide.includes(name)) {
      report({
        severity: "dropped",
        path,
        code: "hide_entry",
        message: "the entry is blank or repeated and hides nothing more",
      });
      continue;
    }
    if (name.includes("*") && entry !== "*") {
      const message = `${quoted(entry)} was an exact name in the older dialects; now it hides every tool it matches`;
      report({ severity: "changed", path, target: `/hide/${hide.length}`, code: "hide_entry", message });
    }
    hide.push(name);
  }
  return hide;
}
