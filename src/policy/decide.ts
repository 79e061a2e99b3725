import type { Charge, FlowGuard, FlowMarkToLeave, Wants } from "../values/admission.ts";
import type { Call, Facts, SchemaFault } from "./call.ts";
import type { CompiledLimit, CompiledPolicy, CompiledPredicate, CompiledRules } from "./compiled.ts";
import type { Subject } from "./conditions/condition.ts";
import type { Decision, DecisionCode, DecisionDetail, Observation } from "./decision.ts";
import { sentenceOf } from "./messages.ts";
import { isAlive, judgePredicate, truthOf } from "./predicates.ts";
import { selectRules } from "./selection.ts";

/** Instructions times characters that all patterns of one call may use together. */
export const regexBudgetPerCall = 5_000_000;

const noObservations: readonly Observation[] = [];

/**
 * Pure. What the policy says of one call: steps 3 to 13 of policy.md §3. Limits and flows are left in `wants` for the
 * store; `settleAdmission` turns its answer into the final decision. A hold has its `wants` too, because the store
 * looks at the limits before anybody is asked. Never throws: whatever cannot be judged is denied.
 */
export function decide(policy: CompiledPolicy | undefined, call: Call, facts: Facts): Decision {
  if (policy === undefined) return denial(undefined, call, "no_policy", "(no policy)");
  try {
    return judge(policy, call, facts);
  } catch {
    return {
      outcome: "deny",
      code: "internal",
      rule: "(internal)",
      message: "the call could not be judged, so it is denied; try again later",
      policy: policy.identity,
      detail: undefined,
      observed: noObservations,
      wants: undefined,
    };
  }
}

function judge(policy: CompiledPolicy, call: Call, facts: Facts): Decision {
  const rules = selectRules(policy, call.tool);
  if (rules.kind === "refusal") return denial(policy, call, rules.code, rules.rule);
  if (rules.denial !== undefined) return denial(policy, call, "denied", rules.denial.rule, rules.denial.reason);
  const subject: Subject = { call, facts, timeZone: policy.timeZone, regexBudget: regexBudgetPerCall };
  const observed = new Observations();
  const refused =
    judgeArguments(policy, rules, call) ??
    judgeWall(policy, rules.require, requireWall, subject, observed) ??
    judgeWall(policy, rules.denyIf, denyIfWall, subject, observed);
  if (refused !== undefined) return { ...refused, observed: observed.list };
  const charges: Charge[] = [];
  for (const limit of rules.limits) {
    const charge = limit.charge(subject);
    if (charge === undefined) return { ...incrementInvalid(policy, call, limit), observed: observed.list };
    charges.push(charge);
  }
  const wants: Wants = { guards: guardsOf(policy, call), charges, mark: markOf(policy, call) };
  const holds = judgeApproveIf(rules, subject, observed);
  if (holds === undefined) {
    return {
      outcome: "allow",
      code: "allowed",
      rule: "",
      message: "",
      policy: policy.identity,
      detail: undefined,
      observed: observed.list,
      wants,
    };
  }
  return hold(policy, call, holds, observed.list, wants);
}

/** The entries in `observe` mode that would have acted; the list is made for the first of them only. */
class Observations {
  list: readonly Observation[] = noObservations;
  #subject: Subject | undefined;

  /** What a predicate is judged on. Those in observe mode share a budget of their own, so that they leave the others theirs. */
  subjectOf(predicate: CompiledPredicate, enforced: Subject): Subject {
    if (!predicate.isObserved) return enforced;
    this.#subject ??= { ...enforced, regexBudget: regexBudgetPerCall };
    return this.#subject;
  }

  add(rule: string, code: DecisionCode): void {
    this.list = [...this.list, { rule, code }];
  }
}

/** Step 8: the tool's own input schema, and arguments it does not name. */
function judgeArguments(policy: CompiledPolicy, rules: CompiledRules, call: Call): Decision | undefined {
  if (rules.validateArguments !== undefined) {
    const faults = schemaFaultsOf(call);
    if (faults.length > 0)
      return denial(policy, call, "arguments_invalid", rules.validateArguments, undefined, { faults });
  }
  const unknown = rules.unknownArgumentsOf(call);
  if (unknown.length === 0) return undefined;
  return denial(policy, call, "unknown_argument", rules.unknownArguments, undefined, { faults: unknown });
}

const faultsShownMax = 20;

/** Faults as `/amount: type`; a tool without a usable schema cannot pass. */
export function schemaFaultsOf(call: Call): readonly string[] {
  const faults: readonly SchemaFault[] | undefined = call.tool.schema?.validate(call.args);
  if (faults === undefined) return ["the tool has no input schema that can be checked"];
  return faults.slice(0, faultsShownMax).map((fault) => `${fault.path}: ${fault.keyword}`);
}

