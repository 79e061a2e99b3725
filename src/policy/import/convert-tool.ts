import { isList, isObject, ownMember } from "../../values/json.ts";
import type { JsonObject, JsonValue } from "../../values/json.ts";
import { escapeStep } from "../../values/pointer.ts";
import { nearestWord } from "../../values/suggest.ts";
import { convertRule } from "./convert-rule.ts";
import { quoted } from "./note.ts";
import type { ProblemList } from "../../documents/problem-list.ts";
import { addEntries, addEntry, closeTool, counterNames, freeCounterName, setMember } from "./rules-draft.ts";
import type { RulesDraft } from "./rules-draft.ts";
import { approvalKeys, isAnnotation, ruleKeys, ruleLists } from "./vocabulary.ts";

/** The rules of one tool as the source has them. */
export interface ToolSource {
  /** As the source writes it; `"*"` for the rules of every tool. */
  readonly name: string;
  readonly rules: JsonValue;
  /** JSON pointer of `rules` in the source. */
  readonly path: string;
  /** The member of `rules` that only this import put around the source, which has no step in the source's pointers. */
  readonly wrapped?: string;
}

const ownWords = [...ruleLists, ...ruleKeys, "rules"];
/** Beside `action` in this language; `all_tools` has no `action`, so there they go into the entry it becomes. */
const actionWords: readonly string[] = ["action", "reason", ...approvalKeys];

/**
 * Adds the rules of one tool to its draft: entries of the older `rules` converted, members of this language as they
 * are. A wrong type is a problem and stops the import.
 */
export function convertTool(tool: ToolSource, draft: RulesDraft, problems: ProblemList): void {
  const { rules, path } = tool;
  if (rules === null || (isObject(rules) && Object.keys(rules).length === 0)) {
    draft.report({
      severity: "same",
      path,
      target: draft.pointer,
      code: "empty_rules",
      message: "the tool is listed and has no rules of its own",
    });
    return;
  }
  if (!isObject(rules)) {
    const hint = 'write `{ "limits": [...] }`, or the older `{ "rules": [...] }`';
    problems.add({ severity: "error", code: "TYPE_WRONG", message: "the rules of a tool are an object", path, hint });
    return;
  }
  if (draft.pointer === "/all_tools") convertAction(rules, path, draft);
  for (const [key, value] of Object.entries(rules)) {
    const keyPath = key === tool.wrapped ? path : `${path}/${escapeStep(key)}`;
    if (draft.pointer === "/all_tools" && actionWords.includes(key)) continue;
    convertMember(key, value, keyPath, draft, problems);
  }
}

function convertMember(key: string, value: JsonValue, path: string, draft: RulesDraft, problems: ProblemList): void {
  const list = ruleLists.find((name) => name === key);
  if (key === "rules" || list !== undefined) {
    if (!isList(value)) {
      problems.add({
        severity: "error",
        code: "TYPE_WRONG",
        message: `\`${key}\` is a list`,
        path,
        hint: "put the entry in brackets",
      });
    } else if (list === undefined) {
      for (const [index, rule] of value.entries()) convertRule(rule, `${path}/${index}`, draft);
    } else {
      const isFirst = !draft.lists.has(list);
      const target = addEntries(draft, list, list === "limits" ? renameCounters(value, path, draft) : value);
      reportKept(path, isFirst ? `${draft.pointer}/${list}` : target, draft);
    }
  } else if (ruleKeys.includes(key)) {
    if (setMember(draft, key, value)) reportKept(path, `${draft.pointer}/${key}`, draft);
    else
      closeTool(
        draft,
        path,
        "conflict",
        `${quoted(key)} is set to something else in another place that applies to the same calls`,
      );
  } else if (isAnnotation(key)) {
    draft.report({
      severity: "dropped",
      path,
      code: "annotation",
      message: `${quoted(key)} is for people and decides nothing`,
    });
  } else {
    const near = nearestWord(key, ownWords);
    closeTool(
      draft,
      path,
      "key_unknown",
      `no rules have a key ${quoted(key)}${near === undefined ? "" : ` (did you mean \`${near}\`?)`}`,
    );
  }
}

/** Limits under names that no limit from another place of the source has taken. */
function renameCounters(limits: readonly JsonValue[], path: string, draft: RulesDraft): readonly JsonValue[] {
  const taken = counterNames(draft);
  return limits.map((limit, index) => {
    const counter = isObject(limit) ? ownMember(limit, "counter") : undefined;
    if (!isObject(limit) || typeof counter !== "string" || !taken.has(counter)) return limit;
    const free = freeCounterName(counter, taken);
    const message = `the name ${quoted(counter)} is taken by a limit from another place, so this one is called ${quoted(free)}`;
    draft.report({ severity: "same", path: `${path}/${index}/counter`, code: "counter_renamed", message });
    return { ...limit, counter: free };
  });
}

/** For `all_tools`: the `action` of this language, with its words, as the entry that it stands for. */
function convertAction(rules: JsonObject, rulesPath: string, draft: RulesDraft): void {
  const action = ownMember(rules, "action") ?? "allow";
  const path = `${rulesPath}/action`;
  const reason = ownMember(rules, "reason");
  const entry = { conditions: [], ...(reason === undefined ? {} : { on_deny: reason }) };
  let used = ["action", "reason"];
  if (action === "deny") {
    const target = addEntry(draft, "deny_if", entry);
    draft.report({ severity: "same", path, target, code: "deny", message: "every call of every tool is denied" });
  } else if (action === "require_approval") {
    used = [...actionWords];
    const approval = Object.fromEntries(Object.entries(rules).filter(([key]) => approvalKeys.includes(key)));
    const target = addEntry(draft, "approve_if", { ...entry, ...approval });
    draft.report({
      severity: "same",
      path,
      target,
      code: "approval",
      message: "every call of every tool is held for a person",
    });
  } else if (action === "allow") {
    used = [];
  } else {
    closeTool(draft, path, "action_unknown", "no dialect has this action");
  }
  for (const key of Object.keys(rules).filter((word) => actionWords.includes(word) && !used.includes(word))) {
    const message = `${quoted(key)} adds nothing to the rules of every tool`;
    draft.report({ severity: "dropped", path: `${rulesPath}/${key}`, code: "no_effect", message });
  }
}

function reportKept(path: string, target: string, draft: RulesDraft): void {
  draft.report({
    severity: "same",
    path,
    target,
    code: "kept",
    message: "is part of this language and stands as it was",
  });
}
