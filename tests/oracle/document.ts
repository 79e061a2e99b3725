import type { Category } from "../../src/policy/call.ts";
import type { JsonValue } from "../../src/values/json.ts";

/** The operators of policy.md §2, in the order of its table. */
export const operators = [
  "eq",
  "neq",
  "in",
  "not_in",
  "lt",
  "lte",
  "gt",
  "gte",
  "regex",
  "matches",
  "contains",
  "starts_with",
  "ends_with",
  "exists",
  "length_lte",
  "length_gte",
  "before",
  "after",
  "cidr",
  "host_in",
  "within",
] as const;
export type Operator = (typeof operators)[number];

/** A comparison of a condition: `value` or `value_from`, or neither for `exists`. */
export interface Comparison {
  readonly path: string;
  readonly op: Operator;
  readonly value?: JsonValue;
  readonly value_from?: string;
}

/** A condition of policy.md §2. */
export type Condition =
  | Comparison
  | { readonly any: readonly Condition[] }
  | { readonly all: readonly Condition[] }
  | { readonly not: Condition };

/** An entry of `require`, `deny_if` or `approve_if`. Approval fields say nothing to a decision. */
export interface Predicate {
  readonly name?: string;
  readonly conditions: readonly Condition[];
  readonly on_deny?: string;
  readonly mode?: "enforce" | "observe";
  readonly valid_from?: string;
  readonly valid_until?: string;
}

/** A limit of policy.md §5. */
export interface Limit {
  readonly counter: string;
  readonly max: number;
  readonly window?: string | number;
  readonly scope?: "grant" | "owner" | "session" | "server" | "all";
  readonly by?: string;
  readonly increment?: number;
  readonly increment_from?: string;
  readonly increment_length_of?: string;
  readonly concurrent?: boolean;
  readonly refund?: "not_sent" | "never";
  readonly on_deny?: string;
}

/** The rules of a tool, a category or `all_tools`. */
export interface Rules {
  readonly action?: "allow" | "deny" | "require_approval";
  readonly reason?: string;
  readonly require?: readonly Predicate[];
  readonly deny_if?: readonly Predicate[];
  readonly approve_if?: readonly Predicate[];
  readonly limits?: readonly Limit[];
  readonly rate_limit?: string | { readonly max: number; readonly window: number };
  readonly spend_limit?: string;
  readonly validate_arguments?: boolean;
  readonly unknown_arguments?: "allow" | "deny";
}

/** A list in place, or the name of one of the document's `lists`. */
export type ListOrName = readonly string[] | { readonly $list: string };

/** One side of a flow; its members are joined by OR. */
export interface Selectors {
  readonly tools?: ListOrName;
  readonly categories?: ListOrName;
  readonly signals?: ListOrName;
  readonly servers?: ListOrName;
}

/** A flow of policy.md §8. */
export interface Flow {
  readonly name: string;
  readonly after: Selectors;
  readonly within: string;
  readonly scope?: "grant" | "owner" | "session";
  readonly deny?: Selectors;
  readonly require_approval?: Selectors;
  readonly on_deny?: string;
}

/** A whole policy document of version "1", as `JSON.parse` gives it. Already known to be valid. */
export interface PolicyDocument {
  readonly version: "1";
  readonly default: "allow" | "deny";
  readonly hide?: ListOrName;
  readonly tools?: Readonly<Record<string, Rules>>;
  readonly categories?: Readonly<Partial<Record<Category, Rules>>>;
  readonly all_tools?: Rules;
  readonly flows?: readonly Flow[];
  readonly lists?: Readonly<Record<string, readonly JsonValue[]>>;
  readonly time_zone?: string;
}

/** Pure. The members of a list that stands in place or is named; none for a list that is not there. */
export function membersOf(list: ListOrName | undefined, document: PolicyDocument): readonly string[] {
  if (list === undefined) return [];
  return "$list" in list ? (document.lists?.[list.$list] ?? []).map(String) : list;
}
