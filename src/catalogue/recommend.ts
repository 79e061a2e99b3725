import type { Category, PolicyDocument } from "../policy/index.ts";
import type { ClassifiedTool } from "./record.ts";
import { type Rules, suggestRules, type Suggestion } from "./suggest-rules.ts";

/** How careful a server's policy is. */
export const presets = ["read-only", "balanced", "strict"] as const;
export type Preset = (typeof presets)[number];

/** A policy to start from. */
export interface Recommendation {
  readonly document: PolicyDocument;
  readonly suggested: readonly Suggestion[];
  /** Tools whose names a policy cannot hold as they are (`*` would select others); the default denies them. */
  readonly unnamed: readonly string[];
}

/** Pure. The policy for one tool alone, by its category. */
export function recommendForTool(tool: ClassifiedTool): Recommendation {
  return recommendForServer([tool], "balanced");
}

/** Pure. The policy that names every tool of a server. Everything else stays denied. */
export function recommendForServer(tools: readonly ClassifiedTool[], preset: Preset): Recommendation {
  return {
    document: policyForTools(tools, preset),
    suggested: tools.filter(({ definition }) => isPlainName(definition.name)).flatMap((tool) => suggestRules(tool)),
    unnamed: tools.map(({ definition }) => definition.name).filter((name) => !isPlainName(name)),
  };
}

/** Pure. The document of a recommendation, which follows from names and categories alone. */
export function policyForTools(tools: readonly ClassifiedTool[], preset: Preset): PolicyDocument {
  const treated = tools
    .filter(({ definition }) => isPlainName(definition.name))
    .map(({ definition: { name }, classification: { category } }) => ({
      name,
      rules: rulesOf(name, category, preset),
    }));
  const named = treated.flatMap(({ name, rules }) => (rules === "hide" ? [] : [[name, rules] as const]));
  const hidden = [...new Set(treated.filter(({ rules }) => rules === "hide").map(({ name }) => name))];
  return {
    version: "1",
    default: "deny",
    ...(hidden.length === 0 ? {} : { hide: hidden }),
    ...(named.length === 0 ? {} : { tools: Object.fromEntries(named.filter(([name]) => !hidden.includes(name))) }),
    ...(preset === "strict" && named.length > 0 ? { all_tools: { validate_arguments: true } } : {}),
  };
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
