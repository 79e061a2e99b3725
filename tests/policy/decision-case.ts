import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { prepareSchema } from "../../src/input-schema/prepare-schema.ts";
import type { Call, Category, CompiledPolicy, KnownTool, Signal } from "../../src/policy/index.ts";
import { loadPolicy } from "../../src/policy/index.ts";
import type { JsonObject, JsonValue } from "../../src/values/json.ts";

/** A call in a case file; what is left out is as in {@link toCall}. */
export interface CallCase {
  readonly tool?: string;
  readonly args?: JsonObject;
  readonly listed?: boolean;
  readonly changed?: boolean;
  readonly new?: boolean;
  readonly category?: Category;
  readonly signals?: readonly Signal[];
  readonly schema?: JsonValue;
  readonly organisation?: string;
  readonly server?: string;
  readonly grant?: string;
  readonly owner?: string;
  readonly session?: string;
  /** RFC 3339. */
  readonly now?: string;
}

/** One case: a call under its group's policy, and what must come of it. Members of `then` left out are not compared. */
export interface DecisionCase extends CallCase {
  readonly name: string;
  readonly why?: string;
  readonly then: {
    readonly outcome: "allow" | "deny" | "hold";
    readonly code: string;
    readonly rule: string;
    readonly message?: string;
    readonly condition?: string;
    readonly faults?: readonly string[];
    readonly holds?: readonly string[];
    readonly observed?: readonly string[];
    /** Each as `rule amount key`. */
    readonly charges?: readonly string[];
    /** Each as `rule effect scopeKey withinMs`. */
    readonly guards?: readonly string[];
    readonly visibility?: "listed" | "hidden" | "denied";
  };
}

/** A policy with its cases. Without `policy` the grant has none. */
export interface CaseGroup {
  readonly policy?: JsonValue;
  readonly profile?: "run" | "serve";
  readonly cases: readonly DecisionCase[];
}

/**
 * A document that does not load, or loads with warnings, and its problems, all of them: `severity CODE pointer`, with
 * ` line:column` after it for a `text`.
 */
export interface DocumentCase {
  readonly name: string;
  readonly why?: string;
  readonly file?: string;
  readonly profile?: "run" | "serve";
  readonly text?: string;
  /** Instead of `text`, printed as JSON on one line. */
  readonly document?: JsonValue;
  readonly tools?: readonly KnownTool[];
  readonly problems: readonly string[];
  /** Words that one of the messages or hints must hold. */
  readonly says?: readonly string[];
}

const folder = join(import.meta.dirname, "cases", "decisions");

/** The groups of every decision file. */
export function readDecisionCases(): readonly (readonly [file: string, group: CaseGroup])[] {
  return readdirSync(folder)
    .filter((file) => !file.startsWith("documents"))
    .flatMap((file) => {
      const groups: readonly CaseGroup[] = parse(readFileSync(join(folder, file), "utf8"));
      return groups.map((group) => [file, group] as const);
    });
}

/** The cases of every file of documents. */
export function readDocumentCases(): readonly DocumentCase[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith("documents"))
    .flatMap((file): readonly DocumentCase[] => parse(readFileSync(join(folder, file), "utf8")));
}

/** Loads a policy that must have no error. */
export function loadCase(document: JsonValue, profile: "run" | "serve" = "serve"): CompiledPolicy {
  const { policy, problems } = loadPolicy(JSON.stringify(document), {
    identity: { id: "case", version: 1, sha256: "0".repeat(64) },
    profile,
  });
  if (policy === undefined) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return policy;
}

/** A call of tool `refund` on server `shop` by grant `alice`, without review, schema, owner, session or arguments. */
export function toCall(source: CallCase): Call {
  const review =
    source.category === undefined ? undefined : { category: source.category, signals: source.signals ?? [] };
  return {
    organisation: source.organisation ?? "acme",
    server: { name: source.server ?? "shop" },
    grant: { id: source.grant ?? "alice", label: "alice-laptop", owner: source.owner, tags: { tenant: "t1" } },
    client: { ip: undefined, name: undefined, version: undefined },
    session: source.session,
    tool: {
      name: source.tool ?? "refund",
      isListed: source.listed ?? true,
      isChanged: source.changed ?? false,
      isNew: source.new ?? false,
      review,
      schema: source.schema === undefined ? undefined : prepareSchema(source.schema),
    },
    args: source.args ?? {},
  };
}
