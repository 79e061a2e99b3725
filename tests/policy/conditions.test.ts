import { describe, expect, test } from "vitest";
import type { ConditionSource, Side, Truth } from "../../src/policy/conditions/condition.ts";
import { operators } from "../../src/policy/conditions/operators.ts";
import { conditionProblemCodes } from "../../src/policy/conditions/problem-codes.ts";
import { compileCase, judge, readCases, readTruthTable } from "./condition-cases.ts";
import type { Case, Input } from "./condition-cases.ts";

const sides = ["pass", "deny"] as const;
const files = readCases();

describe.each([...files])("conditions of %s.yaml", (_file, cases) => {
  for (const entry of cases) describe(titleOf(entry), () => testCase(entry));
});

function testCase(entry: Case): void {
  for (const source of entry.conditions) {
    for (const side of sides) {
      const expected = expectedProblems(entry, side);
      if (expected !== undefined) {
        test(`${JSON.stringify(source)} on the ${side} side reports ${expected.join(", ") || "nothing"}`, () => {
          const { condition, problems } = compileCase(source, side, entry.lists);
          expect(problems.map(({ code, path }) => `${code} at ${path}`)).toEqual(expected);
          expect(condition === undefined).toBe(problems.some(({ severity }) => severity === "error"));
        });
      }
      for (const input of entry.inputs ?? []) testInput(source, side, input, entry);
    }
  }
}

function testInput(source: ConditionSource, side: Side, input: Input, { lists }: Case): void {
  const { pass, deny, why, covers = [], ...facts } = input;
  const expected = side === "pass" ? pass : deny;
  if (expected === undefined) return;
  const ids = covers.map((id) => `[${id}] `).join("");
  const text = JSON.stringify(facts).slice(0, 120);
  test(`${ids}${JSON.stringify(source).slice(0, 120)} on the ${side} side ${expected} for ${text}${why ? `: ${why}` : ""}`, () => {
    expect(judge(source, side, facts, lists)).toBe(expected);
  });
}

function expectedProblems({ problems }: Case, side: Side): readonly string[] | undefined {
  return problems === undefined || "length" in problems ? problems : problems[side];
}

function titleOf({ name, covers = [] }: Case): string {
  return `${covers.map((id) => `[${id}] `).join("")}${name}`;
}

describe("problems of conditions", () => {
  const reported = [...files.values()]
    .flat()
    .flatMap((entry) =>
      entry.conditions.flatMap((source) => sides.flatMap((side) => compileCase(source, side, entry.lists).problems)),
    );

  test("each has a code of the list, and each code of the list has a case", () => {
    const codes = new Set(reported.map(({ code }) => code));
    expect([...codes].toSorted()).toEqual(Object.keys(conditionProblemCodes).toSorted());
  });

  test("each is in lower case, on one line, without a full stop", () => {
    for (const { message, hint } of reported) {
      for (const text of [message, hint]) {
        expect(text).toMatch(/^(?:[a-z`]).*[^.]$/);
        expect(text.replace(/`[^`]*`/g, "").replace(/RE2|NFKC|RFC|ASCII/g, "")).not.toMatch(/[A-Z]|\n/);
      }
    }
  });
});

/** [R65] All operators over all kinds of left side, on both sides, under zero, one and two `not`. */
describe("[R65] [R66] [R67] [R68] [R73] the truth table", () => {
  const { lefts, operators: rows } = readTruthTable();
  const kinds = [...Object.keys(lefts), "absent", "wrong step"];

  test("has a row for every operator and a cell for every kind", () => {
    expect(Object.keys(rows)).toEqual(operators);
    for (const { answers } of Object.values(rows)) expect(Object.keys(answers)).toEqual(cellsOf(kinds));
  });

  for (const [op, { value, answers }] of Object.entries(rows)) {
    for (const kind of kinds) {
      for (const side of sides) {
        const plain =
          answers[side === "pass" || !(kind === "absent" || kind === "null") ? kind : `${kind} on the deny side`];
        if (plain === undefined) continue;
        const args = kind === "absent" ? { list: [] } : { x: lefts[kind] ?? null, list: [] };
        const path = kind === "wrong step" ? "args.list.x" : "args.x";
        for (const nots of [0, 1, 2]) {
          const expected = nots === 1 ? opposite(plain) : plain;
          test(`${"not ".repeat(nots)}${op} ${expected} for ${kind} on the ${side} side`, () => {
            expect(judge(underNots({ path, op, value }, nots), side, { args })).toBe(expected);
          });
        }
      }
    }
  }
});

/** Absent and null differ by side, so they have two cells. */
function cellsOf(kinds: readonly string[]): readonly string[] {
  return kinds.flatMap((kind) => (kind === "absent" || kind === "null" ? [kind, `${kind} on the deny side`] : [kind]));
}

function underNots(source: ConditionSource, nots: number): ConditionSource {
  return nots === 0 ? source : { not: underNots(source, nots - 1) };
}

function opposite(truth: Truth): Truth {
  if (truth === "cannotJudge") return truth;
  return truth === "holds" ? "fails" : "holds";
}

test("problems show what was written on one line, cut and with nothing invisible", () => {
  const long = "x".repeat(5_000);
  const sources: readonly ConditionSource[] = [
    { path: `args.a\n\u202eb`, op: "exists" },
    { path: `args.${long}.__proto__`, op: "exists" },
    { path: "args.a", op: `eq\u0000${long}` },
    { path: "args.a", op: "in", value: { $list: `a\`b\u2028${long}` } },
    { path: "args.a", op: "cidr", value: [`10.0.0.0\r\n${long}`, { k: long }] },
    { path: "args.a", op: "host_in", value: [`exa\u200bmple.com${long}`] },
    { path: "args.a", op: "within", value: [`/a\u0007${long}`] },
    { path: "args.a", op: "before", value: `\t${long}` },
    { path: "args.a", op: "regex", value: `a\n(\u202e${"y".repeat(900)}` },
    { path: "args.a", op: "regex", value: `a\n\u202e${"y".repeat(900)}` },
  ];
  const problems = sources.flatMap((source) => compileCase(source, "pass").problems);
  expect(problems.length).toBeGreaterThan(sources.length);
  for (const { message, hint } of problems) {
    for (const text of [message, hint]) {
      expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(text.length).toBeLessThan(400);
    }
  }
});
