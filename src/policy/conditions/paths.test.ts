import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../values/json.ts";
import type { ConditionProblem, Subject } from "./condition.ts";
import { compilePath, parsePath, selectAll, selectOne } from "./paths.ts";
import type { CompiledPath } from "./paths.ts";
import { unreadable } from "./reading.ts";

function compile(text: string): CompiledPath {
  const path = compilePath(text, "/path", { report: (problem) => expect(problem).toBe(undefined) });
  if (path === undefined) throw new Error(text);
  return path;
}

function subjectOf(args: JsonObject): Subject {
  return {
    call: {
      organisation: "org",
      server: { name: "mail" },
      grant: { id: "g1", label: "laptop", owner: undefined, tags: {} },
      client: { ip: undefined, name: undefined, version: undefined },
      session: undefined,
      tool: { name: "send", isListed: true, isChanged: false, review: undefined, schema: undefined },
      args,
    },
    facts: { nowMs: 0 },
    timeZone: "UTC",
    regexBudget: 0,
  };
}

const args: JsonObject = {
  amount: 5,
  nothing: null,
  rows: [
    { size: 1, tags: ["a", "b"] },
    { size: 2, tags: [] },
  ],
  none: [],
  mixed: [{ size: 1 }, { other: 2 }, 3],
};

describe("selectOne", () => {
  test.each<[string, ReturnType<typeof selectOne>]>([
    ["args.amount", { kind: "value", value: 5 }],
    ["args.nothing", { kind: "value", value: null }],
    ["args.rows[1].size", { kind: "value", value: 2 }],
    ["args", { kind: "value", value: args }],
    ["args.missing", { kind: "absent" }],
    ["args.missing.deeper", { kind: "absent" }],
    ["args.rows[7]", { kind: "absent" }],
    ["args.amount.x", { kind: "wrongKind" }],
    ["args.nothing.x", { kind: "wrongKind" }],
    ["args.rows[*].size", { kind: "wrongKind" }],
    ["args.**", { kind: "wrongKind" }],
    ["tool.category", { kind: "wrongKind" }],
    ["tool.name", { kind: "value", value: "send" }],
    ["grant.owner", { kind: "absent" }],
  ])("reads %s", (text, expected) => {
    expect(selectOne(compile(text), subjectOf(args))).toEqual(expected);
  });
});

describe("selectAll", () => {
  test.each<[string, ReturnType<typeof selectAll>]>([
    ["args.amount", { kind: "values", values: [5] }],
    ["args.nothing", { kind: "values", values: [null] }],
    ["args.rows[*].size", { kind: "values", values: [1, 2] }],
    ["args.rows.**", { kind: "values", values: [1, "a", "b", 2] }],
    ["args.**.size", { kind: "values", values: [1, 2, 1] }],
    ["args.none[*]", { kind: "empty" }],
    ["args.none.**", { kind: "empty" }],
    ["args.rows[*].tags[*]", { kind: "empty" }],
    ["args.missing", { kind: "absent" }],
    ["args.missing[*]", { kind: "absent" }],
    ["args.rows[*].missing", { kind: "absent" }],
    ["args.mixed[*].size", { kind: "absent" }],
    ["args.mixed[2].size", { kind: "wrongKind" }],
    ["args.amount[*]", { kind: "wrongKind" }],
    ["tool.signals[*]", { kind: "wrongKind" }],
  ])("reads %s", (text, expected) => {
    expect(selectAll(compile(text), subjectOf(args))).toEqual(expected);
  });
});

test("a tree that is too deep to walk is unreadable, not a fault", () => {
  let deep: JsonValue = "leaf";
  for (let i = 0; i < 100_000; i += 1) deep = [deep];
  expect(selectAll(compile("args.x.**"), subjectOf({ x: deep }))).toEqual({ kind: "wrongKind" });
});

test("read gives the bare value, and nothing for a path that is many", () => {
  expect(compile("args.amount").read(subjectOf(args))).toBe(5);
  expect(compile("args.missing").read(subjectOf(args))).toBe(undefined);
  expect(compile("args.none[*]").read(subjectOf(args))).toBe(unreadable);
});

test("arguments without a prototype are read", () => {
  const bare: JsonObject = Object.assign(Object.create(null), { amount: 7 });
  expect(compile("args.amount").read(subjectOf(bare))).toBe(7);
});

test("a path says how many it is", () => {
  expect(parsePath("args.a[*].b")).toMatchObject({ root: "args", isMany: true, hasTree: false });
  expect(parsePath("args.a.**")).toMatchObject({ isMany: true, hasTree: true });
  expect(parsePath("grant.tags.team")).toMatchObject({
    root: "grant.tags",
    isMany: false,
    steps: [{ kind: "member", name: "team" }],
  });
});

test("a problem names the place and what may be meant", () => {
  const problems: ConditionProblem[] = [];
  const report = (problem: ConditionProblem): unknown => problems.push(problem);
  expect(compilePath("tool.categry", "/tools/x/limits/0/by", { report })).toBe(undefined);
  compilePath("arg.amount", "", { report });
  compilePath("zzz", "", { report });
  compilePath("args.a b", "", { report });
  expect(problems).toEqual([
    {
      severity: "error",
      code: "PATH_UNKNOWN_ROOT",
      message: "the path `tool.categry` begins with nothing that is known",
      path: "/tools/x/limits/0/by",
      hint: "did you mean `tool.category`?",
    },
    expect.objectContaining({ hint: "did you mean `args`?" }),
    expect.objectContaining({
      hint: "begin with `args`, `tool`, `server`, `grant`, `client` or `time`, as in `args.amount`",
    }),
    expect.objectContaining({ message: "`args.a b` is not a path: it cannot be read from character 7 on" }),
  ]);
});
