import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, visibility } from "../../src/policy/index.ts";
import { judge } from "./conditions.ts";
import { Coverage, codesOfOneCall, codesOfSequences, operatorKinds } from "./coverage.ts";
import type { Condition, PolicyDocument, Predicate } from "./document.ts";
import { membersOf } from "./document.ts";
import { condition } from "./generators/conditions.ts";
import { limits, policyDocument, predicate } from "./generators/policies.ts";
import { calls, runs, seed } from "./property-kit.ts";
import { load } from "./real.ts";
import { changeEntry, entriesOf, mapComparisons } from "./rewrite.ts";
import { compareAtRandom } from "./run.ts";
import { compareSequences } from "./sequences.ts";
import { select } from "./tools.ts";

const always: Predicate = { conditions: [] };

/** How far a decision lets a call go. */
const width = { deny: 0, hold: 1, allow: 2 } as const;

describe(`the policy engine against the oracle, seed ${seed}`, () => {
  test("both give the same outcome, code, rule, holds and observations for 100,000 random calls", () => {
    const coverage = new Coverage();
    const pairs = compareAtRandom({ policies: 2000, callsPerPolicy: 50, seed }, coverage);
    expect(pairs).toBeGreaterThanOrEqual(100_000);
    expect(coverage.missing([...codesOfOneCall, ...operatorKinds])).toEqual([]);
    console.info(`${pairs} pairs, seed ${seed}\n${coverage.report()}`);
  }, 240_000);

  test("both agree on sequences of calls with limits, leases, refunds and flows", async () => {
    const coverage = new Coverage();
    const compared = await compareSequences(2000, seed, coverage);
    expect(compared).toBeGreaterThan(30_000);
    expect(coverage.missing([...codesOfSequences, "in the last slice of a window"])).toEqual([]);
    console.info(`${compared} calls in sequences, seed ${seed}\n${coverage.report()}`);
  }, 240_000);
});

