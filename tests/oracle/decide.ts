/**
 * A second, slow and obvious reading of the policy language, written from policy.md alone. It shares no code with
 * `src/`: where the two disagree, one of them has misread the text.
 */

import type { Call, Facts } from "../../src/policy/call.ts";
import { areValid, hasUnknownArgument } from "./arguments.ts";
import type { Witness } from "./conditions.ts";
import { judge } from "./conditions.ts";
import type { PolicyDocument, Predicate, Rules } from "./document.ts";
import { membersOf } from "./document.ts";
import { compareInstants, instantOfMs, readInstant } from "./instants.ts";
import { claimsOf } from "./limits.ts";
import type { Selected, Selection } from "./tools.ts";
import { isCovered, select } from "./tools.ts";
import type { Truth } from "./truth.ts";
import { and } from "./truth.ts";

/** What the oracle says of a call: the same words as a decision of the gateway. */
export interface OracleDecision {
  readonly outcome: "allow" | "deny" | "hold";
  readonly code: string;
  /** What the log shows. */
  readonly rule: string;
  /** RFC 6901 pointer to the condition that decided, where there is one. */
  readonly condition?: string;
}

/** A decision with what it leaves to the store, for {@link OracleGateway}. */
export interface Judgement {
  readonly decision: OracleDecision;
  readonly selected: Selected | undefined;
  /** Pointers of all entries that ask for approval, in order; flows not among them. */
  readonly holds: readonly string[];
  /** Entries in `mode: "observe"` that would have acted, as `pointer code`, of the steps that were reached. */
  readonly observed: readonly string[];
}

const deny = (code: string, rule: string): OracleDecision => ({ outcome: "deny", code, rule });

/** Pure. Steps 3 to 13 of policy.md §3, all that needs no earlier call. */
export function oracleDecide(document: PolicyDocument | undefined, call: Call, facts: Facts): OracleDecision {
  return oracleJudge(document, call, facts).decision;
}

/** Pure but for the witness. The decision with its holds and observations. */
export function oracleJudge(
  document: PolicyDocument | undefined,
  call: Call,
  facts: Facts,
  witness: Witness = () => {},
): Judgement {
  const before = beforeLimits(document, call, facts, witness);
  if (document === undefined || before.decision.outcome === "deny") return before;
  const claim = claimsOf(document, before.selected, call).find(
    ({ amount, counter }) => amount === undefined || counter === undefined,
  );
  return claim === undefined ? before : { ...before, decision: deny("increment_invalid", claim.pointer), holds: [] };
}

/** Pure but for the witness. Steps 3 to 10 and 13, without the limits and flows between them. */
export function beforeLimits(
  document: PolicyDocument | undefined,
  call: Call,
  facts: Facts,
  witness: Witness,
): Judgement {
  const refusal = (decision: OracleDecision): Judgement => ({ decision, selected: undefined, holds: [], observed: [] });
  if (document === undefined) return refusal(deny("no_policy", "(no policy)"));
  if (membersOf(document.hide, document).some((pattern) => isCovered(pattern, call.tool.name)))
    return refusal(deny("hidden", "(hidden)"));
  if (!call.tool.isListed) return refusal(deny("unknown_tool", "(unknown tool)"));
  if (call.tool.isChanged) return refusal(deny("changed_tool", "(changed tool)"));
  const selection = select(document, call.tool.name, call.tool.review?.category);
  if (selection.kind === "unreviewed") return refusal(deny("unreviewed_tool", "(unreviewed tool)"));
  if (selection.kind === "none" && document.default === "deny") return refusal(deny("default_deny", "(default deny)"));
  return byRules(document, selection, call, facts, witness);
}

function byRules(
  document: PolicyDocument,
  selection: Selection,
  call: Call,
  facts: Facts,
  witness: Witness,
): Judgement {
  const selected = selection.kind === "entry" ? selection : undefined;
  const places: Selected[] = selected === undefined ? [] : [selected];
  if (document.all_tools !== undefined)
    places.push({ rules: document.all_tools, pointer: "/all_tools", key: "all_tools" });
  const steps: Step = { document, call, facts, witness, places, observed: [] };
  const decision = ofAction(selected) ?? ofArguments(steps) ?? ofRequire(steps) ?? ofDenyIf(steps);
  if (decision !== undefined) return { decision, selected, holds: [], observed: steps.observed };
  const holds = holdsOf(steps, selected);
  const [first] = holds;
  const rest: OracleDecision =
    first === undefined
      ? { outcome: "allow", code: "allowed", rule: "" }
      : { outcome: "hold", code: "approval_required", rule: first };
  return { decision: rest, selected, holds, observed: steps.observed };
}

