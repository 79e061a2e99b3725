import { describe, expect, it } from "vitest";
import type { Attack } from "../../src/attacks/attack.ts";
import { loadAttacks } from "../../src/attacks/load-entries.ts";

// A policy that stops an attack must not stop the agent, and a rule that never fires is not known to work.

interface Rules {
  readonly action?: string;
  readonly require?: readonly unknown[];
  readonly deny_if?: readonly { readonly conditions: readonly unknown[] }[];
  readonly approve_if?: readonly unknown[];
}

interface Document {
  readonly tools?: Readonly<Record<string, Rules>>;
  readonly all_tools?: Rules;
  readonly flows?: readonly unknown[];
}

function documentOf({ policyText }: Attack): Document {
  const document: Document = JSON.parse(policyText);
  return document;
}

/** Pointers of all predicates and flows. */
function rulesOf({ tools = {}, all_tools: allTools = {}, flows = [] }: Document): readonly string[] {
  const places: readonly (readonly [string, Rules])[] = [
    ["/all_tools", allTools],
    ...Object.entries(tools).map(([name, rules]): readonly [string, Rules] => [`/tools/${name}`, rules]),
  ];
  const predicates = places.flatMap(([place, rules]) =>
    (["require", "deny_if", "approve_if"] as const).flatMap((list) =>
      (rules[list] ?? []).map((_, index) => `${place}/${list}/${index}`),
    ),
  );
  return [...predicates, ...flows.map((_, index) => `/flows/${index}`)];
}

/** Tools that no call may pass: held or denied always, or the server asks in every answer. */
function isNeverPassed(attack: Attack, name: string, { action, deny_if: denyIf = [] }: Rules): boolean {
  const asks = attack.replay.tools.some((tool) => tool.name === name && tool.asks !== undefined);
  return asks || action !== undefined || denyIf.some(({ conditions }) => conditions.length === 0);
}

const attacks = loadAttacks().attacks;

describe("the policy of an entry", () => {
  it.each(attacks.filter(({ coverage }) => coverage !== "none"))("of $slug has no rule that never fires", (attack) => {
    const fired = new Set(
      attack.replay.steps.map(({ expected }) => (expected.kind === "stopped" ? expected.rule : "")),
    );
    const rules = rulesOf(documentOf(attack));
    expect(rules.filter((rule) => !fired.has(rule))).toEqual([]);
  });

  it.each(attacks)("of $slug lets the agent use each tool that it names", (attack) => {
    const passed = new Set(
      attack.replay.steps.flatMap(({ action, expected }) =>
        "tool" in action && expected.kind === "passed" ? [action.tool] : [],
      ),
    );
    const tools = Object.entries(documentOf(attack).tools ?? {});
    const unused = tools.filter(([name, rules]) => !passed.has(name) && !isNeverPassed(attack, name, rules));
    expect(unused.map(([name]) => name)).toEqual([]);
  });
});
