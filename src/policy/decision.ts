import type { Wants } from "../values/admission.ts";

/** Every code of policy.md §4, and `allowed`. */
export type DecisionCode =
  | "allowed"
  | "no_policy"
  | "hidden"
  | "unknown_tool"
  | "changed_tool"
  | "default_deny"
  | "unreviewed_tool"
  | "denied"
  | "arguments_invalid"
  | "unknown_argument"
  | "require_failed"
  | "deny_if_matched"
  | "cannot_judge"
  | "flow_denied"
  | "limit_reached"
  | "increment_invalid"
  | "approval_required"
  | "approval_pending"
  | "approval_rejected"
  | "approval_expired"
  | "door_denied"
  | "store_unavailable"
  | "audit_unavailable"
  | "internal";

/** Which document decided. `version` counts from 1 for each policy id; `sha256` is over the document's text, in hex. */
export interface PolicyIdentity {
  readonly id: string;
  readonly version: number;
  readonly sha256: string;
}

/** More about a decision for logs and `explain`; never an argument value. */
export interface DecisionDetail {
  /** RFC 6901 pointer to the condition that failed, fired or could not be judged. */
  readonly condition?: string;
  /** For `arguments_invalid` and `unknown_argument`: pointers and keywords, `/amount: type`. */
  readonly faults?: readonly string[];
  readonly counter?: string;
  /** The limit's window in words: `minute`, `15m`, `day`, `in flight`. */
  readonly window?: string;
  /** Decimal text. */
  readonly max?: string;
  readonly retryAfterMs?: number;
  /** All entries that ask for approval, pointers in order. */
  readonly holds?: readonly string[];
}

/** A predicate in `mode: "observe"` that would have fired. */
export interface Observation {
  /** RFC 6901 pointer to the predicate. */
  readonly rule: string;
  readonly code: DecisionCode;
}

/** What the policy says of one call. */
export interface Decision {
  readonly outcome: "allow" | "deny" | "hold";
  readonly code: DecisionCode;
  /** What the log shows: `""` for an allowed call, `(default deny)`, or an RFC 6901 pointer into the policy. */
  readonly rule: string;
  /** What the agent is told: lower-secrecy text, no argument value. `""` for an allowed call. */
  readonly message: string;
  readonly policy: PolicyIdentity | undefined;
  readonly detail: DecisionDetail | undefined;
  readonly observed: readonly Observation[];
  /** What still has to be granted by the store; undefined on a denial. */
  readonly wants: Wants | undefined;
}