/** What every step reads, and where it notes observations. */
interface Step {
  readonly document: PolicyDocument;
  readonly call: Call;
  readonly facts: Facts;
  readonly witness: Witness;
  /** The tool's own rules first, then those of `all_tools`. */
  readonly places: readonly Selected[];
  readonly observed: string[];
}

function ofAction(selected: Selected | undefined): OracleDecision | undefined {
  return selected?.rules.action === "deny" ? deny("denied", `${selected.pointer}/action`) : undefined;
}

function ofArguments(step: Step): OracleDecision | undefined {
  const checking = step.places.find(({ rules }) => rules.validate_arguments === true);
  if (checking !== undefined && !areValid(step.call.tool.schema, step.call)) {
    return deny("arguments_invalid", `${checking.pointer}/validate_arguments`);
  }
  const applying = step.places.map(({ rules }) => rules);
  if (!hasUnknownArgument(step.call, applying)) return undefined;
  const written = step.places.filter(({ rules }) => rules.unknown_arguments !== undefined);
  const denying = written.find(({ rules }) => rules.unknown_arguments === "deny") ?? written[0] ?? step.places[0];
  return deny("unknown_argument", `${denying?.pointer ?? "/all_tools"}/unknown_arguments`);
}

function ofRequire(step: Step): OracleDecision | undefined {
  for (const found of judgeAll(step, "require", "pass")) {
    if (found.truth === "holds") continue;
    const code = found.truth === "fails" ? "require_failed" : "cannot_judge";
    if (found.isObserved) step.observed.push(`${found.pointer} ${code}`);
    else return at(deny(code, found.pointer), found);
  }
  return undefined;
}

function ofDenyIf(step: Step): OracleDecision | undefined {
  for (const found of judgeAll(step, "deny_if", "deny")) {
    if (found.truth === "fails") continue;
    const code = found.truth === "holds" ? "deny_if_matched" : "cannot_judge";
    if (found.isObserved) step.observed.push(`${found.pointer} ${code}`);
    else return at(deny(code, found.pointer), found);
  }
  return undefined;
}

function holdsOf(step: Step, selected: Selected | undefined): readonly string[] {
  const holds = selected?.rules.action === "require_approval" ? [`${selected.pointer}/action`] : [];
  for (const found of judgeAll(step, "approve_if", "deny")) {
    if (found.truth === "fails") continue;
    if (found.isObserved) step.observed.push(`${found.pointer} approval_required`);
    else holds.push(found.pointer);
  }
  return holds;
}

/** One predicate, judged. */
interface Found {
  readonly pointer: string;
  readonly truth: Truth;
  readonly isObserved: boolean;
  readonly conditions: readonly Truth[];
}

/** Every predicate in force, the tool's own first, judged one after the other as they are asked for. */
function* judgeAll(step: Step, list: "require" | "deny_if" | "approve_if", side: "pass" | "deny"): Generator<Found> {
  for (const { rules, pointer } of step.places) {
    for (const [i, predicate] of predicatesOf(rules, list).entries()) {
      if (!isInForce(predicate, step.facts.nowMs)) continue;
      const world = { call: step.call, document: step.document, nowMs: step.facts.nowMs };
      const conditions = predicate.conditions.map((part) =>
        judge(part, { side, isUnderOddNots: false }, world, step.witness),
      );
      yield {
        pointer: `${pointer}/${list}/${i}`,
        truth: and(conditions),
        isObserved: predicate.mode === "observe",
        conditions,
      };
    }
  }
}

function predicatesOf(rules: Rules, list: "require" | "deny_if" | "approve_if"): readonly Predicate[] {
  return rules[list] ?? [];
}

/** Both bounds belong to the life of an entry. */
function isInForce(predicate: Predicate, nowMs: number): boolean {
  const now = instantOfMs(nowMs);
  const from = predicate.valid_from === undefined ? undefined : readInstant(predicate.valid_from);
  const until = predicate.valid_until === undefined ? undefined : readInstant(predicate.valid_until);
  const hasBegun = from === undefined || compareInstants(from, now) <= 0;
  return hasBegun && (until === undefined || compareInstants(now, until) <= 0);
}

/** The decision with the condition that made it: the first one with the predicate's own truth. */
function at(decision: OracleDecision, found: Found): OracleDecision {
  const index = found.conditions.indexOf(found.truth);
  return index === -1 ? decision : { ...decision, condition: `${found.pointer}/conditions/${index}` };
}
