import { isList, isObject, jsonTypeOf, ownMember } from "../../values/json.ts";
import type { JsonObject, JsonValue } from "../../values/json.ts";
import { nearestWord } from "../../values/suggest.ts";
import { escapeStep } from "../../values/pointer.ts";
import { compileCondition } from "../conditions/compile-condition.ts";
import type { ConditionProblem, ConditionSource } from "../conditions/condition.ts";
import { quoted } from "./note.ts";
import { convertPath } from "./older-path.ts";
import { excludedMembers, mayBePrintedForm } from "./printed-text.ts";
import { closeTool } from "./rules-draft.ts";
import type { RulesDraft } from "./rules-draft.ts";
import { olderOperators } from "./vocabulary.ts";

/**
 * One condition of the older language as a condition of a `require` entry. Undefined when it has no equivalent; the
 * tool is then closed and the reason reported. The older language knows the pass side only, where a call without the
 * field is denied by every operator but `exists`, in both languages.
 */
export function convertCondition(source: JsonValue, path: string, draft: RulesDraft): JsonObject | undefined {
  if (!isObject(source)) {
    closeTool(draft, path, "rule_unreadable", "a condition is an object with `path`, `op` and `value`");
    return undefined;
  }
  let isWhole = true;
  for (const key of Object.keys(source)) {
    if (key === "path" || key === "op" || key === "value") continue;
    closeTool(draft, `${path}/${escapeStep(key)}`, "key_unknown", `no condition has a key ${quoted(key)}`);
    isWhole = false;
  }
  const place = readPath(ownMember(source, "path"), `${path}/path`, draft);
  const comparison = convertComparison(source, path, draft);
  if (!isWhole || place === undefined || comparison === undefined) return undefined;
  return whenAccepted({ path: place, ...comparison }, path, draft);
}

function readPath(source: JsonValue | undefined, path: string, draft: RulesDraft): string | undefined {
  const converted = typeof source === "string" ? convertPath(source) : undefined;
  if (converted === undefined) {
    const written = typeof source === "string" ? quoted(source) : "that is no text";
    closeTool(draft, path, "path_unknown", `a path ${written} does not name an argument as \`args.name\` does`);
    return undefined;
  }
  if (converted.isLiteral) {
    draft.report({
      severity: "same",
      path,
      code: "path_literal",
      message: `the older language has no indexes, so ${quoted(converted.path)} is looked up by these names, which few calls have; write an index or \`[*]\` if that was meant`,
    });
  }
  return converted.path;
}

/** The condition, unless this language refuses it, for example for a pattern over the bounds. */
function whenAccepted(
  condition: ConditionSource & JsonObject,
  path: string,
  draft: RulesDraft,
): JsonObject | undefined {
  const faults: string[] = [];
  const report = ({ severity, message }: ConditionProblem): void => {
    if (severity === "error") faults.push(message);
  };
  if (compileCondition(condition, "", "pass", { lists: {}, report }) !== undefined) return condition;
  closeTool(draft, path, "value_unusable", faults.join(", "));
  return undefined;
}

type Comparison = { readonly op: string; readonly value: JsonValue };

