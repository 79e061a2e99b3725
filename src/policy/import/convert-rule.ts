import { isList, isObject, ownMember } from "../../values/json.ts";
import type { JsonObject, JsonValue } from "../../values/json.ts";
import { escapeStep } from "../../values/pointer.ts";
import { nearestWord } from "../../values/suggest.ts";
import { approvalTimeout } from "./approval-timeout.ts";
import { convertCondition } from "./convert-condition.ts";
import { convertLimits, isStateCondition } from "./convert-limits.ts";
import { quoted } from "./note.ts";
import { addEntry, closeTool } from "./rules-draft.ts";
import type { RulesDraft } from "./rules-draft.ts";
import { isAnnotation, olderRuleKeys } from "./vocabulary.ts";

interface OlderRule {
  readonly source: JsonObject;
  readonly path: string;
  readonly name: string | undefined;
  readonly onDeny: string | undefined;
  readonly conditions: readonly JsonValue[];
}

/**
 * Adds what one entry of the older `rules` means to the draft and reports it: at least one note for every rule. All
 * rules of a tool must let a call pass, in both languages, so their order decides only which denial is reported.
 */
export function convertRule(source: JsonValue, path: string, draft: RulesDraft): void {
  if (!isObject(source)) return closeTool(draft, path, "rule_unreadable", "a rule is an object");
  reportUnknownKeys(source, path, draft);
  const conditions = ownMember(source, "conditions") ?? [];
  if (!isList(conditions)) return closeTool(draft, `${path}/conditions`, "rule_unreadable", "`conditions` is a list");
  const rule: OlderRule = {
    source,
    path,
    name: readText(source, "name", path, draft),
    onDeny: readMessage(source, path, draft),
    conditions,
  };
  const action = ownMember(source, "action") ?? "evaluate";
  if (action !== "require_approval" && Object.hasOwn(source, "approval_timeout")) {
    const message = "`approval_timeout` says nothing without `action: require_approval`";
    draft.report({ severity: "dropped", path: `${path}/approval_timeout`, code: "no_effect", message });
  }
  switch (action) {
    case "evaluate":
    case "allow":
      return convertPass(rule, action, draft);
    case "deny":
      return convertDeny(rule, draft);
    case "require_approval":
      return convertApproval(rule, draft);
    default: {
      const written = typeof action === "string" ? quoted(action) : "that is no text";
      closeTool(draft, `${path}/action`, "action_unknown", `no dialect has an action ${written}`);
    }
  }
}

function convertPass(rule: OlderRule, action: "evaluate" | "allow", draft: RulesDraft): void {
  const { source, path, name, onDeny } = rule;
  const onCall = rule.conditions
    .map((condition, index) => ({ condition, path: `${path}/conditions/${index}` }))
    .filter(({ condition }) => !isStateCondition(condition));
  const conditions = onCall
    .map((entry) => convertCondition(entry.condition, entry.path, draft))
    .filter((condition) => condition !== undefined);
  const hasQuota = ["rate_limit", "state", "spend_limit"].some((key) => Object.hasOwn(source, key));
  if (conditions.length > 0) {
    const target = addEntry(draft, "require", predicate(name, conditions, onDeny));
    if (action === "allow") {
      const message =
        "whether an allowing rule let other calls pass is not known, so its conditions must hold for every call";
      draft.report({ severity: "changed", path, target, code: "allow_conditions", message });
    } else {
      draft.report({
        severity: "same",
        path,
        target,
        code: "require",
        message: `${ruleName(name)} must hold for every call, as before`,
      });
    }
  } else if (rule.conditions.length === 0 && !hasQuota) {
    if (action === "allow") {
      const message = `${ruleName(name)} allows, which adds nothing: the tool is listed, and other rules still apply`;
      draft.report({ severity: "same", path, target: draft.pointer, code: "allow", message });
    } else {
      const target = addEntry(draft, "require", predicate(name, [], onDeny));
      const message = `${ruleName(name)} has no conditions, so it always holds, as before; use \`deny\` to deny every call`;
      draft.report({ severity: "same", path, target, code: "no_effect", message });
    }
  }
  convertLimits(source, { name, onDeny }, path, draft);
}

