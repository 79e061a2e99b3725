import { isList, isObject, ownMember } from "../../values/json.ts";
import type { JsonObject, JsonValue } from "../../values/json.ts";
import { toPointer } from "../../values/pointer.ts";
import type { ProblemList } from "../../documents/problem-list.ts";
import type { ToolSource } from "./convert-tool.ts";
import { documentKeys, ruleKeys, ruleLists } from "./vocabulary.ts";

/** A source taken apart: the members of its root, `tools` aside, and the rules of each tool. */
export interface RecognisedSource {
  readonly members: JsonObject;
  readonly tools: readonly ToolSource[];
}

const lonelyRuleKeys: readonly string[] = [...ruleLists, ...ruleKeys, "rules"];
/** Only an entry of the older `rules` has these, never a predicate or a limit. */
const olderEntryKeys: readonly string[] = ["action", "rate_limit", "state", "spend_limit", "approval_timeout"];

/**
 * Pure. Tells which shape a source has: a document, whole or in part; a map of tools; or, for the tool that was named,
 * its rules, its limits, one limit, its older `rules`, or one of them. Undefined with a problem for anything else:
 * what could be read in two ways is not guessed.
 */
export function recognise(
  value: JsonValue,
  tool: string | undefined,
  problems: ProblemList,
): RecognisedSource | undefined {
  if (isObject(value)) {
    if (isDocument(value)) {
      warnOfUnusedTool(tool, problems);
      return takeApart(value, problems);
    }
    if (
      Object.keys(value).length > 0 &&
      Object.values(value).every((entry) => entry === null || isObject(entry)) &&
      !isLoneRules(value)
    ) {
      warnOfUnusedTool(tool, problems);
      return { members: {}, tools: toolsOf(value, []) };
    }
  }
  const rules = recogniseRules(value);
  if (rules === undefined) {
    problems.add({
      severity: "error",
      code: "SHAPE_UNKNOWN",
      message: "this has none of the shapes that can be read without guessing",
      path: "",
      hint: "give a document, a map of tools, or a tool's rules; put lone conditions under `require` or `deny_if`, whichever is meant",
    });
    return undefined;
  }
  if (tool === undefined) {
    problems.add({
      severity: "error",
      code: "IMPORT_TOOL_MISSING",
      message: "these are rules of one tool, but nothing says of which",
      path: "",
      hint: 'name the tool with `--tool NAME`, or write `{ "name of the tool": ... }` around them',
    });
    return undefined;
  }
  return { members: {}, tools: [{ name: tool, path: "", ...rules }] };
}

function isDocument(value: JsonObject): boolean {
  const keys = Object.keys(value);
  if (keys.includes("tools") || keys.includes("all_tools")) return true;
  // A tool may be called `version`, but then its value is an object.
  if (["version", "default", "hide"].some((key) => keys.includes(key) && !isObject(value[key]))) return true;
  return keys.length > 0 && keys.every((key) => documentKeys.includes(key));
}

function isLoneRules(value: JsonObject): boolean {
  return Object.entries(value).every(
    ([key, member]) => lonelyRuleKeys.includes(key) && (!isObject(member) || isRateBlock(key, member)),
  );
}

function isRateBlock(key: string, member: JsonObject): boolean {
  return key === "rate_limit" && Object.hasOwn(member, "max");
}

/** The rules that a fragment stands for, or undefined when it could be more than one thing. */
function recogniseRules(value: JsonValue): Pick<ToolSource, "rules" | "wrapped"> | undefined {
  if (isObject(value)) {
    if (isLoneRules(value)) return { rules: value };
    if (isLimit(value)) return { rules: { limits: [value] }, wrapped: "limits" };
    if (isOlderRule(value)) return { rules: { rules: [value] }, wrapped: "rules" };
    return undefined;
  }
  if (!isList(value) || value.length === 0 || !value.every(isObject)) return undefined;
  if (value.every(isLimit)) return { rules: { limits: value }, wrapped: "limits" };
  if (value.some(isOlderRule) && !value.some(isLimit)) return { rules: { rules: value }, wrapped: "rules" };
  return undefined;
}

function isLimit(value: JsonObject): boolean {
  return Object.hasOwn(value, "counter") && Object.hasOwn(value, "max");
}

function isOlderRule(value: JsonObject): boolean {
  return olderEntryKeys.some((key) => Object.hasOwn(value, key));
}

function takeApart(document: JsonObject, problems: ProblemList): RecognisedSource | undefined {
  const members = Object.fromEntries(Object.entries(document).filter(([key]) => key !== "tools"));
  const tools = ownMember(document, "tools") ?? {};
  if (isObject(tools)) return { members, tools: toolsOf(tools, ["tools"]) };
  problems.add({
    severity: "error",
    code: "TYPE_WRONG",
    message: "`tools` is a map of tool names to rules",
    path: "/tools",
    hint: 'write `{ "name of the tool": {...} }`',
  });
  return undefined;
}

function toolsOf(map: JsonObject, steps: readonly string[]): readonly ToolSource[] {
  return Object.entries(map).map(([name, rules]) => ({ name, rules, path: toPointer([...steps, name]) }));
}

function warnOfUnusedTool(tool: string | undefined, problems: ProblemList): void {
  if (tool === undefined) return;
  problems.add({
    severity: "warning",
    code: "IMPORT_TOOL_UNUSED",
    message: "the source names its tools itself, so the tool that was named beside it is not used",
    path: "",
    hint: "leave the tool out",
  });
}
