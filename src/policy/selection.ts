import type { ToolFacts } from "./call.ts";
import type { CompiledPolicy, CompiledRules, Refusal } from "./compiled.ts";

const hidden: Refusal = { kind: "refusal", code: "hidden", rule: "(hidden)" };
const unknownTool: Refusal = { kind: "refusal", code: "unknown_tool", rule: "(unknown tool)" };
const changedTool: Refusal = { kind: "refusal", code: "changed_tool", rule: "(changed tool)" };
const unreviewedTool: Refusal = { kind: "refusal", code: "unreviewed_tool", rule: "(unreviewed tool)" };

/** The refusal of a tool that nothing selects under `default: "deny"`. */
export const defaultDeny: Refusal = { kind: "refusal", code: "default_deny", rule: "(default deny)" };

/**
 * Pure. Steps 4 to 6 of policy.md §3: the rules a call of this tool must obey, or why it cannot be called at all.
 * `tools/list` and `tools/call` both come through here, so what is hidden is also refused.
 */
export function selectRules(policy: CompiledPolicy, tool: ToolFacts): CompiledRules | Refusal {
  if (policy.hidden.find(tool.name) === true) return hidden;
  if (!tool.isListed) return unknownTool;
  if (tool.isChanged) return changedTool;
  const named = policy.tools.find(tool.name);
  if (named !== undefined) return named;
  if (policy.categories !== undefined) {
    if (tool.review === undefined) return unreviewedTool;
    const byCategory = policy.categories.get(tool.review.category);
    if (byCategory !== undefined) return byCategory;
  }
  return policy.everyTool ?? policy.unselected;
}