describe("what holds for every policy", () => {
  test("deny beats allow: whatever lets a call pass, one deny beside it stops it", () => {
    let stopped = 0;
    fc.assert(
      fc.property(policyDocument, calls, (document, judged) => {
        for (const [oneCall, time] of judged) {
          if (decide(load(document), oneCall, time).outcome === "deny") continue;
          const selection = select(document, oneCall.tool.name, oneCall.tool.review?.category);
          const denials: PolicyDocument[] = [
            { ...document, hide: [...membersOf(document.hide, document), oneCall.tool.name] },
            {
              ...document,
              all_tools: { ...document.all_tools, deny_if: [...(document.all_tools?.deny_if ?? []), always] },
            },
          ];
          if (selection.kind === "entry") {
            denials.push(
              changeEntry(document, selection, (rules) => ({ ...rules, deny_if: [always, ...(rules.deny_if ?? [])] })),
              changeEntry(document, selection, (rules) => ({ ...rules, action: "deny" })),
            );
          }
          for (const denying of denials) {
            expect(decide(load(denying), oneCall, time).outcome).toBe("deny");
            stopped += 1;
          }
        }
      }),
      { ...runs, numRuns: 150 },
    );
    expect(stopped).toBeGreaterThan(500);
  });

  test("nothing is allowed without an allow: with `default: deny` an entry must select the tool", () => {
    fc.assert(
      fc.property(policyDocument, calls, (document, judged) => {
        const { tools: _tools, categories: _categories, ...rest } = document;
        const closed = load({ ...document, default: "deny" });
        const bare = load({ ...rest, default: "deny" });
        for (const [oneCall, time] of judged) {
          expect(decide(bare, oneCall, time).outcome).toBe("deny");
          expect(decide(undefined, oneCall, time).code).toBe("no_policy");
          if (select(document, oneCall.tool.name, oneCall.tool.review?.category).kind === "entry") continue;
          expect(decide(closed, oneCall, time).outcome).toBe("deny");
        }
      }),
      runs,
    );
  });

  test("a `deny_if`, a `require`, an `approve_if` or a limit more in an entry never widens it", () => {
    const additions = fc.tuple(fc.nat(), fc.constantFrom("require", "deny_if", "approve_if"), predicate, limits);
    fc.assert(
      fc.property(policyDocument, additions, calls, (document, [place, list, added, moreLimits], judged) => {
        const entries = entriesOf(document);
        const pointer = entries[place % Math.max(1, entries.length)];
        if (pointer === undefined) return;
        const named = moreLimits.map((limit) => ({ ...limit, counter: `added ${limit.counter}` }));
        const before = load(document);
        const narrower = [
          load(changeEntry(document, { pointer }, (rules) => ({ ...rules, [list]: [...(rules[list] ?? []), added] }))),
          load(
            changeEntry(document, { pointer }, (rules) => ({ ...rules, limits: [...(rules.limits ?? []), ...named] })),
          ),
        ];
        for (const [oneCall, time] of judged) {
          const was = decide(before, oneCall, time);
          for (const after of narrower) {
            const is = decide(after, oneCall, time);
            expect(width[is.outcome]).toBeLessThanOrEqual(width[was.outcome]);
            expect(is.wants?.charges.length ?? Infinity).toBeGreaterThanOrEqual(was.wants?.charges.length ?? 0);
          }
        }
      }),
      runs,
    );
  });

  test("what cannot be judged never passes", () => {
    let unjudged = 0;
    fc.assert(
      fc.property(condition, calls, (asked, judged) => {
        const rulesWith = (list: string): PolicyDocument => ({
          ...empty,
          all_tools: { [list]: [{ conditions: [asked] }] },
        });
        const [require, denyIf, approveIf] = [
          load(rulesWith("require")),
          load(rulesWith("deny_if")),
          load(rulesWith("approve_if")),
        ];
        for (const [anyCall, { nowMs }] of judged) {
          const oneCall = {
            ...anyCall,
            tool: { ...anyCall.tool, isListed: true, isChanged: false, schema: undefined },
          };
          const world = { call: oneCall, document: empty, nowMs };
          const onPassSide = judge(asked, { side: "pass", isUnderOddNots: false }, world, () => {});
          const onDenySide = judge(asked, { side: "deny", isUnderOddNots: false }, world, () => {});
          if (onPassSide === "cannot judge") expect(decide(require, oneCall, { nowMs }).outcome).toBe("deny");
          if (onDenySide === "cannot judge") {
            expect(decide(denyIf, oneCall, { nowMs }).outcome).toBe("deny");
            expect(decide(approveIf, oneCall, { nowMs }).outcome).not.toBe("allow");
          }
          unjudged += Number(onPassSide === "cannot judge" || onDenySide === "cannot judge");
        }
      }),
      runs,
    );
    expect(unjudged).toBeGreaterThan(500);
  });

  test("an argument that is missing never satisfies `require`, however the condition is turned", () => {
    const overNothing = condition.map((asked) => mapComparisons(asked, aboutNothing));
    fc.assert(
      fc.property(overNothing, calls, (asked, judged) => {
        const policy = load({ ...empty, all_tools: { require: [{ conditions: [asked] }] } });
        for (const [oneCall, time] of judged) expect(decide(policy, oneCall, time).outcome).toBe("deny");
      }),
      runs,
    );
  });

  test("a tool that is shown as hidden or denied is not allowed by any call", () => {
    let unseen = 0;
    fc.assert(
      fc.property(policyDocument, calls, (document, judged) => {
        const policy = load(document);
        for (const [{ tool }] of judged) {
          const shown = visibility(policy, tool);
          if (shown === "listed") continue;
          for (const [oneCall, time] of judged) {
            const decision = decide(policy, { ...oneCall, tool }, time);
            expect(decision.outcome).toBe("deny");
            if (decision.code === "hidden") expect(shown).toBe("hidden");
            unseen += 1;
          }
        }
      }),
      runs,
    );
    expect(unseen).toBeGreaterThan(500);
  });
});

const empty: PolicyDocument = {
  version: "1",
  default: "allow",
  lists: { words: ["drop"], hosts: ["example.com"], roots: ["/srv"], networks: ["10.0.0.0/8"] },
};

/** The comparison about an argument that no call has; `exists`, which can answer, asks for it to be there. */
function aboutNothing(comparison: Condition): Condition {
  if (!("op" in comparison)) return comparison;
  return comparison.op === "exists"
    ? { path: "args.nothing", op: "eq", value: 1 }
    : { ...comparison, path: "args.nothing" };
}
