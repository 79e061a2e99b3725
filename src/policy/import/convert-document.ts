import { isObject, ownMember } from "../../values/json.ts";
import type { JsonObject, JsonValue } from "../../values/json.ts";
import { escapeStep } from "../../values/pointer.ts";
import { nearestWord } from "../../values/suggest.ts";
import type { ProblemList } from "../../documents/problem-list.ts";
import { convertHide } from "./convert-hide.ts";
import { convertTool } from "./convert-tool.ts";
import type { ToolSource } from "./convert-tool.ts";
import { hasOwnWords } from "./is-current.ts";
import { quoted } from "./note.ts";
import type { RecognisedSource } from "./recognise.ts";
import { draftRules, finishRules } from "./rules-draft.ts";
import type { Report, RulesDraft } from "./rules-draft.ts";
import { documentKeys } from "./vocabulary.ts";

type Default = "allow" | "deny";

/** A whole version "1" document of what the source says. What is wrong enough to stop the import goes to `problems`. */
export function convertDocument(source: RecognisedSource, report: Report, problems: ProblemList): JsonObject {
  const { members } = source;
  checkVersion(members, report, problems);
  const fallback = chooseDefault(source, report, problems);
  const kept = keepMembers(members, report, problems);
  const hide = convertHide(ownMember(members, "hide"), report, problems);
  const { allTools, tools } = convertTools(source, fallback, report, problems);
  return {
    version: "1",
    default: fallback,
    ...kept,
    ...(hide.length === 0 ? {} : { hide }),
    ...(allTools === undefined ? {} : { all_tools: finishRules(allTools) }),
    ...(tools.size === 0
      ? {}
      : { tools: Object.fromEntries([...tools].map(([name, draft]) => [name, finishRules(draft)])) }),
  };
}

function checkVersion(members: JsonObject, report: Report, problems: ProblemList): void {
  const version = ownMember(members, "version");
  if (version === undefined) {
    report({
      severity: "same",
      path: "",
      target: "/version",
      code: "wrapper",
      message: "the fragment becomes a document of version 1",
    });
  } else if (version === 1) {
    report({
      severity: "same",
      path: "/version",
      target: "/version",
      code: "version",
      message: "the version is a text",
    });
  } else if (version !== "1") {
    problems.add({
      severity: "error",
      code: "VALUE_UNKNOWN",
      message: 'the only version that can be read is `"1"`',
      path: "/version",
      hint: 'write `"1"` if it is an older policy; another format cannot be imported',
    });
  }
}

/**
 * A missing `default` meant allow in a whole older document. In a fragment it meant nothing, and the hosted dialect
 * required it, so there the stricter one is taken.
 */
function chooseDefault(source: RecognisedSource, report: Report, problems: ProblemList): Default {
  const { members } = source;
  const written = ownMember(members, "default");
  const isOlder = Object.hasOwn(members, "version") && !hasOwnWords(source);
  if (written !== undefined && written !== "allow" && written !== "deny") {
    problems.add({
      severity: "error",
      code: "VALUE_UNKNOWN",
      message: "`default` is `allow` or `deny`",
      path: "/default",
      hint: "write `deny` unless tools that are not listed should pass",
    });
  }
  if (written === "allow" || (written === undefined && isOlder)) {
    if (written === undefined) {
      const message =
        "a missing `default` meant allow, so every tool that is not listed passes; `deny` is recommended, with the tools that should pass listed";
      report({ severity: "same", path: "", target: "/default", code: "default_allow", message });
    }
    return "allow";
  }
  if (written === undefined) {
    const message = "nothing is said of tools that are not listed, so they are denied";
    report({ severity: "changed", path: "", target: "/default", code: "default_deny", message });
  }
  const doors = ["resources", "prompts", "sampling", "elicitation", "roots"].filter(
    (door) => !Object.hasOwn(members, door),
  );
  if (doors.length > 0) {
    const message = `\`deny\` also closes ${doors.map((door) => `\`${door}\``).join(", ")}, which the older dialects did not speak of and let pass; write \`"allow"\` for those that should stay open`;
    report({
      severity: "changed",
      path: written === undefined ? "" : "/default",
      target: "/default",
      code: "doors_closed",
      message,
    });
  }
  return "deny";
}

