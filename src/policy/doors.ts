import type { Wants } from "../values/admission.ts";
import type { Call, ToolReview } from "./call.ts";
import { scopeKeysOf } from "./scope-keys.ts";
import type { CompiledDoor, CompiledPolicy, DoorKind } from "./compiled.ts";
import type { CompileContext } from "./compile-context.ts";
import { compileNames } from "./check-patterns.ts";
import type { Decision } from "./decision.ts";
import type { DoorSource, ListSource } from "./document.ts";
import { isNormalUri } from "./uri.ts";

/** Compiles the doors of policy.md §1 besides tools. */
export function compileDoors(context: CompileContext): Readonly<Record<DoorKind, CompiledDoor>> {
  return {
    resources: compileDoor("resources", context),
    prompts: compileDoor("prompts", context),
    sampling: compileDoor("sampling", context),
    elicitation: compileDoor("elicitation", context),
    roots: compileDoor("roots", context),
  };
}

function compileDoor(kind: DoorKind, context: CompileContext): CompiledDoor {
  const source: DoorSource | undefined = context.document[kind];
  if (source === undefined) return fixedDoor(context.document.default === "deny" ? "/default" : undefined);
  if (source === "allow") return fixedDoor(undefined);
  if (source === "deny") return fixedDoor(`/${kind}`);
  const denied = compileNames(source.deny, `/${kind}/deny`, context) ?? [];
  const allowed = compileNames(source.allow, `/${kind}/allow`, context);
  return {
    refusalOf: (name) => {
      if (name === undefined) return undefined;
      if (kind === "resources" && !isNormalUri(name)) return `/${kind}`;
      const index = denied.findIndex((matches) => matches(name));
      if (index !== -1) return pointerOfMember(source.deny, `/${kind}/deny`, index);
      return allowed === undefined || allowed.some((matches) => matches(name)) ? undefined : `/${kind}/allow`;
    },
  };
}

function fixedDoor(refusal: string | undefined): CompiledDoor {
  return { refusalOf: () => refusal };
}

function pointerOfMember(source: ListSource<string> | undefined, pointer: string, index: number): string {
  return Array.isArray(source) ? `${pointer}/${index}` : pointer;
}

/** What each door gives, for a sentence. */
const doorWords: Readonly<Record<DoorKind, string>> = {
  resources: "reading this resource",
  prompts: "getting this prompt",
  sampling: "asking the client's model",
  elicitation: "asking the person",
  roots: "asking for the client's roots",
};

/**
 * Pure. Whether a message may pass another door than tools: `resources` with a URI, `prompts` with a name, or without
 * one the door itself (its lists, subscriptions to all). The outcome is `allow` or `deny`, code `door_denied`.
 */
export function door(policy: CompiledPolicy | undefined, kind: DoorKind, name?: string): Decision {
  const refusal = policy === undefined ? "(no policy)" : policy.doors[kind].refusalOf(name);
  const base = { policy: policy?.identity, observed: [], wants: undefined };
  if (refusal === undefined)
    return { ...base, outcome: "allow", code: "allowed", rule: "", message: "", detail: undefined };
  if (policy === undefined) {
    const message = "this grant has no policy, so everything is denied; ask an administrator to attach one";
    return { ...base, outcome: "deny", code: "no_policy", rule: refusal, message, detail: undefined };
  }
  const message = `${doorWords[kind]} is not allowed by the policy of this grant; work without it, or ask an administrator to allow it`;
  return { ...base, outcome: "deny", code: "door_denied", rule: `/${kind}`, message, detail: { condition: refusal } };
}

/** Who knocks, as far as flows care. */
type Caller = Pick<Call, "organisation" | "server" | "grant" | "session">;

/**
 * Pure. What `resources/read` and `prompts/get` ask of the store once their door is open: the flows on whose later side
 * they are, and the mark to leave. They count as reading content that other people wrote (policy.md §8).
 */
export function doorWants(policy: CompiledPolicy, kind: "resources" | "prompts", caller: Caller): Wants {
  const { organisation, server, grant, session } = caller;
  const review: ToolReview = { category: "Read", signals: ["loads_untrusted_content"] };
  const tool = kind === "resources" ? "resources/read" : "prompts/get";
  const mark = {
    server: server.name,
    tool,
    category: review.category,
    signals: review.signals,
    scopeKeys: scopeKeysOf(caller),
  };
  const asCall: Call = {
    organisation,
    server,
    grant,
    session,
    client: { ip: undefined, name: undefined, version: undefined },
    tool: { name: tool, isListed: true, isChanged: false, review, schema: undefined },
    args: {},
  };
  const guards = policy.flows.map((flow) => flow.guard(asCall)).filter((guard) => guard !== undefined);
  return { guards, charges: [], mark };
}
