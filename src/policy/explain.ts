import { formatDecimal } from "../values/decimal.ts";
import type { Call, Facts } from "./call.ts";
import type { CompiledPolicy, CompiledPredicate, CompiledRules } from "./compiled.ts";
import type { Subject } from "./conditions/condition.ts";
import { decide, regexBudgetPerCall, schemaFaultsOf } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { quoteTool, quotaWords, waitWords } from "./messages.ts";
import { isAlive, judgePredicate } from "./predicates.ts";
import { selectRules } from "./selection.ts";

/** What one step of policy.md §3 said of a call. */
export interface ExplainedStep {
  /** The step's number in policy.md §3. */
  readonly step: number;
  /** `asks`: the store has to answer; `observed`: an entry in observe mode would have acted; `idle`: outside its life. */
  readonly result: "passed" | "denied" | "held" | "asks" | "observed" | "idle";
  /** Pointer into the policy, or `(default deny)` and the like; `""` where there is nothing to point at. */
  readonly rule: string;
  /** One sentence for people; no argument value. */
  readonly text: string;
}

/** A decision with the steps that led to it, in order; the steps after a denial are left out. */
export interface Explanation {
  readonly decision: Decision;
  readonly steps: readonly ExplainedStep[];
}

/** Pure. Why the policy decides as it does on this call, step by step. */
export function explain(policy: CompiledPolicy | undefined, call: Call, facts: Facts): Explanation {
  const decision = decide(policy, call, facts);
  if (policy === undefined) return { decision, steps: [denied(3, "(no policy)", "the grant has no policy")] };
  const steps: ExplainedStep[] = [
    {
      step: 3,
      result: "passed",
      rule: "",
      text: `policy ${policy.identity.id} version ${policy.identity.version} applies`,
    },
  ];
  for (const step of judgedSteps(policy, call, facts, decision)) {
    steps.push(step);
    if (step.result === "denied") break;
  }
  return { decision, steps };
}

/** Pure. The explanation as lines of text, the decision last. */
export function toSentences(explanation: Explanation): readonly string[] {
  const { decision, steps } = explanation;
  const lines = steps.map(
    ({ step, result, rule, text }) =>
      `${step}. ${result}: ${text}${rule === "" ? "" : ` (${rule.replace(/^\(|\)$/g, "")})`}`,
  );
  const told = decision.message === "" ? "" : `: ${decision.message}`;
  return [...lines, `${decision.outcome} [${decision.code}]${told}`];
}

function* judgedSteps(policy: CompiledPolicy, call: Call, facts: Facts, decision: Decision): Generator<ExplainedStep> {
  const rules = selectRules(policy, call.tool);
  if (rules.kind === "refusal") {
    yield denied(rules.step, rules.rule, `${quoteTool(call.tool.name)} ${rules.words}`);
    return;
  }
  yield { step: 4, result: "passed", rule: "", text: `${quoteTool(call.tool.name)} is not hidden` };
  yield { step: 5, result: "passed", rule: "", text: "the server lists it, and its definition may be used" };
  yield { step: 6, result: "passed", rule: rules.pointer, text: "this entry selects the tool" };
  if (rules.denial !== undefined) {
    yield denied(7, rules.denial.rule, "the action denies every call");
    return;
  }
  yield* argumentSteps(rules, call);
  const subject: Subject = { call, facts, timeZone: policy.timeZone, regexBudget: regexBudgetPerCall };
  const observing: Subject = { ...subject };
  const subjectOf = (predicate: CompiledPredicate): Subject => (predicate.isObserved ? observing : subject);
  for (const predicate of rules.require) yield wallStep(9, predicate, subjectOf(predicate), "holds");
  for (const predicate of rules.denyIf) yield wallStep(10, predicate, subjectOf(predicate), "fails");
  yield* flowSteps(11, "deny", decision);
  yield* limitSteps(rules, subject);
  for (const predicate of rules.approveIf) yield holdStep(predicate, subjectOf(predicate));
  yield* flowSteps(13, "hold", decision);
}

function* argumentSteps(rules: CompiledRules, call: Call): Generator<ExplainedStep> {
  if (rules.validateArguments !== undefined) {
    const faults = schemaFaultsOf(call);
    if (faults.length > 0)
      yield denied(8, rules.validateArguments, `the arguments do not fit the input schema: ${faults.join(", ")}`);
    else yield { step: 8, result: "passed", rule: rules.validateArguments, text: "the arguments fit the input schema" };
  }
  const unknown = rules.unknownArgumentsOf(call);
  if (unknown.length > 0)
    yield denied(8, rules.unknownArguments, `arguments that are not named: ${unknown.join(", ")}`);
}

const truthWords = { holds: "holds", fails: "does not hold", cannotJudge: "cannot be judged" } as const;

/** A predicate of `require` (wants `holds`) or `deny_if` (wants `fails`). */
function wallStep(
  step: number,
  predicate: CompiledPredicate,
  subject: Subject,
  wanted: "holds" | "fails",
): ExplainedStep {
  const rule = predicate.pointer;
  if (!isAlive(predicate, subject.facts.nowMs)) return idle(step, rule);
  const { truth, condition } = judgePredicate(predicate, subject);
  const text = `${nameOf(predicate)} ${truthWords[truth]}${condition === undefined ? "" : `, by \`${condition}\``}`;
  if (truth === wanted) return { step, result: "passed", rule, text };
  return { step, result: predicate.isObserved ? "observed" : "denied", rule, text };
}

function holdStep(predicate: CompiledPredicate, subject: Subject): ExplainedStep {
  const rule = predicate.pointer;
  if (!isAlive(predicate, subject.facts.nowMs)) return idle(13, rule);
  const { truth } = judgePredicate(predicate, subject);
  const text = `${nameOf(predicate)} ${truthWords[truth]}`;
  if (truth === "fails") return { step: 13, result: "passed", rule, text };
  return { step: 13, result: predicate.isObserved ? "observed" : "held", rule, text: `${text}, so a person is asked` };
}

/** The flows of which the store will be asked. */
function* flowSteps(step: number, effect: "deny" | "hold", decision: Decision): Generator<ExplainedStep> {
  for (const guard of decision.wants?.guards ?? []) {
    if (guard.effect !== effect) continue;
    const text = `an earlier call within ${waitWords(guard.withinMs)} would ${effect} this one`;
    yield { step, result: "asks", rule: guard.rule, text };
  }
}

function* limitSteps(rules: CompiledRules, subject: Subject): Generator<ExplainedStep> {
  for (const limit of rules.limits) {
    const charge = limit.charge(subject);
    if (charge === undefined)
      yield denied(12, limit.pointer, `the limit \`${limit.counter}\` cannot read what the call uses`);
    else
      yield {
        step: 12,
        result: "asks",
        rule: limit.pointer,
        text: `\`${limit.counter}\`: ${quotaWords(charge)}; this call uses ${formatDecimal(charge.amount)}`,
      };
  }
}

function nameOf(predicate: CompiledPredicate): string {
  return predicate.name === undefined ? "the entry" : `\`${predicate.name}\``;
}

function denied(step: number, rule: string, text: string): ExplainedStep {
  return { step, result: "denied", rule, text };
}

function idle(step: number, rule: string): ExplainedStep {
  return { step, result: "idle", rule, text: "outside the time it is valid for" };
}
