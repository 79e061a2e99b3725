import { readFileSync, readdirSync } from "node:fs";
import { parse } from "yaml";
import type { Call, ToolReview } from "../../src/policy/call.ts";
import { compileCondition } from "../../src/policy/conditions/compile-condition.ts";
import type {
  CompiledCondition,
  ConditionProblem,
  ConditionSource,
  Side,
  Subject,
  Truth,
} from "../../src/policy/conditions/condition.ts";
import type { JsonObject, JsonValue } from "../../src/values/json.ts";

/** What a call is, as far as a case says so; the rest is {@link makeSubject}'s. */
export interface CallFacts {
  readonly args?: JsonObject;
  readonly review?: ToolReview;
  readonly tags?: Readonly<Record<string, string>>;
  readonly owner?: string;
  readonly client?: Partial<Call["client"]>;
  /** RFC 3339. */
  readonly now?: string;
  readonly timeZone?: string;
  readonly regexBudget?: number;
}

/** One call against the conditions of a {@link Case}: the expected answer on the sides that are named. */
export interface Input extends CallFacts {
  readonly pass?: Truth;
  readonly deny?: Truth;
  readonly why?: string;
  /** Rows of the checklist and bypass cases that this input proves. */
  readonly covers?: readonly string[];
}

/** A condition with calls, or with the problems that compiling it reports. */
export interface Case {
  readonly name: string;
  readonly covers?: readonly string[];
  readonly why?: string;
  readonly lists?: Readonly<Record<string, readonly JsonValue[]>>;
  /** Several conditions have the same answers. */
  readonly conditions: readonly ConditionSource[];
  readonly inputs?: readonly Input[];
  /** `CODE at /pointer`, in the order of reporting; on both sides, or on the one that is named. */
  readonly problems?: readonly string[] | Partial<Record<Side, readonly string[]>>;
}

/** One row of the truth table: the right side, and the answer for each kind of left side, before any `not`. */
export interface TableRow {
  readonly value: JsonValue;
  readonly answers: Readonly<Record<string, Truth>>;
}

/** All operators over all kinds of left side. */
export interface TruthTable {
  /** A left side for each kind; `absent` and `wrong step` have none. */
  readonly lefts: Readonly<Record<string, JsonValue>>;
  readonly operators: Readonly<Record<string, TableRow>>;
}

const folder = new URL("./cases/conditions/", import.meta.url);

/** The cases of every file, by file name. `{ $repeat: [text, times] }` in them stands for a long text. */
export function readCases(): ReadonlyMap<string, readonly Case[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".yaml") && name !== "truth-table.yaml");
  return new Map(files.toSorted().map((name) => [name.replace(".yaml", ""), expand(parse(readText(name)))]));
}

/** The table of `truth-table.yaml`. */
export function readTruthTable(): TruthTable {
  return parse(readText("truth-table.yaml"));
}

function readText(name: string): string {
  return readFileSync(new URL(name, folder), "utf8");
}

function expand(value: unknown): readonly Case[] {
  return JSON.parse(
    JSON.stringify(value, (_key, part) => {
      const repeat: unknown = part?.$repeat;
      if (!Array.isArray(repeat)) return part;
      const [text, times] = repeat;
      return String(text).repeat(Number(times));
    }),
  );
}

/** A condition compiled at the pointer `""`, with all that was reported. */
export function compileCase(
  source: ConditionSource,
  side: Side,
  lists: Case["lists"] = {},
): { readonly condition: CompiledCondition | undefined; readonly problems: readonly ConditionProblem[] } {
  const problems: ConditionProblem[] = [];
  const condition = compileCondition(source, "", side, { lists, report: (problem) => problems.push(problem) });
  return { condition, problems };
}

/** The answer of a condition that compiles. */
export function judge(source: ConditionSource, side: Side, facts: CallFacts, lists?: Case["lists"]): Truth {
  const { condition, problems } = compileCase(source, side, lists);
  if (condition === undefined) throw new Error(JSON.stringify(problems));
  return condition.evaluate(makeSubject(facts));
}

/** A call of the tool `send` on the server `mail`, 2026-11-26 02:30 UTC unless the case says otherwise. */
export function makeSubject(facts: CallFacts): Subject {
  return {
    call: {
      organisation: "org",
      server: { name: "mail" },
      grant: { id: "g1", label: "laptop", owner: facts.owner, tags: facts.tags ?? { team: "blue" } },
      client: { ip: undefined, name: undefined, version: undefined, ...facts.client },
      session: undefined,
      tool: { name: "send", isListed: true, isChanged: false, review: facts.review, schema: undefined },
      args: facts.args ?? {},
    },
    facts: { nowMs: Date.parse(facts.now ?? "2026-11-26T02:30:00Z") },
    timeZone: facts.timeZone ?? "UTC",
    regexBudget: facts.regexBudget ?? 5_000_000,
  };
}
