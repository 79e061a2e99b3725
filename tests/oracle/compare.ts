import type { Call, Facts } from "../../src/policy/call.ts";
import type { CompiledPolicy, Decision } from "../../src/policy/index.ts";
import { decide } from "../../src/policy/index.ts";
import type { JsonObject, JsonValue } from "../../src/values/json.ts";
import type { Coverage } from "./coverage.ts";
import type { Judgement } from "./decide.ts";
import { oracleJudge } from "./decide.ts";
import type { PolicyDocument } from "./document.ts";
import { minimise } from "./minimise.ts";
import { load } from "./real.ts";

/** A policy, a call and a time. */
export interface Case {
  readonly document: PolicyDocument;
  readonly call: Call;
  readonly facts: Facts;
}

/** Judges one call with both and says in one line how they differ, or undefined when they agree. */
export function differenceOn(
  policy: CompiledPolicy,
  { document, call, facts }: Case,
  coverage?: Coverage,
): string | undefined {
  const judgement = oracleJudge(document, call, facts, (op, truth) => coverage?.count(`op ${op} ${truth}`));
  coverage?.count(judgement.decision.code);
  const expected = textOfJudgement(judgement);
  const got = textOfDecision(decide(policy, call, facts));
  return expected === got ? undefined : `expected ${expected}, got ${got}`;
}

function textOfJudgement({ decision, holds, observed }: Judgement): string {
  const { outcome, code, rule, condition } = decision;
  return JSON.stringify({
    outcome,
    code,
    rule,
    condition: isAboutCondition(code) ? (condition ?? "") : "",
    holds: outcome === "hold" ? holds : [],
    observed: outcome === "deny" ? [] : observed.toSorted(),
  });
}

function textOfDecision({ outcome, code, rule, detail, observed }: Decision): string {
  return JSON.stringify({
    outcome,
    code,
    rule,
    condition: isAboutCondition(code) ? (detail?.condition ?? "") : "",
    holds: outcome === "hold" ? (detail?.holds ?? []) : [],
    observed: outcome === "deny" ? [] : observed.map((seen) => `${seen.rule} ${seen.code}`).toSorted(),
  });
}

/** Codes that name a condition in the detail: the first with the result that decided. */
function isAboutCondition(code: string): boolean {
  return code === "require_failed" || code === "cannot_judge" || code === "deny_if_matched";
}

/** The smallest case found on which the two still differ, as text for people. */
export function explainDifference(found: Case): string {
  const readable: JsonValue = JSON.parse(
    JSON.stringify({ document: found.document, call: found.call, facts: found.facts }),
  );
  const validate = found.call.tool.schema?.validate ?? (() => []);
  const differs = (candidate: JsonValue): string | undefined => {
    try {
      const smaller = caseOf(candidate, validate);
      return differenceOn(load(smaller.document), smaller);
    } catch {
      return undefined;
    }
  };
  const smallest = minimise(readable, (candidate) => differs(candidate) !== undefined);
  return `${differs(smallest) ?? differenceOn(load(found.document), found)}\n${JSON.stringify(smallest)}`;
}

type Validate = NonNullable<Call["tool"]["schema"]>["validate"];

/** A case from its own JSON text; members that a call always has and that were taken away come back empty. */
export function caseOf(json: JsonValue, validate: Validate): Case {
  const found: { document: PolicyDocument; call: CallText; facts: Facts } = JSON.parse(JSON.stringify(json));
  const { tool = {}, client, grant, ...rest } = found.call;
  return {
    document: found.document,
    facts: { nowMs: found.facts.nowMs ?? 0 },
    call: {
      ...rest,
      organisation: rest.organisation ?? "org",
      server: { name: rest.server?.name ?? "files" },
      session: rest.session,
      args: rest.args ?? {},
      client: { ip: client?.ip, name: client?.name, version: client?.version },
      grant: { id: grant?.id ?? "g1", label: grant?.label ?? "laptop", owner: grant?.owner, tags: grant?.tags ?? {} },
      tool: {
        name: tool.name ?? "refund",
        isListed: tool.isListed ?? true,
        isChanged: tool.isChanged ?? false,
        review:
          tool.review?.category === undefined
            ? undefined
            : { category: tool.review.category, signals: tool.review.signals ?? [] },
        schema: tool.schema === undefined ? undefined : { schema: tool.schema.schema ?? {}, validate },
      },
    },
  };
}

/** A call of which anything may be missing. */
interface CallText {
  readonly organisation?: string;
  readonly server?: { readonly name?: string };
  readonly session?: string;
  readonly args?: JsonObject;
  readonly client?: { readonly ip?: string; readonly name?: string; readonly version?: string };
  readonly grant?: {
    readonly id?: string;
    readonly label?: string;
    readonly owner?: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
  readonly tool?: {
    readonly name?: string;
    readonly isListed?: boolean;
    readonly isChanged?: boolean;
    readonly review?: {
      readonly category?: NonNullable<Call["tool"]["review"]>["category"];
      readonly signals?: NonNullable<Call["tool"]["review"]>["signals"];
    };
    readonly schema?: { readonly schema?: JsonValue };
  };
}
