import type { Lane } from "../kit/clients.ts";
import type { PolicyName } from "./policies.ts";

/** The only safe outcome of a case. */
export type Expected =
  /** Malformed: an error, nothing upstream, one event row with that reason, counters as they were. */
  | { readonly kind: "rejected"; readonly reason: string; readonly code?: number }
  /** Refused by policy in the one public form: one decision row. `rule` is a pointer into the policy. */
  | { readonly kind: "denied"; readonly code: string; readonly rule: string }
  /** The bytes that a tool which never existed gets; the audit row has the true reason. */
  | { readonly kind: "not found"; readonly code: "hidden" | "unknown_tool" }
  /** Forwarded once, exactly the judged bytes, after its decision row. */
  | { readonly kind: "forwarded" }
  /** A method that the gateway does not serve: -32601, nothing upstream, one event row. */
  | { readonly kind: "not served" }
  /** A resource or a prompt that the policy's section does not open: an error that says so, one decision row. */
  | { readonly kind: "door closed"; readonly rule: string }
  /** A list behind a closed door: answered empty by the gateway itself, one event row. */
  | { readonly kind: "empty list"; readonly list: string }
  /** A task that this grant's calls did not make: -32602, nothing upstream, one event row. */
  | { readonly kind: "unknown task" }
  /** Answered by HTTP alone, before there is a message. */
  | { readonly kind: "status"; readonly status: number; readonly reason: string }
  /** Answered by the gateway itself (`ping`): no row, nothing upstream. */
  | { readonly kind: "answered" };

/** One hostile (or, as a mirror, legal) input and what must come of it. */
export interface MessageCase {
  /** `B001` */
  readonly id: string;
  /** What is sent, in words, for the test's name. */
  readonly input: string;
  /**
   * One message. In text, `<id>` stands for a fresh request id; `<meta>` for the modern era's whole `_meta` member with
   * a comma behind it, `<meta members>` for the members of it, also with a comma behind; both are empty in the legacy era.
   */
  readonly body: string | Uint8Array;
  readonly expected: Expected;
  /** Where one kind of transport refuses earlier than the other. */
  readonly expectedOverStdio?: Expected;
  /** Default `safe-only`. */
  readonly policy?: PolicyName;
  /** What the modern headers mirror; default the tool `safe` and `tools/call`. */
  readonly tool?: string;
  readonly method?: string;
  /** Further HTTP headers; one of that name replaces the lane's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: all four. */
  readonly lanes?: readonly Lane[];
  /** The nearest legal input, as `body`; it must be forwarded under the same policy. Default: the policy's own good call. */
  readonly mirror?: string;
}

/** Lanes that exist over HTTP alone. */
export const httpLanes: readonly Lane[] = ["http legacy", "http modern"];

/** Pure. A `tools/call` whose `params` have these members, written as JSON without braces. */
export function callWith(members: string): string {
  return `{"jsonrpc":"2.0","id":<id>,"method":"tools/call","params":{<meta>${members}}}`;
}

/** Pure. A `tools/call` of that tool with these arguments, written as JSON. */
export function call(tool: string, args: string): string {
  return callWith(`"name":${JSON.stringify(tool)},"arguments":${args}`);
}

/** A refusal as malformed. */
export function rejected(reason: string, code?: number): Expected {
  return { kind: "rejected", reason, ...(code === undefined ? {} : { code }) };
}

/** A refusal by policy. */
export function denied(code: string, rule: string): Expected {
  return { kind: "denied", code, rule };
}

/** A refusal by HTTP status. */
export function status(value: number, reason: string): Expected {
  return { kind: "status", status: value, reason };
}

/** The answer that a tool which never existed gets. */
export function notFound(code: "hidden" | "unknown_tool"): Expected {
  return { kind: "not found", code };
}

/** Forwarded, byte for byte. */
export const forwarded: Expected = { kind: "forwarded" };
