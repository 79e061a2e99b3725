import type { ToolFacts } from "./call.ts";
import type { CompiledPolicy } from "./compiled.ts";
import { selectRules } from "./selection.ts";

/** How a tool stands in a list: `denied` means that this grant can never call it, whatever the arguments. */
export type Visibility = "listed" | "hidden" | "denied";

/** Pure. How a `tools/list` answer must treat the tool; judged by the same steps as a call of it. */
export function visibility(policy: CompiledPolicy | undefined, tool: ToolFacts): Visibility {
  if (policy === undefined) return "denied";
  const selected = selectRules(policy, tool);
  if (selected.kind === "rules") return selected.denial === undefined ? "listed" : "denied";
  return selected.code === "hidden" || selected.code === "unknown_tool" ? "hidden" : "denied";
}
