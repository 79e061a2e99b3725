import type { DecisionCode } from "./decision.ts";
import type { ToolFacts } from "./call.ts";
import type { CompiledPolicy, CompiledRules, Refusal } from "./compiled.ts";

const hidden = refusal("hidden", "(hidden)", 4, "is hidden, and answers as a tool that does not exist");
const unknownTool = refusal("unknown_tool", "(unknown tool)", 5, "is not among the server's tools");
const changedTool = refusal("changed_tool", "(changed tool)", 5, "is not as it was reviewed, and pinning blocks it");
const unreviewedTool = refusal(
  "unreviewed_tool",
  "(unreviewed tool)",
  6,
  "has no reviewed category, and no entry names it",
);

/** The refusal of a tool that nothing selects under `default: "deny"`. */
export const defaultDeny: Refusal = refusal(
  "default_deny",
  "(default deny)",
  6,
  "is selected by nothing, and the default is deny",
);

function refusal(code: DecisionCode, rule: string, step: number, words: string): Refusal {
  return { kind: "refusal", code, rule, step, words };
}

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