function convertDeny(rule: OlderRule, draft: RulesDraft): void {
  const { source, path, name, onDeny } = rule;
  const target = addEntry(draft, "deny_if", predicate(name, [], onDeny));
  draft.report({
    severity: "same",
    path,
    target,
    code: "deny",
    message: `${ruleName(name)} denies every call, and the tool stays listed, as before`,
  });
  for (const key of ["conditions", "state", "rate_limit", "spend_limit"]) {
    if (!Object.hasOwn(source, key) || (key === "conditions" && rule.conditions.length === 0)) continue;
    const instead =
      key === "conditions" ? "; to deny some calls only, write them as conditions of a `deny_if` entry" : "";
    const message = `the older engine denied every call of such a rule whatever its \`${key}\` said${instead}`;
    draft.report({ severity: "dropped", path: `${path}/${key}`, target, code: "deny_ignores", message });
  }
}

function convertApproval(rule: OlderRule, draft: RulesDraft): void {
  const { source, path, name, onDeny } = rule;
  const timeout = approvalTimeout(ownMember(source, "approval_timeout"), `${path}/approval_timeout`, draft);
  const entry = { ...predicate(name, [], onDeny), ...(timeout === undefined ? {} : { timeout }) };
  const target = addEntry(draft, "approve_if", entry);
  draft.report({
    severity: "same",
    path,
    target,
    code: "approval",
    message: `${ruleName(name)} holds every call for a person`,
  });
  if (rule.conditions.some((condition) => !isStateCondition(condition))) {
    const message =
      "whether approval was asked where the conditions hold or where they fail is not known, so every call asks; write them into the entry the way they are meant";
    draft.report({ severity: "changed", path: `${path}/conditions`, target, code: "approval_conditions", message });
  }
  convertLimits(source, { name, onDeny }, path, draft);
}

function predicate(
  name: string | undefined,
  conditions: readonly JsonObject[],
  onDeny: string | undefined,
): JsonObject {
  return { ...(name === undefined ? {} : { name }), conditions, ...(onDeny === undefined ? {} : { on_deny: onDeny }) };
}

function ruleName(name: string | undefined): string {
  return name === undefined ? "the rule" : `the rule ${quoted(name)}`;
}

/** What the agent is told: `on_deny`, else the `reason` of published pages, which the older loader ignored. */
function readMessage(rule: JsonObject, path: string, draft: RulesDraft): string | undefined {
  const onDeny = readText(rule, "on_deny", path, draft);
  const reason = readText(rule, "reason", path, draft);
  if (reason === undefined) return onDeny;
  if (onDeny !== undefined) {
    const message = `the agent is told the \`on_deny\` of the rule, so its \`reason\` ${quoted(reason)} has no place`;
    draft.report({ severity: "dropped", path: `${path}/reason`, code: "text_unused", message });
    return onDeny;
  }
  draft.report({
    severity: "same",
    path: `${path}/reason`,
    code: "reason",
    message: "`reason` is what the agent is told, so it becomes `on_deny`",
  });
  return reason;
}

/** A text of the rule; an empty one counts as none, and what is no text is reported. */
function readText(rule: JsonObject, key: string, path: string, draft: RulesDraft): string | undefined {
  const value = ownMember(rule, key) ?? "";
  if (typeof value === "string") return value === "" ? undefined : value;
  draft.report({
    severity: "dropped",
    path: `${path}/${key}`,
    code: "text_unused",
    message: `\`${key}\` wants a text`,
  });
  return undefined;
}

function reportUnknownKeys(rule: JsonObject, path: string, draft: RulesDraft): void {
  for (const key of Object.keys(rule)) {
    if (olderRuleKeys.includes(key)) continue;
    const keyPath = `${path}/${escapeStep(key)}`;
    if (isAnnotation(key)) {
      draft.report({
        severity: "dropped",
        path: keyPath,
        code: "annotation",
        message: `${quoted(key)} is for people and decides nothing`,
      });
      continue;
    }
    const near = nearestWord(key, olderRuleKeys);
    closeTool(
      draft,
      keyPath,
      "key_unknown",
      `no rule has a key ${quoted(key)}${near === undefined ? "" : ` (did you mean \`${near}\`?)`}`,
    );
  }
}
