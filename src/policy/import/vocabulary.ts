// The words of the dialects that an import reads. What a tool's rules may hold in this language is checked when the
// result is loaded; the lists here only tell a known word from a mistyped one.

/** The words of a document's root in this language. */
export const documentKeys: readonly string[] = [
  "version",
  "default",
  "$schema",
  "description",
  "metadata",
  "hide",
  "tools",
  "categories",
  "all_tools",
  "flows",
  "resources",
  "prompts",
  "sampling",
  "elicitation",
  "roots",
  "lists",
  "time_zone",
];

/** Those that the older dialects had as well; any other shows that a document was written in this language. */
export const sharedDocumentKeys: readonly string[] = [
  "version",
  "default",
  "$schema",
  "description",
  "metadata",
  "hide",
  "tools",
];

/** The lists among the rules of a tool, which two sources of rules can both add to. */
export const ruleLists = ["require", "deny_if", "approve_if", "limits"] as const;
export type RuleList = (typeof ruleLists)[number];

/** The fields of an approval, beside `action` or in an `approve_if` entry. */
export const approvalKeys: readonly string[] = [
  "approvers",
  "quorum",
  "timeout",
  "approval_timeout",
  "valid_for",
  "self",
  "message",
];

/** The other words among the rules of a tool in this language. */
export const ruleKeys: readonly string[] = [
  "action",
  "reason",
  "rate_limit",
  "spend_limit",
  "validate_arguments",
  "unknown_arguments",
  ...approvalKeys,
];

/** The words of one entry of the older `rules`. */
export const olderRuleKeys: readonly string[] = [
  "name",
  "action",
  "conditions",
  "on_deny",
  "reason",
  "rate_limit",
  "state",
  "spend_limit",
  "approval_timeout",
];

/** The eleven operators that both older dialects know. */
export const olderOperators: readonly string[] = [
  "eq",
  "neq",
  "lt",
  "lte",
  "gt",
  "gte",
  "in",
  "not_in",
  "exists",
  "regex",
  "contains",
];

/** Pure. Whether a key is one that people write beside rules for other people, whatever the dialect. */
export function isAnnotation(key: string): boolean {
  return key.startsWith("x-") || ["description", "comment", "title", "id", "metadata"].includes(key);
}