/** What predicates of one kind have to be for the call to go on, and the code when one is the opposite. */
interface Wall {
  readonly wanted: "holds" | "fails";
  readonly code: DecisionCode;
}

const requireWall: Wall = { wanted: "holds", code: "require_failed" };
const denyIfWall: Wall = { wanted: "fails", code: "deny_if_matched" };

/** Steps 9 and 10. */
function judgeWall(
  policy: CompiledPolicy,
  predicates: readonly CompiledPredicate[],
  wall: Wall,
  subject: Subject,
  observed: Observations,
): Decision | undefined {
  for (const predicate of predicates) {
    if (!isAlive(predicate, subject.facts.nowMs)) continue;
    const budget = subject.regexBudget;
    const truth = truthOf(predicate, observed.subjectOf(predicate, subject));
    if (truth === wall.wanted) continue;
    const code = truth === "cannotJudge" ? "cannot_judge" : wall.code;
    if (predicate.isObserved) observed.add(predicate.pointer, code);
    else return predicateDenial(policy, code, predicate, { ...subject, regexBudget: budget });
  }
  return undefined;
}

/** Entries that ask for a person; never none. */
type Fired = readonly [CompiledPredicate, ...CompiledPredicate[]];

/** Step 13: the entries that ask for a person, or undefined when none does. */
function judgeApproveIf(rules: CompiledRules, subject: Subject, observed: Observations): Fired | undefined {
  let fired: [CompiledPredicate, ...CompiledPredicate[]] | undefined;
  for (const predicate of rules.approveIf) {
    if (!isAlive(predicate, subject.facts.nowMs)) continue;
    if (truthOf(predicate, observed.subjectOf(predicate, subject)) === "fails") continue;
    if (predicate.isObserved) observed.add(predicate.pointer, "approval_required");
    else if (fired === undefined) fired = [predicate];
    else fired.push(predicate);
  }
  return fired;
}

const noGuards: readonly FlowGuard[] = [];

function incrementInvalid(policy: CompiledPolicy, call: Call, limit: CompiledLimit): Decision {
  const detail = { counter: limit.counter, window: limit.windowText };
  return denial(policy, call, "increment_invalid", limit.pointer, undefined, detail);
}

/** The flows on whose later side this call is. */
function guardsOf(policy: CompiledPolicy, call: Call): readonly FlowGuard[] {
  if (policy.flows.length === 0) return noGuards;
  const guards: FlowGuard[] = [];
  for (const flow of policy.flows) {
    const guard = flow.guard(call);
    if (guard !== undefined) guards.push(guard);
  }
  return guards;
}

function markOf(policy: CompiledPolicy, call: Call): FlowMarkToLeave {
  const scopeKeys = policy.scopeKeysOf(call);
  const { review } = call.tool;
  return {
    server: call.server.name,
    tool: call.tool.name,
    category: review?.category,
    signals: review?.signals,
    scopeKeys,
  };
}

/** Judges the predicate once more, on the same budget, for the condition to name: only a denial has to know it. */
function predicateDenial(
  policy: CompiledPolicy,
  code: DecisionCode,
  predicate: CompiledPredicate,
  subject: Subject,
): Decision {
  const { condition } = judgePredicate(predicate, subject);
  const detail = condition === undefined ? undefined : { condition };
  return denial(policy, subject.call, code, predicate.pointer, predicate.onDeny, detail);
}

function hold(
  policy: CompiledPolicy,
  call: Call,
  fired: Fired,
  observed: readonly Observation[],
  wants: Wants,
): Decision {
  const [first] = fired;
  return {
    outcome: "hold",
    code: "approval_required",
    rule: first.pointer,
    message: messageOr(first.onDeny, "approval_required", call),
    policy: policy.identity,
    detail: { holds: fired.map((predicate) => predicate.pointer) },
    observed,
    wants,
  };
}

function denial(
  policy: CompiledPolicy | undefined,
  call: Call,
  code: DecisionCode,
  rule: string,
  message?: string,
  detail?: DecisionDetail,
): Decision {
  return {
    outcome: "deny",
    code,
    rule,
    message: messageOr(message, code, call),
    policy: policy?.identity,
    detail,
    observed: noObservations,
    wants: undefined,
  };
}

/** An empty message counts as none. */
function messageOr(message: string | undefined, code: DecisionCode, call: Call): string {
  return message === undefined || message === "" ? sentenceOf(code, call.tool.name, call.tool.isNew) : message;
}
