import { describe, expect, it } from "vitest";
import {
  decide,
  explain,
  loadPolicy,
  normalForm,
  printPolicy,
  toSentences,
  visibility,
} from "../../src/policy/index.ts";
import type { Decision } from "../../src/policy/index.ts";
import type { JsonValue } from "../../src/values/json.ts";
import { isList, isObject, ownMember } from "../../src/values/json.ts";
import { formatDecimal } from "../../src/values/decimal.ts";
import type { DecisionCase, DocumentCase } from "./decision-case.ts";
import { loadCase, readDecisionCases, readDocumentCases, toCall } from "./decision-case.ts";

/** The decision as the case files write it, with those members only that the case compares. */
function shown(decision: Decision, seen: string, wanted: DecisionCase["then"]): DecisionCase["then"] {
  const { outcome, code, rule, message, detail, observed, wants } = decision;
  const all = {
    outcome,
    code,
    rule,
    message,
    condition: detail?.condition ?? "",
    faults: detail?.faults ?? [],
    holds: detail?.holds ?? [],
    observed: observed.map((one) => `${one.rule} ${one.code}`),
    charges: (wants?.charges ?? []).map((charge) => `${charge.rule} ${formatDecimal(charge.amount)} ${charge.key}`),
    guards: (wants?.guards ?? []).map(
      ({ rule: of, effect, scopeKey, withinMs }) => `${of} ${effect} ${scopeKey} ${withinMs}`,
    ),
    visibility: seen,
  };
  const compared = Object.entries(all).filter(([key]) => Object.hasOwn(wanted, key));
  return Object.assign({ outcome, code, rule }, Object.fromEntries(compared));
}

/** Without pointers, which differ where a short form stood, and the charges' own pointers and the approvals' with them. */
function withoutPointers(decision: Decision): unknown {
  const { outcome, code, message, wants } = decision;
  return {
    outcome,
    code,
    message,
    keys: wants?.charges.map(({ key, amount }) => [key, String(amount)]),
    mark: wants?.mark,
  };
}

for (const [file, group] of readDecisionCases()) {
  describe(file, () => {
    const policy = group.policy === undefined ? undefined : loadCase(group.policy, group.profile);
    it.each(group.cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
      const call = toCall(one);
      const facts = { nowMs: Date.parse(one.now ?? "2026-01-01T12:00:00Z") };
      const decision = decide(policy, call, facts);
      expect(shown(decision, visibility(policy, call.tool), one.then), one.why).toEqual(one.then);
      const told = explain(policy, call, facts);
      expect(told.decision).toEqual(decision);
      const last = told.steps.findLast((step) => step.result === "denied");
      expect(last?.rule).toBe(decision.outcome === "deny" ? decision.rule : undefined);
      expect(toSentences(told).at(-1)).toContain(`${decision.outcome} [${decision.code}]`);
      if (policy === undefined) return;
      const again = loadCase(JSON.parse(printPolicy(normalForm(policy))), group.profile);
      expect(withoutPointers(decide(again, call, facts))).toEqual(withoutPointers(decision));
      expect(normalForm(again)).toEqual(normalForm(policy));
    });
  });
}

describe("documents", () => {
  it.each(readDocumentCases().map((one) => [one.name, one] as const))("%s", (_, one: DocumentCase) => {
    const text = one.text ?? JSON.stringify(one.document);
    const { policy, problems } = loadPolicy(text, {
      identity: { id: "case", version: 1, sha256: "0".repeat(64) },
      ...(one.file === undefined ? {} : { file: one.file }),
      ...(one.profile === undefined ? {} : { profile: one.profile }),
      ...(one.tools === undefined ? {} : { tools: one.tools }),
    });
    const found = problems.map((problem) => {
      const place = one.text === undefined ? "" : ` ${problem.line}:${problem.column}`;
      return `${problem.severity} ${problem.code} ${problem.path}${place}`;
    });
    expect(found, one.why).toEqual(one.problems);
    expect(policy === undefined).toBe(found.some((problem) => problem.startsWith("error")));
    const words = problems.map(({ message, hint }) => `${message}; ${hint}`).join("\n");
    for (const said of one.says ?? []) expect(words).toContain(said);
    for (const problem of problems) {
      expect(problem.message).not.toMatch(/[.\n]$|^[A-Z]/);
      expect(problem.hint).not.toBe("");
      expect(problem.file).toBe(one.file);
      if (one.text === undefined)
        expect(startsAt(one.document ?? null, problem.path, text.slice(problem.column - 1))).toBe(true);
    }
  });
});

/** Whether a one-line document's text, from the place of a problem on, begins with what the pointer names, or with its key. */
function startsAt(document: JsonValue, pointer: string, text: string): boolean {
  const steps = pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  let value = document;
  let key = "";
  for (const step of steps) {
    const child = isObject(value) ? ownMember(value, step) : isList(value) ? value[Number(step)] : undefined;
    if (child === undefined) return text.startsWith(JSON.stringify(value));
    value = child;
    key = step;
  }
  return text.startsWith(JSON.stringify(value)) || text.startsWith(`${JSON.stringify(key)}:${JSON.stringify(value)}`);
}
