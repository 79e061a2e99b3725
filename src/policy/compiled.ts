import type { Charge, FlowGuard, FlowMark, LimitWindow } from "../values/admission.ts";
import type { Call, Category } from "./call.ts";
import type { CompiledCondition, Subject } from "./conditions/condition.ts";
import type { DecisionCode, PolicyIdentity } from "./decision.ts";
import type { PolicyDocument } from "./document.ts";
import type { NameLookup } from "./name-lookup.ts";

/** An entry of `require`, `deny_if` or `approve_if`, ready to judge. */
export interface CompiledPredicate {
  /** RFC 6901 pointer to the entry. */
  readonly pointer: string;
  readonly name: string | undefined;
  /** Joined by AND; an empty list holds. */
  readonly conditions: readonly CompiledCondition[];
  readonly isObserved: boolean;
  /** Its life, milliseconds since 1970; both inclusive; infinite where the document says nothing. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly onDeny: string | undefined;
}

/** Who must agree to a held call (policy.md §6), every default filled in. Times in milliseconds. */
export interface ApprovalTerms {
  /** RFC 6901 pointer to what asks: an `approve_if` entry, an `action`, or a flow. */
  readonly rule: string;
  /** Each as `role:name`, `group:name` or `user:name`. */
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly timeoutMs: number;
  readonly validForMs: number;
  /** Whether the grant's own owner may approve. */
  readonly self: boolean;
  /** What the approver is told. */
  readonly message: string | undefined;
  /** What the agent is told; undefined for a sentence of the engine's. */
  readonly onDeny: string | undefined;
}

/** An entry of `limits`, or a short form of one. */
export interface CompiledLimit {
  readonly pointer: string;
  readonly counter: string;
  readonly window: LimitWindow;
  /** For people: `minute`, `15m`, `day`, `in flight`. */
  readonly windowText: string;
  /** Paths it reads, as written. */
  readonly paths: readonly string[];
  /** Pure. The charge of any call of this caller, but for what its arguments say: `key` is the family's. */
  readonly standing: (call: Call) => Charge;
  /** Pure. What this call asks of the limit; undefined when an increment or a `by` value cannot be read. */
  readonly charge: (subject: Subject) => Charge | undefined;
}

/** A flow for one kind of later call. */
export interface CompiledFlow {
  readonly pointer: string;
  readonly effect: "deny" | "hold";
  /** Pure. Whether a call with this mark is on the earlier side, and on the later one. */
  readonly after: (mark: FlowMark) => boolean;
  readonly later: (mark: FlowMark) => boolean;
  /** Pure. The guard this call needs, or undefined when it is not on the flow's later side. */
  readonly guard: (call: Call) => FlowGuard | undefined;
}

/** All rules of a call that one entry selects, those of `all_tools` after its own. */
export interface CompiledRules {
  readonly kind: "rules";
  /** RFC 6901 pointer to the entry; `/all_tools` when nothing selects the tool and the default lets it pass. */
  readonly pointer: string;
  /** The denial of `action: "deny"`: its rule and the document's `reason`. */
  readonly denial: { readonly rule: string; readonly reason: string | undefined } | undefined;
  /** Pointer to the setting that asks for the schema check, or undefined. */
  readonly validateArguments: string | undefined;
  /** Pointer to the setting `unknown_arguments`, written or not. */
  readonly unknownArguments: string;
  /** Pure. Arguments that `unknown_arguments` refuses, as `/Amount: case` or `/amout: unknown`; most often none. */
  readonly unknownArgumentsOf: (call: Call) => readonly string[];
  readonly require: readonly CompiledPredicate[];
  readonly denyIf: readonly CompiledPredicate[];
  readonly approveIf: readonly CompiledPredicate[];
  readonly limits: readonly CompiledLimit[];
}

/** A tool that a call of this grant cannot reach, whatever the arguments. */
export interface Refusal {
  readonly kind: "refusal";
  readonly code: DecisionCode;
  readonly rule: string;
  /** The step of policy.md §3 that refuses. */
  readonly step: number;
  /** What is said of the tool, after its name: `is not among the server's tools`. */
  readonly words: string;
}

/** A door other than tools. */
export interface CompiledDoor {
  /** Pure. The pointer to what refuses this name or URI, or undefined when it passes. Without a name: the door itself. */
  readonly refusalOf: (name: string | undefined) => string | undefined;
}

/** The doors of policy.md §1 besides tools. */
export type DoorKind = "resources" | "prompts" | "sampling" | "elicitation" | "roots";

/** A policy ready to decide. Made by `loadPolicy` alone; never changes what it says. */
export interface CompiledPolicy {
  readonly identity: PolicyIdentity;
  readonly document: PolicyDocument;
  readonly timeZone: string;
  readonly hidden: NameLookup<true>;
  /** Exact names and patterns of `tools`, `"*"` aside. */
  readonly tools: NameLookup<CompiledRules>;
  /** Undefined in a document without `categories`. */
  readonly categories: ReadonlyMap<Category, CompiledRules> | undefined;
  /** The entry `"*"`. */
  readonly everyTool: CompiledRules | undefined;
  /** For a tool that nothing selects: the rules of `all_tools`, or the refusal of `default: "deny"`. */
  readonly unselected: CompiledRules | Refusal;
  readonly flows: readonly CompiledFlow[];
  /** Pure. The scope keys of a call's flow mark. */
  readonly scopeKeysOf: (call: Call) => readonly string[];
  readonly doors: Readonly<Record<DoorKind, CompiledDoor>>;
  /** By the pointer of what asks. */
  readonly approvals: ReadonlyMap<string, ApprovalTerms>;
}
