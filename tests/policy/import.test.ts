import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import type { Problem } from "../../src/errors.ts";
import type { Call } from "../../src/policy/call.ts";
import { importPolicy } from "../../src/policy/import/import-policy.ts";
import { importCodes, importProblemCodes } from "../../src/policy/import/note.ts";
import type { ImportNote, ImportResult } from "../../src/policy/import/note.ts";
import { decide, loadPolicy } from "../../src/policy/index.ts";
import type { LoadedPolicy } from "../../src/policy/index.ts";
import { isObject } from "../../src/values/json.ts";
import type { JsonObject, JsonValue } from "../../src/values/json.ts";
import { decideAsBefore } from "./cases/import/older-engine.ts";

const json: z.ZodType<JsonValue> = z.json();
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json);

const caseSchema = z.strictObject({
  name: z.string(),
  /** Why it must be so, for the reader. */
  why: z.string().optional(),
  file: z.string().optional(),
  tool: z.string().optional(),
  source: z.string(),
  /** Absent when the source is refused. */
  document: jsonObject.optional(),
  /** `severity code path -> target`, `(root)` for the empty pointer. Absent when not looked at. */
  notes: z.array(z.string()).optional(),
  /** `severity code line:column path`. */
  problems: z.array(z.string()).default([]),
  /** False when a member that is kept as it stands was wrong in the source, which loading tells. */
  loads: z.boolean().default(true),
  /** `older`: what the older engine answered; `now`: what the imported document does. */
  calls: z
    .array(
      z.strictObject({
        tool: z.string(),
        args: jsonObject,
        older: z.enum(["allow", "deny"]).optional(),
        now: z.enum(["allow", "deny", "hold"]),
      }),
    )
    .default([]),
});
type ImportCase = z.infer<typeof caseSchema>;

const folder = new URL("./cases/import/", import.meta.url);
const files = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith(".yaml"));

function readCases(file: string): readonly ImportCase[] {
  return z.array(caseSchema).parse(parse(readFileSync(new URL(file, folder), "utf8")));
}

function importCase({ source, file, tool }: ImportCase): ImportResult {
  return importPolicy(source, { ...(file === undefined ? {} : { file }), ...(tool === undefined ? {} : { tool }) });
}

function shortNote({ severity, code, path, target }: ImportNote): string {
  return `${severity} ${code} ${path || "(root)"}${target === undefined ? "" : ` -> ${target || "(root)"}`}`;
}

function shortProblem({ severity, code, line, column, path }: Problem): string {
  return `${severity} ${code} ${line}:${column} ${path || "(root)"}`;
}

function load(document: JsonObject | undefined): LoadedPolicy {
  return loadPolicy(JSON.stringify(document), { identity: { id: "imported", version: 1, sha256: "0" } });
}

function callOf(tool: string, args: JsonObject): Call {
  return {
    organisation: "o",
    server: { name: "s" },
    grant: { id: "g", label: "g", owner: undefined, tags: {} },
    client: { ip: undefined, name: undefined, version: undefined },
    session: undefined,
    tool: { name: tool, isListed: true, isChanged: false, review: undefined, schema: undefined },
    args,
  };
}

describe.each(files)("[R164] %s", (file) => {
  const cases = readCases(file);

  test.each(cases)("$name", (example) => {
    const result = importCase(example);
    expect(result.problems.map(shortProblem)).toEqual(example.problems);
    expect(result.document).toEqual(example.document);
    if (example.notes !== undefined) expect(result.report.map(shortNote)).toEqual(example.notes);
    if (example.document === undefined) return;
    const { policy, problems } = load(result.document);
    if (example.loads) expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    else expect(policy).toBeUndefined();
    for (const { tool, args, older, now } of example.calls) {
      const call = `${tool} ${JSON.stringify(args)}`;
      expect(`${call}: ${decide(policy, callOf(tool, args), { nowMs: 0 }).outcome}`).toBe(`${call}: ${now}`);
      const source: unknown = parse(example.source);
      if (older !== undefined)
        expect(`${call}: ${decideAsBefore(jsonObject.parse(source), tool, args)}`).toBe(`${call}: ${older}`);
    }
  });
});

