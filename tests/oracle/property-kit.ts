import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import { expect } from "vitest";
import type { Call, Facts } from "../../src/policy/call.ts";
import type { CompiledPolicy, Decision } from "../../src/policy/index.ts";
import { decide } from "../../src/policy/index.ts";
import { call, facts } from "./generators/calls.ts";

/** `ORACLE_SEED=n` repeats a run; a failure prints the seed and the path of its case too. */
export const seed: number = Number(process.env["ORACLE_SEED"] ?? "20260101");

/** How often each property is tried, unless it says otherwise. */
export const runs: { readonly numRuns: number; readonly seed: number } = { numRuns: 300, seed };

/** The calls that each policy judges. */
export const calls: Arbitrary<[Call, Facts][]> = fc.array(fc.tuple(call, facts), { minLength: 10, maxLength: 10 });

/** All of a decision that is not text for people. */
export function textOf(decision: Decision): string {
  const { outcome, code, rule, detail } = decision;
  return JSON.stringify({
    outcome,
    code,
    rule,
    condition: detail?.condition,
    holds: detail?.holds,
    observed: decision.observed,
  });
}

/** Both policies say the same of every call, down to the rule. */
export function expectSame(
  one: CompiledPolicy,
  other: CompiledPolicy,
  judged: readonly (readonly [Call, Facts])[],
): void {
  for (const [oneCall, time] of judged)
    expect(textOf(decide(other, oneCall, time))).toBe(textOf(decide(one, oneCall, time)));
}
