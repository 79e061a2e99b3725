import { dirname, resolve } from "node:path";
import { z } from "zod";
import type { Problem } from "../errors.ts";
import { categories, type Category, type Signal, signals } from "../policy/call.ts";
import { parseDuration } from "../documents/durations.ts";
import { readDocument } from "../documents/read-document.ts";
import { ProblemList } from "../documents/problem-list.ts";
import { problemsOfShape } from "../documents/shape-problems.ts";
import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { toPointer } from "../values/pointer.ts";
import { readTextFile } from "./read-text-file.ts";

/** A call of a case. `after` is how long after the call before it is made (for windows), `at` its wall time. */
export interface CaseCall {
  readonly tool: string;
  readonly arguments?: JsonObject;
  readonly server?: string;
  readonly grant?: {
    readonly id?: string;
    readonly label?: string;
    readonly owner?: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
  readonly client?: { readonly ip?: string; readonly name?: string; readonly version?: string };
  readonly session?: string;
  readonly at?: string;
  readonly after?: number | string;
  readonly repeat?: number;
}

/** What a case expects of its last call; a bare word is the outcome. */
export interface CaseExpectation {
  readonly outcome?: "allow" | "deny" | "hold";
  readonly code?: string;
  readonly rule?: string;
  /** Text that the message must contain. */
  readonly message?: string;
}

/** One case: calls in order on fresh counters, and what the last one must give. */
export interface PolicyCase {
  readonly name: string;
  readonly calls: readonly CaseCall[];
  readonly expect: CaseExpectation;
}

/** A tool of the server that the cases imagine. */
export interface CaseTool {
  readonly name: string;
  readonly inputSchema?: JsonValue;
  readonly category?: Category;
  readonly signals?: readonly Signal[];
}

/** A file of cases. `policyFile` is absolute; undefined when the file names none. */
export interface PolicyCases {
  readonly policyFile: string | undefined;
  readonly tools: readonly CaseTool[] | undefined;
  readonly cases: readonly PolicyCase[];
}

const optional = z.exactOptional;

function strict<T extends z.ZodRawShape>(fields: T): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(fields).join(" ");
  return z.strictObject(fields, { error: (issue) => (issue.code === "unrecognized_keys" ? known : undefined) });
}

const jsonObject: z.ZodType<JsonObject> = z.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);
const anyJson: z.ZodType<JsonValue> = z.custom<JsonValue>((value) => value !== undefined);
const outcome = z.enum(["allow", "deny", "hold"]);

const callFields = {
  tool: z.string().min(1),
  arguments: optional(jsonObject),
  server: optional(z.string()),
  grant: optional(
    strict({
      id: optional(z.string()),
      label: optional(z.string()),
      owner: optional(z.string()),
      tags: optional(z.record(z.string(), z.string()).readonly()),
    }),
  ),
  client: optional(strict({ ip: optional(z.string()), name: optional(z.string()), version: optional(z.string()) })),
  session: optional(z.string()),
  at: optional(z.string()),
  after: optional(z.union([z.number(), z.string()])),
  repeat: optional(z.number().int().min(1).max(10_000)),
};

const casesSchema = strict({
  policy: optional(z.string().min(1)),
  tools: optional(
    z
      .array(
        strict({
          name: z.string().min(1),
          inputSchema: optional(anyJson),
          category: optional(z.enum(categories)),
          signals: optional(z.array(z.enum(signals)).readonly()),
        }),
      )
      .readonly(),
  ),
  cases: z
    .array(
      strict({
        name: z.string().min(1),
        call: optional(strict(callFields)),
        calls: optional(z.array(strict(callFields)).min(1).readonly()),
        expect: z.union([
          outcome,
          strict({
            outcome: optional(outcome),
            code: optional(z.string()),
            rule: optional(z.string()),
            message: optional(z.string()),
          }),
        ]),
      }),
    )
    .min(1)
    .readonly(),
});

/** Reads a file of policy cases (YAML or JSON), or all problems of it. */
export function readPolicyCases(file: string): {
  readonly cases: PolicyCases | undefined;
  readonly problems: readonly Problem[];
} {
  const text = readTextFile(file);
  if (typeof text !== "string") return { cases: undefined, problems: [text] };
  const problems = new ProblemList(text, file);
  const value = readDocument(text, file, problems);
  const result = isObject(value) ? casesSchema.safeParse(value) : undefined;
  if (result === undefined && !problems.hasError)
    report(problems, "", "the file holds no cases", "start with `cases:`");
  if (result?.success === false && value !== undefined) {
    for (const problem of problemsOfShape(result.error.issues, value)) problems.add(problem);
  }
  if (result?.success !== true) return { cases: undefined, problems: problems.sorted() };
  const cases = result.data.cases.map(({ name, call, calls, expect }, index): PolicyCase => {
    const path = toPointer(["cases", index]);
    if ((call === undefined) === (calls === undefined))
      report(problems, path, "a case has either `call` or `calls`", "write one of the two");
    const all = calls ?? (call === undefined ? [] : [call]);
    for (const one of all) checkTimes(one, path, problems);
    return { name, calls: all, expect: typeof expect === "string" ? { outcome: expect } : expect };
  });
  if (problems.hasError) return { cases: undefined, problems: problems.sorted() };
  const { policy, tools } = result.data;
  return {
    cases: { policyFile: policy === undefined ? undefined : resolve(dirname(file), policy), tools, cases },
    problems: problems.sorted(),
  };
}

function checkTimes(call: CaseCall, path: string, problems: ProblemList): void {
  if (call.at !== undefined && Number.isNaN(Date.parse(call.at))) {
    report(problems, path, `\`${call.at.slice(0, 40)}\` is not a time`, "write RFC 3339, e.g. `2026-11-26T09:00:00Z`");
  }
  if (call.after !== undefined && call.after !== 0 && parseDuration(call.after) === undefined) {
    report(problems, path, "`after` is not a length of time", "write seconds or `90s`, `15m`");
  }
}

function report(problems: ProblemList, path: string, message: string, hint: string): void {
  problems.add({ severity: "error", code: "CASES_INVALID", message, path, hint });
}
