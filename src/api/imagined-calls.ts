import { invalid, notFound } from "../control/control-context.ts";
import type { ControlContext } from "../control/control-context.ts";
import { draftId, knownTools } from "../control/drafts.ts";
import type { SimulatedCall, SimulatedTool } from "../gateway/simulate.ts";
import { sha256Hex } from "../identity/token.ts";
import { type CompiledPolicy, type Decision, loadPolicy } from "../policy/index.ts";
import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import type { DecisionView, ImaginedCall, ImaginedCaller } from "./contract/drafts.ts";

/** Who would call what: everything that imagined calls have in common. */
export interface ImaginedPlace {
  readonly policy: CompiledPolicy;
  /** Undefined when the server's tools were never fetched: every name counts as one of them. */
  readonly tools: readonly SimulatedTool[] | undefined;
  readonly server: string;
  readonly grant: SimulatedCall["grant"];
}

/** Throws `NOT_FOUND` for an unknown policy, server or grant, and `INPUT_INVALID` for a draft that does not load. */
export async function imaginedPlace(context: ControlContext, caller: ImaginedCaller): Promise<ImaginedPlace> {
  const known = await knownTools(context, caller.server);
  const tools = known?.map(({ name, inputSchema }) => ({ name, inputSchema, review: undefined }));
  return { policy: policyOf(context, caller), tools, server: caller.server, grant: grantOf(context, caller.grant) };
}

function policyOf({ state }: ControlContext, { policy, document }: ImaginedCaller): CompiledPolicy {
  if ((policy === undefined) === (document === undefined)) {
    throw invalid([{ path: "", message: "name a policy, or send a document", hint: "send one of them" }]);
  }
  if (policy !== undefined) {
    const entry = state().policies.get(policy);
    if (entry?.compiled === undefined) throw notFound("policy that can be loaded", policy);
    return entry.compiled;
  }
  const text = document ?? "";
  const loaded = loadPolicy(text, { identity: { id: draftId, version: 1, sha256: sha256Hex(text) } });
  if (loaded.policy === undefined) throw invalid(loaded.problems.filter(({ severity }) => severity === "error"));
  return loaded.policy;
}

function grantOf({ state }: ControlContext, id: string | undefined): SimulatedCall["grant"] {
  if (id === undefined) return { id: "grant", label: "grant", owner: undefined, tags: {} };
  const entry = state().grants.get(id);
  if (entry === undefined) throw notFound("grant", id);
  const { label, owner, tags } = entry;
  return { id, label, owner, tags };
}

/** Pure. A call that nobody sends, as the policy reads it. */
export function simulatedCall({ server, grant }: ImaginedPlace, call: ImaginedCall): SimulatedCall {
  const client = { ip: undefined, name: undefined, version: undefined };
  return { tool: call.tool, args: argumentsOf(call), server, grant, client, session: undefined };
}

function argumentsOf(call: ImaginedCall): JsonObject {
  const value: JsonValue = JSON.parse(JSON.stringify(call.arguments));
  return isObject(value) ? value : {};
}

/** Pure. A decision as the API shows it. */
export function decisionView({ outcome, code, rule, message }: Decision): DecisionView {
  return { outcome, code, rule, message };
}