/** The members that stand as they were; unknown ones move to `x-` names, unless they may have been rules. */
function keepMembers(members: JsonObject, report: Report, problems: ProblemList): JsonObject {
  const kept: [string, JsonValue][] = [];
  for (const [key, value] of Object.entries(members)) {
    if (["version", "default", "hide", "all_tools"].includes(key)) continue;
    const path = `/${escapeStep(key)}`;
    if (documentKeys.includes(key) || key.startsWith("x-")) {
      kept.push([key, value]);
      report({
        severity: "same",
        path,
        target: path,
        code: "kept",
        message: "is part of this language and stands as it was",
      });
      continue;
    }
    const near = nearestWord(key, documentKeys);
    const moved = `x-${key}`;
    if (near !== undefined || isObject(value) || Object.hasOwn(members, moved)) {
      const hint =
        near === undefined
          ? "put the rules of tools under `tools`, or remove it"
          : `did you mean \`${near}\`? correct or remove it`;
      problems.add({
        severity: "error",
        code: "KEY_UNKNOWN",
        message: `the key ${quoted(key)} is not part of any dialect`,
        path,
        hint,
        at: "key",
      });
      continue;
    }
    kept.push([moved, value]);
    const message = `no dialect has a key ${quoted(key)}; it had no effect and is kept for people under another name`;
    report({ severity: "dropped", path, target: `/${escapeStep(moved)}`, code: "key_moved", message });
  }
  return Object.fromEntries(kept);
}

interface Drafts {
  readonly allTools: RulesDraft | undefined;
  readonly tools: ReadonlyMap<string, RulesDraft>;
}

function convertTools(source: RecognisedSource, fallback: Default, report: Report, problems: ProblemList): Drafts {
  let allTools: RulesDraft | undefined;
  const tools = new Map<string, RulesDraft>();
  const own = ownMember(source.members, "all_tools");
  const everything: readonly ToolSource[] =
    own === undefined ? source.tools : [{ name: "*", rules: own, path: "/all_tools" }, ...source.tools];
  for (const tool of everything) {
    if (tool.name === "*") {
      allTools ??= draftRules(undefined, report);
      if (tool.path !== "/all_tools") {
        const message =
          "the rules apply to every call beside the tool's own, and open no tool that is not listed, as before";
        report({ severity: "same", path: tool.path, target: "/all_tools", code: "wildcard", message });
      }
      convertTool(tool, allTools, problems);
      continue;
    }
    const name = nameInLanguage(tool, fallback, report);
    if (name === undefined) continue;
    const draft = tools.get(name) ?? draftRules(name, report);
    tools.set(name, draft);
    convertTool(tool, draft, problems);
  }
  return { allTools, tools };
}

/**
 * The key in the result. A name with `*` was an exact name that no tool has; here it is a pattern. Under `deny` that
 * would open tools, so it is left out; under `allow` it can only restrict them.
 */
function nameInLanguage({ name, path }: ToolSource, fallback: Default, report: Report): string | undefined {
  if (!name.includes("*")) return name;
  if (fallback === "deny") {
    const message = `${quoted(name)} was an exact name in the older dialects and would open tools as a pattern, so it is left out; list the tools it is meant for`;
    report({ severity: "dropped", path, code: "pattern_name", message });
    return undefined;
  }
  const pattern = name.replaceAll(/\*+/g, "*");
  const message = `${quoted(name)} was an exact name in the older dialects; here it is a pattern, and its rules apply to every tool that matches and has no entry of its own`;
  report({ severity: "changed", path, target: `/tools/${escapeStep(pattern)}`, code: "pattern_name", message });
  return pattern;
}
