import { rulesMax } from "../policy/count-rules.ts";
import { categories, type Category, type PolicyDocument } from "../policy/index.ts";
import type { ClassifiedTool } from "./record.ts";
import { type Rules, suggestRules, type Suggestion } from "./suggest-rules.ts";

/** How careful a server's policy is. */
export const presets = ["read-only", "balanced", "strict"] as const;
export type Preset = (typeof presets)[number];

/** A policy to start from. */
export interface Recommendation {
  readonly document: PolicyDocument;
  readonly suggested: readonly Suggestion[];
  /**
   * Tools that it does not name, so that the default denies them: their names would select others (`*`), or the document
   * has no room for more.
   */
  readonly unnamed: readonly string[];
}

/** Pure. The policy for one tool alone, by its category. */
export function recommendForTool(tool: ClassifiedTool): Recommendation {
  return recommendForServer([tool], "balanced");
}

/** Pure. The policy that names every tool of a server. Everything else stays denied. */
export function recommendForServer(tools: readonly ClassifiedTool[], preset: Preset): Recommendation {
  const { document, unnamed } = policyOf(tools, preset);
  const isNamed = ({ definition }: ClassifiedTool): boolean => !unnamed.includes(definition.name);
  return { document, unnamed, suggested: tools.filter(isNamed).flatMap((tool) => suggestRules(tool)) };
}

/** Pure. The document of a recommendation, which follows from names and categories alone. */
export function policyForTools(tools: readonly ClassifiedTool[], preset: Preset): PolicyDocument {
  return policyOf(tools, preset).document;
}

function policyOf(tools: readonly ClassifiedTool[], preset: Preset): Pick<Recommendation, "document" | "unnamed"> {
  const treated = [...worstByName(tools)].map(([name, category]) => ({ name, rules: rulesOf(name, category, preset) }));
  const fitting = treated.slice(0, fittingCount(treated.map(({ rules }) => rules)));
  const hidden = fitting.filter(({ rules }) => rules === "hide").map(({ name }) => name);
  const named = fitting.flatMap(({ name, rules }) => (rules === "hide" ? [] : [[name, rules] as const]));
  const document: PolicyDocument = {
    version: "1",
    default: "deny",
    ...(hidden.length === 0 ? {} : { hide: hidden }),
    ...(named.length === 0 ? {} : { tools: Object.fromEntries(named) }),
    ...(preset === "strict" && named.length > 0 ? { all_tools: { validate_arguments: true } } : {}),
  };
  const known = new Set(fitting.map(({ name }) => name));
  return { document, unnamed: tools.map(({ definition }) => definition.name).filter((name) => !known.has(name)) };
}

/** Of tools with one name the riskiest counts. */
function worstByName(tools: readonly ClassifiedTool[]): ReadonlyMap<string, Category> {
  const found = new Map<string, Category>();
  for (const { definition, classification } of tools) {
    const { name } = definition;
    if (!isPlainName(name)) continue;
    const before = found.get(name) ?? "Read";
    const isWorse = categories.indexOf(classification.category) > categories.indexOf(before);
    found.set(name, isWorse ? classification.category : before);
  }
  return found;
}

/** How many of the tools, from the first, one document can name. */
function fittingCount(treated: readonly (Rules | "hide")[]): number {
  let count = 0;
  const end = treated.findIndex((rules) => {
    count += 1 + (rules === "hide" ? 0 : (rules.limits?.length ?? 0));
    return count > rulesMax;
  });
  return end < 0 ? treated.length : end;
}

function rulesOf(name: string, category: Category, preset: Preset): Rules | "hide" {
  if (preset === "read-only" && category !== "Read") return "hide";
  switch (category) {
    case "Read":
      return {};
    case "Write":
      return rateOf(name, 30);
    case "Execute":
      return preset === "strict" ? { action: "require_approval", ...rateOf(name, 10) } : rateOf(name, 10);
    case "Destructive":
      return "hide";
    case "Financial":
      return { action: "require_approval" };
  }
}

function rateOf(name: string, max: number): Rules {
  return { limits: [{ counter: `${name}_rate`, window: "minute", max, scope: "grant" }] };
}

function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9_.\-/]{1,128}$/u.test(name) && name !== "__proto__";
}
