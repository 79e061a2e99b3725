import type { DecisionCode } from "../policy/decision.ts";
import type { TouchedLimit } from "../values/admission.ts";

/** The decision on one `tools/call`. Never holds an argument value or a result value. */
export interface CallRow {
  readonly kind: "call";
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly requestId: string;
  readonly grant: { readonly id: string; readonly label: string; readonly owner: string | null };
  readonly client: { readonly name: string | null; readonly version: string | null; readonly ip: string | null };
  readonly server: string;
  /** `tools/call`, `resources/read`, `prompts/get`, ... */
  readonly method: string;
  readonly transport: "http" | "stdio" | "memory";
  readonly era: "legacy" | "modern";
  /** The tool, or the resource's URI or the prompt's name. */
  readonly tool: string;
  readonly category: string | null;
  readonly policy: { readonly id: string; readonly version: number; readonly sha256: string } | null;
  readonly outcome: "allow" | "deny" | "hold";
  readonly code: DecisionCode;
  readonly rule: string;
  readonly message: string;
  /** RFC 6901 pointer to the condition that decided, or null. */
  readonly condition: string | null;
  readonly observed: readonly { readonly rule: string; readonly code: DecisionCode }[];
  readonly limits: readonly TouchedLimit[];
  /** Top-level argument names in the order given, at most 64 and each cut at 128 characters. */
  readonly argumentKeys: readonly string[];
  /** Salted digest of the canonical arguments, hex; the salt is the store's. */
  readonly argumentDigest: string;
  readonly requestBytes: number;
  /** Time the gateway took from the last byte of the request to this decision, microseconds. */
  readonly decideMicros: number;
}

/** The end of an allowed call. */
export interface OutcomeRow {
  readonly kind: "outcome";
  readonly time: string;
  readonly requestId: string;
  readonly status:
    | "completed"
    | "tool_error"
    | "upstream_error"
    | "timeout"
    | "cancelled"
    | "upstream_exited"
    | "not_sent"
    | "result_withheld"
    | "unknown";
  readonly resultBytes: number;
  /** From handing the request to the upstream to its last byte, microseconds. */
  readonly upstreamMicros: number;
  readonly isRefunded: boolean;
}

/** Anything else that must leave a trace: malformed messages, batches, rejected tokens, list filtering. */
export interface EventRow {
  readonly kind: "event";
  readonly time: string;
  readonly requestId: string;
  readonly event:
    | "message_rejected"
    | "token_rejected"
    | "method_refused"
    | "list_filtered"
    | "policy_loaded"
    | "policy_rejected"
    | "definition_changed"
    | "upstream_started"
    | "upstream_exited"
    | "upstream_failed"
    | "server_request_passed"
    | "server_request_refused";
  readonly transport: "http" | "stdio" | "memory";
  readonly server: string | null;
  readonly grant: string | null;
  /** Stable reason code, e.g. `duplicate_key`, `batch`. */
  readonly reason: string;
  /** For people; no value from the message. */
  readonly message: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** A stored row with its place: `sequence` rises by one for each row of a store. */
export type Row = (CallRow | OutcomeRow | EventRow) & { readonly sequence: number };

/** Which rows to read; every member narrows. */
export interface RowQuery {
  /** Rows after this sequence number. */
  readonly after?: number;
  /** Rows before this sequence number. */
  readonly before?: number;
  /** The last N rows of the selection, in writing order. */
  readonly last?: number;
  readonly requestId?: string;
  readonly tool?: string;
  readonly outcome?: "allow" | "deny" | "hold";
  readonly grant?: string;
  readonly server?: string;
  readonly kind?: Row["kind"];
  /** Rows of any of these requests. */
  readonly requestIds?: readonly string[];
  /** The grant's owner, the rule and the code of a call: looked up in the row itself, so name a stretch of rows too. */
  readonly owner?: string;
  readonly rule?: string;
  readonly code?: string;
  /** Rows from this time on, and before that one: RFC 3339, UTC, milliseconds. Looked up in the row itself. */
  readonly since?: string;
  readonly until?: string;
  /** At most this many, default 1,000. */
  readonly limit?: number;
}