describe("[R164] every import", () => {
  const results = files.flatMap(readCases).map((example) => ({ example, ...importCase(example) }));

  test("reports every older rule of its source", () => {
    for (const { example, report, document } of results) {
      if (document === undefined || !/^version|"version"/.test(example.source)) continue;
      for (const path of olderRulePaths(parse(example.source))) {
        expect(
          report.some((note) => note.path === path || note.path.startsWith(`${path}/`)),
          `${example.name}: ${path}`,
        ).toBe(true);
      }
    }
  });

  test("points only at places that exist in its document", () => {
    for (const { example, report, document } of results) {
      for (const { target = "" } of report)
        expect(valueAt(document ?? {}, target), `${example.name}: ${target}`).toBeDefined();
    }
  });

  test("closes the tool of every dropped rule, or says that nothing was lost", () => {
    const harmless: readonly string[] = [
      "annotation",
      "text_unused",
      "no_effect",
      "deny_ignores",
      "state_never_counted",
      "approval_timeout",
      "hide_entry",
      "key_moved",
      "pattern_name",
    ];
    for (const { report } of results) {
      const lost = report.filter(({ severity, code }) => severity === "dropped" && !harmless.includes(code));
      expect(lost.filter(({ target = "" }) => !/\/deny_if\/\d+$/.test(target))).toEqual([]);
    }
  });

  test("uses every code at least once", () => {
    const used = new Set<string>(results.flatMap(({ report }) => report.map(({ code }) => code)));
    expect(Object.keys(importCodes).filter((code) => !used.has(code))).toEqual([]);
    const problems = new Set(results.flatMap(({ problems: found }) => found.map(({ code }) => code)));
    expect(Object.keys(importProblemCodes).filter((code) => !problems.has(code))).toEqual([]);
  });
});

function olderRulePaths(source: unknown): readonly string[] {
  const root = json.parse(source);
  if (!isObject(root)) return [];
  const tools = isObject(root["tools"]) ? root["tools"] : root;
  const prefix = tools === root ? "" : "/tools";
  return Object.entries(tools).flatMap(([name, entry]) =>
    isObject(entry) && Array.isArray(entry["rules"])
      ? entry["rules"].map((_, index) => `${prefix}/${name.replaceAll("/", "~1")}/rules/${index}`)
      : [],
  );
}

function valueAt(document: JsonObject, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const step of pointer.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    value = Array.isArray(value) ? value[Number(name)] : isObject(value) ? value[name] : undefined;
  }
  return value;
}

