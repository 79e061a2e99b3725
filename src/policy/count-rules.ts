import type { CommonRulesSource, PolicyDocument } from "./document.ts";

/** A document has at most this many rules. */
export const rulesMax = 5000;

/** Pure. How many rules a document has: entries of `tools`, `categories`, `hide`, `flows` and doors, predicates and limits. */
export function countRules(document: PolicyDocument): number {
  const entries = [...Object.values(document.tools ?? {}), ...Object.values(document.categories ?? {})];
  let count = entries.length + listLength(document.hide) + listLength(document.flows);
  for (const rules of [...entries, document.all_tools ?? {}]) count += countOwn(rules);
  for (const door of [document.resources, document.prompts]) {
    if (typeof door === "object") count += listLength(door.allow) + listLength(door.deny);
  }
  return count;
}

function countOwn(rules: CommonRulesSource): number {
  return (
    listLength(rules.require) + listLength(rules.deny_if) + listLength(rules.approve_if) + listLength(rules.limits)
  );
}

function listLength(source: unknown): number {
  return Array.isArray(source) ? source.length : 0;
}
