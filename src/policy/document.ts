import type { JsonValue } from "../values/json.ts";
import type { Category, Signal } from "./call.ts";
import type { ConditionSource } from "./conditions/condition.ts";

/** A list written in place, or one of the document's `lists` by name. */
export type ListSource<T> = readonly T[] | { readonly $list: string };

/** Whether a rule acts (`enforce`) or only records what it would have done (`observe`). */
export type RuleMode = "enforce" | "observe";

/** One entry of `require`, `deny_if` or `approve_if`: conditions joined by AND; an empty list always holds. */
export interface PredicateSource {
  readonly name?: string;
  readonly conditions: readonly ConditionSource[];
  readonly on_deny?: string;
  readonly mode?: RuleMode;
  /** RFC 3339. */
  readonly valid_from?: string;
  /** RFC 3339. */
  readonly valid_until?: string;
}

/** Who must agree to a held call, and for how long the question and the answer live (policy.md §6). */
export interface ApprovalSource {
  readonly approvers?: readonly string[];
  readonly quorum?: number;
  readonly timeout?: string;
  /** Read as `timeout`. */
  readonly approval_timeout?: string;
  readonly valid_for?: string;
  readonly self?: boolean;
  readonly message?: string;
}

/** One entry of `approve_if`. */
export interface ApproveIfSource extends PredicateSource, ApprovalSource {}

/** Whose calls count together in a limit. */
export type LimitScope = "grant" | "owner" | "session" | "server" | "all";

/** One entry of `limits` (policy.md §5). */
export interface LimitSource {
  readonly counter: string;
  readonly max: number;
  /** Seconds, or text. Absent only beside `concurrent: true`. */
  readonly window?: number | string;
  readonly scope?: LimitScope;
  readonly by?: string;
  readonly increment?: number;
  readonly increment_from?: string;
  readonly increment_length_of?: string;
  readonly concurrent?: boolean;
  readonly refund?: "not_sent" | "never";
  readonly on_deny?: string;
}

/** The published short form of a limit: `{ "max": 10, "window": 60 }` (seconds) or `"10/minute"`. */
export type RateLimitSource = string | { readonly max: number; readonly window: number };

/** The rules every call obeys, whatever its tool. */
export interface CommonRulesSource {
  readonly require?: readonly PredicateSource[];
  readonly deny_if?: readonly PredicateSource[];
  readonly approve_if?: readonly ApproveIfSource[];
  readonly limits?: readonly LimitSource[];
  readonly rate_limit?: RateLimitSource;
  /** `"$500/day"`. */
  readonly spend_limit?: string;
  readonly validate_arguments?: boolean;
  readonly unknown_arguments?: "allow" | "deny";
}

/** The rules of a tool, a pattern or a category (policy.md §2). */
export interface RulesSource extends CommonRulesSource, ApprovalSource {
  readonly action?: "allow" | "deny" | "require_approval";
  readonly reason?: string;
}

/** Selects tools; the members are joined by OR. */
export interface SelectorSource {
  readonly tools?: ListSource<string>;
  readonly categories?: ListSource<Category>;
  readonly signals?: ListSource<Signal>;
  readonly servers?: ListSource<string>;
}

/** One entry of `flows` (policy.md §8): what may not follow what. Exactly one of `deny` and `require_approval`. */
export interface FlowSource {
  readonly name?: string;
  readonly after: SelectorSource;
  readonly within: number | string;
  readonly scope?: "grant" | "owner" | "session";
  readonly deny?: SelectorSource;
  readonly require_approval?: SelectorSource & ApprovalSource;
  readonly on_deny?: string;
}

/** `"allow"`, `"deny"`, or patterns of names or URIs. */
export type DoorSource = "allow" | "deny" | { readonly allow?: ListSource<string>; readonly deny?: ListSource<string> };

/** A policy document as written, its shape already checked (policy.md §1). */
export interface PolicyDocument {
  readonly version: "1";
  readonly default: "allow" | "deny";
  readonly $schema?: JsonValue;
  readonly description?: JsonValue;
  readonly metadata?: JsonValue;
  readonly hide?: ListSource<string>;
  readonly tools?: Readonly<Record<string, RulesSource>>;
  readonly categories?: Readonly<Partial<Record<Category, RulesSource>>>;
  readonly all_tools?: CommonRulesSource;
  readonly flows?: readonly FlowSource[];
  readonly resources?: DoorSource;
  readonly prompts?: DoorSource;
  readonly sampling?: "allow" | "deny";
  readonly elicitation?: "allow" | "deny";
  readonly roots?: "allow" | "deny";
  readonly lists?: Readonly<Record<string, readonly JsonValue[]>>;
  readonly time_zone?: string;
}
