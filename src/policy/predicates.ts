import type { Subject, Truth } from "./conditions/condition.ts";
import type { CompiledPredicate } from "./compiled.ts";

/** What came of a predicate: its truth, and the pointer to the condition that settled it, if one did. */
export interface Judgement {
  readonly truth: Truth;
  readonly condition: string | undefined;
}

const emptyHolds: Judgement = { truth: "holds", condition: undefined };

/** Pure. Whether the predicate acts at this time at all. */
export function isAlive(predicate: CompiledPredicate, nowMs: number): boolean {
  return nowMs >= predicate.fromMs && nowMs <= predicate.untilMs;
}

/**
 * Pure but for the subject's budget. The truth of a predicate's conditions, all of them (AND of three results: one
 * that fails settles it, else one that cannot be judged).
 */
export function truthOf(predicate: CompiledPredicate, subject: Subject): Truth {
  let truth: Truth = "holds";
  for (const condition of predicate.conditions) {
    const part = condition.evaluate(subject);
    if (part === "fails") return "fails";
    if (part === "cannotJudge") truth = "cannotJudge";
  }
  return truth;
}

/** Pure but for the subject's budget. As {@link truthOf}, with the condition to show to people. */
export function judgePredicate(predicate: CompiledPredicate, subject: Subject): Judgement {
  let unjudged: string | undefined;
  for (const condition of predicate.conditions) {
    const part = condition.evaluate(subject);
    if (part === "fails") return { truth: "fails", condition: condition.pointer };
    if (part === "cannotJudge") unjudged ??= condition.pointer;
  }
  if (unjudged !== undefined) return { truth: "cannotJudge", condition: unjudged };
  const first = predicate.conditions[0];
  return first === undefined ? emptyHolds : { truth: "holds", condition: first.pointer };
}