describe("[R164] an imported document", () => {
  const plain = fc.constantFrom<JsonValue>(
    "5",
    "main",
    "^ma",
    "true",
    "1e+06",
    "1000000",
    "<nil>",
    "",
    5,
    6,
    0,
    0.5,
    1e6,
    true,
    false,
  );
  const scalar = fc.oneof(plain, fc.constantFrom<JsonValue>(null, -1, [], ["main"], [5, "5"], { b: 5 }, { b: "main" }));
  const condition = fc.record({
    path: fc.constantFrom("args.a", "args.a", "args.b", "args.a.b", "args.a[0]"),
    op: fc.constantFrom("eq", "neq", "in", "not_in", "lt", "lte", "gt", "gte", "exists", "contains", "regex"),
    value: fc.oneof(scalar, fc.array(scalar, { maxLength: 4 }), fc.array(plain, { minLength: 2, maxLength: 4 })),
  });
  const counted = fc.record({
    path: fc.constantFrom("state.t.c", "state._global.c", "state.u.d"),
    op: fc.constantFrom("lt", "lte", "gte"),
    value: fc.constantFrom(0, 5, 5.5, "5"),
  });
  const state = fc.record(
    {
      counter: fc.constantFrom("c", "d"),
      window: fc.constantFrom("minute", "day", "week"),
      increment: fc.constantFrom(0, 1, 2.5),
      increment_from: fc.constantFrom("args.a", "a"),
    },
    { requiredKeys: ["counter", "window"] },
  );
  const rule = fc.record(
    {
      name: fc.constant("r"),
      action: fc.constantFrom("evaluate", "deny", "allow", "require_approval", "block"),
      conditions: fc.array(fc.oneof({ weight: 4, arbitrary: condition }, counted), { maxLength: 3 }),
      rate_limit: fc.oneof(fc.constantFrom("5/minute", "5/week"), fc.record({ max: fc.nat(9), window: fc.nat(90) })),
      spend_limit: fc.constantFrom("$5/day", "5"),
      approval_timeout: fc.constantFrom("10m", "soon"),
      state,
    },
    { requiredKeys: ["name"] },
  );
  const entry = fc.record({ rules: fc.array(rule, { maxLength: 3 }) });
  const document = fc.record(
    {
      version: fc.constant("1"),
      default: fc.constantFrom("allow", "deny"),
      hide: fc.constantFrom(["t"], ["u"], ["u*"]),
      tools: fc.record({ t: entry, "*": entry, "u*": entry }, { requiredKeys: [] }),
    },
    { requiredKeys: ["version", "tools"] },
  );
  const args = fc.record({ a: scalar, b: scalar, "a[0]": scalar }, { requiredKeys: [] });

  test("is made of any text or refused with a problem, and nothing is thrown", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.object().map((value) => JSON.stringify({ tools: value })),
        ),
        (text) => {
          const { document: imported, problems } = importPolicy(text, { tool: "x" });
          expect(imported === undefined).toBe(problems.some(({ severity }) => severity === "error"));
          if (imported !== undefined)
            expect(imported).toMatchObject({ version: "1", default: expect.stringMatching(/^(allow|deny)$/) });
        },
      ),
      { numRuns: 500 },
    );
  });

  test("never reads one condition more widely than the older engine", () => {
    fc.assert(
      fc.property(condition, scalar, ({ op, value }, given) => {
        const single = { name: "r", conditions: [{ path: "args.a", op, value }] };
        const source = { version: "1", tools: { t: { rules: [single] } } };
        const { policy } = load(importPolicy(JSON.stringify(source)).document);
        const now = decide(policy, callOf("t", { a: given }), { nowMs: 0 }).outcome;
        if (now === "allow") expect(decideAsBefore(source, "t", { a: given })).toBe("allow");
      }),
      { numRuns: 5000 },
    );
  });

  test("never lets a call pass that the older engine denied", () => {
    fc.assert(
      fc.property(document, args, fc.constantFrom("t", "u", "u*"), (source, given, tool) => {
        const { document: imported, problems } = importPolicy(JSON.stringify(source));
        expect(problems).toEqual([]);
        const { policy } = load(imported);
        expect(policy).toBeDefined();
        const now = decide(policy, callOf(tool, given), { nowMs: 0 }).outcome;
        if (now === "allow") expect(decideAsBefore(jsonObject.parse(source), tool, given)).toBe("allow");
      }),
      { numRuns: 1000 },
    );
  });
});

test("refuses a text over 1 MiB", () => {
  expect(importPolicy("x".repeat(1024 * 1024 + 1)).problems.map(shortProblem)).toEqual([
    "error TEXT_TOO_LARGE 1:1 (root)",
  ]);
});

describe("[R164] the guide", () => {
  const guide = readFileSync(new URL("../../docs/guides/import.md", import.meta.url), "utf8");

  test("lists every code of the report with what it says", () => {
    for (const [code, says] of Object.entries(importCodes)) expect(guide).toContain(`| \`${code}\` | ${says} |`);
    for (const code of Object.keys(importProblemCodes)) expect(guide).toContain(`\`${code}\``);
  });

  test("shows what its example becomes", () => {
    const [, source = "", shown = ""] = /```yaml\n([^`]*)```[^`]*```json\n([^`]*)```/.exec(guide) ?? [];
    expect(importPolicy(source).document).toEqual(JSON.parse(shown));
  });
});