/** The operator and right side, or undefined with the tool closed. */
function convertComparison(source: JsonObject, path: string, draft: RulesDraft): Comparison | undefined {
  const op = ownMember(source, "op");
  const value = ownMember(source, "value");
  const valuePath = `${path}/value`;
  switch (op) {
    case "eq":
    case "neq":
      return convertEquality(op, value, valuePath, draft);
    case "in":
    case "not_in":
      return convertMembership(op, value, valuePath, draft);
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      if (typeof value === "number") return { op, value };
      closeTool(draft, valuePath, "never_holds", `${quoted(op)} with anything but a number never held`);
      return undefined;
    case "exists":
      if (typeof value === "boolean") return { op, value };
      closeTool(draft, valuePath, "value_unusable", "`exists` wants true or false");
      return undefined;
    case "regex":
      return convertRegex(value, valuePath, draft);
    case "contains":
      return convertContains(value, valuePath, draft);
    default: {
      const written = typeof op === "string" ? op : "";
      const near = nearestWord(written, olderOperators);
      closeTool(
        draft,
        `${path}/op`,
        "operator_unknown",
        `no operator ${quoted(written)}${near === undefined ? "" : ` (did you mean \`${near}\`?)`}`,
      );
      return undefined;
    }
  }
}

function convertEquality(
  op: "eq" | "neq",
  value: JsonValue | undefined,
  path: string,
  draft: RulesDraft,
): Comparison | undefined {
  if (value === undefined || value === null) {
    closeTool(draft, path, "value_unusable", `${quoted(op)} without a value, or with null, has no equivalent`);
    return undefined;
  }
  if (op === "neq" && isContainer(value)) {
    closeTool(
      draft,
      path,
      "value_unusable",
      "`neq` compared the printed text of lists and objects, which has no equivalent",
    );
    return undefined;
  }
  reportTypes(op, [value], path, draft);
  return { op, value };
}

function convertMembership(
  op: "in" | "not_in",
  value: JsonValue | undefined,
  path: string,
  draft: RulesDraft,
): Comparison | undefined {
  if (!isList(value)) {
    closeTool(draft, path, "value_unusable", `${quoted(op)} wants a list`);
    return undefined;
  }
  if (op === "not_in") return convertExclusion(value, path, draft);
  const members = value.filter((member) => member !== null);
  if (members.length === 0) {
    closeTool(draft, path, "never_holds", "`in` with an empty list never held");
    return undefined;
  }
  reportTypes(op, members, path, draft);
  return { op, value: members };
}

function convertExclusion(members: readonly JsonValue[], path: string, draft: RulesDraft): Comparison | undefined {
  if (members.some(isContainer)) {
    closeTool(
      draft,
      path,
      "value_unusable",
      "`not_in` compared the printed text of lists and objects, which has no equivalent",
    );
    return undefined;
  }
  if (members.length === 0) return { op: "exists", value: true };
  reportTypes("not_in", members, path, draft);
  return { op: "not_in", value: excludedMembers(members) };
}

function convertRegex(value: JsonValue | undefined, path: string, draft: RulesDraft): Comparison | undefined {
  if (typeof value !== "string" || value === "") {
    closeTool(draft, path, "value_unusable", "`regex` wants a pattern");
    return undefined;
  }
  if (!/^(?:\(\?\w+\))?(?:\^|\\A)/.test(value) || !/(?:\$|\\z)$/.test(value)) {
    draft.report({
      severity: "same",
      path,
      code: "regex_unanchored",
      message:
        "the pattern is found anywhere in the text, as before, so longer texts pass too; `matches` wants the whole text",
    });
  }
  return { op: "regex", value };
}

function convertContains(value: JsonValue | undefined, path: string, draft: RulesDraft): Comparison | undefined {
  if (value === undefined || value === null || value === "") {
    closeTool(draft, path, "value_unusable", "`contains` wants something to look for");
    return undefined;
  }
  reportTypes("contains", [value], path, draft);
  return { op: "contains", value };
}

/** Reports where a comparison by printed text (`"5"` equal to 5) decided otherwise than one by type and value. */
function reportTypes(op: string, values: readonly JsonValue[], path: string, draft: RulesDraft): void {
  if (op === "neq" || op === "not_in") {
    const message = `the older engine compared printed text, so ${quoted(op)} let other types through; now an argument of another type than the right side is denied, and one that is missing still is`;
    draft.report({ severity: "changed", path, code: "types", message });
  } else if (values.some((value) => typeof value !== "string" || mayBePrintedForm(value))) {
    const types = [...new Set(values.map(jsonTypeOf))].join(" or ");
    const message = `the older engine compared printed text, so \`"5"\` was equal to 5; now the argument must be a ${types} too`;
    draft.report({ severity: "changed", path, code: "types", message });
  }
}

function isContainer(value: JsonValue): boolean {
  return isList(value) || isObject(value);
}
