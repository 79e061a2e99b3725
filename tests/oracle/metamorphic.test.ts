import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { decide, explain, normalForm, printPolicy } from "../../src/policy/index.ts";
import type { Charge } from "../../src/values/admission.ts";
import type { JsonValue } from "../../src/values/json.ts";
import type { Condition, PolicyDocument } from "./document.ts";
import { membersOf } from "./document.ts";
import { policyDocument } from "./generators/policies.ts";
import { calls, expectSame, runs, textOf } from "./property-kit.ts";
import { load, loadText } from "./real.ts";
import {
  diceOf,
  mapComparisons,
  mapPredicates,
  mapRules,
  reordered,
  rewritten,
  shuffled,
  withShuffledKeys,
} from "./rewrite.ts";

function jsonOf(document: PolicyDocument): JsonValue {
  return JSON.parse(JSON.stringify(document));
}

/** All of a charge but where its limit stands, which the normal form may move. */
function textOfCharge({ rule: _rule, ...charge }: Charge): string {
  return JSON.stringify(charge, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

describe("what may be written in another way without a difference", () => {
  test("the order of keys in the document does not matter, nor do white space and escapes", () => {
    fc.assert(
      fc.property(policyDocument, fc.nat(), calls, (document, roll, judged) => {
        const dice = diceOf(roll);
        const other = rewritten(withShuffledKeys(jsonOf(document), dice), dice);
        expectSame(load(document), loadText(other), judged);
      }),
      runs,
    );
  });

  test("the same document written in YAML says the same", () => {
    fc.assert(
      fc.property(policyDocument, calls, (document, judged) => {
        expectSame(load(document), loadText(stringify(document), "policy.yaml"), judged);
      }),
      { ...runs, numRuns: 100 },
    );
  });

  test("the order of predicates, conditions, limits and members of lists changes no outcome", () => {
    fc.assert(
      fc.property(policyDocument, fc.nat(), calls, (document, roll, judged) => {
        const dice = diceOf(roll);
        const mixed = mapRules(
          { ...document, ...(document.hide && { hide: shuffled(membersOf(document.hide, document), dice) }) },
          (rules) => ({
            ...mapPredicates(rules, (predicates) =>
              shuffled(predicates, dice).map((entry) => ({
                ...entry,
                conditions: shuffled(entry.conditions, dice).map((part) => reordered(part, dice)),
              })),
            ),
            ...(rules.limits && { limits: shuffled(rules.limits, dice) }),
          }),
        );
        const [one, other] = [load(document), load(mixed)];
        for (const [oneCall, time] of judged)
          expect(decide(other, oneCall, time).outcome).toBe(decide(one, oneCall, time).outcome);
      }),
      runs,
    );
  });

  test("the order of a call's arguments does not matter", () => {
    fc.assert(
      fc.property(policyDocument, fc.nat(), calls, (document, roll, judged) => {
        const policy = load(document);
        const dice = diceOf(roll);
        for (const [oneCall, time] of judged) {
          const args = Object.fromEntries(shuffled(Object.entries(oneCall.args), dice));
          expect(textOf(decide(policy, { ...oneCall, args }, time))).toBe(textOf(decide(policy, oneCall, time)));
        }
      }),
      runs,
    );
  });

  test("`not not x` is `x`", () => {
    const doubled = (inner: Condition): Condition => ({ not: { not: inner } });
    fc.assert(
      fc.property(policyDocument, calls, (document, judged) => {
        const change = (part: Condition): Condition => doubled(mapComparisons(part, doubled));
        const twice = mapRules(document, (rules) =>
          mapPredicates(rules, (predicates) =>
            predicates.map((entry) => ({ ...entry, conditions: entry.conditions.map(change) })),
          ),
        );
        const [one, other] = [load(document), load(twice)];
        for (const [oneCall, time] of judged) {
          const { outcome, code, rule } = decide(one, oneCall, time);
          expect(decide(other, oneCall, time)).toMatchObject({ outcome, code, rule });
        }
      }),
      runs,
    );
  });

  test("the same call, the same policy and the same facts give the same decision, whatever came between", () => {
    fc.assert(
      fc.property(policyDocument, calls, (document, judged) => {
        const policy = load(document);
        const first = judged.map(([oneCall, time]) => textOf(decide(policy, oneCall, time)));
        const second = judged.toReversed().map(([oneCall, time]) => textOf(decide(policy, oneCall, time)));
        expect(second.toReversed()).toEqual(first);
        expectSame(policy, load(document), judged);
      }),
      runs,
    );
  });

  test("a policy's normal form, printed and read again, decides and counts alike and is its own normal form", () => {
    fc.assert(
      fc.property(policyDocument, calls, (document, judged) => {
        const policy = load(document);
        const printed = printPolicy(normalForm(policy));
        const again = loadText(printed);
        expect(JSON.parse(printPolicy(normalForm(again)))).toEqual(JSON.parse(printed));
        for (const [oneCall, time] of judged) {
          const [one, other] = [decide(policy, oneCall, time), decide(again, oneCall, time)];
          expect(other).toMatchObject({ outcome: one.outcome, code: one.code });
          expect(other.wants?.charges.map(textOfCharge).toSorted()).toEqual(
            one.wants?.charges.map(textOfCharge).toSorted(),
          );
        }
      }),
      runs,
    );
  });

  test("an explanation carries the same decision", () => {
    fc.assert(
      fc.property(policyDocument, calls, (document, judged) => {
        const policy = load(document);
        for (const [oneCall, time] of judged) {
          const { decision, steps } = explain(policy, oneCall, time);
          expect(textOf(decision)).toBe(textOf(decide(policy, oneCall, time)));
          const isDenied = steps.at(-1)?.result === "denied";
          expect(isDenied).toBe(decision.outcome === "deny");
          if (isDenied) expect(steps.at(-1)?.rule).toBe(decision.rule);
        }
      }),
      runs,
    );
  });
});
