import type { Category, PolicyDocument } from "../policy/index.ts";
import { isObject, ownMember } from "../values/json.ts";
import { readDefinition } from "./classify/read-definition.ts";
import { isPathParameter, isUrlParameter } from "./classify/signals.ts";
import type { ClassifiedTool, ToolDefinition } from "./record.ts";

/** How careful a server's policy is. */
export const presets = ["read-only", "balanced", "strict"] as const;
export type Preset = (typeof presets)[number];

type Rules = NonNullable<PolicyDocument["tools"]>[string];

/** A rule that needs the user's own values; it stands beside a recommendation, never in it. */
export interface Suggestion {
  readonly tool: string;
  /** To be put into the tool's entry; its values are examples. */
  readonly rules: Rules;
  readonly reason: string;
}

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
  const nameable = tools.filter(({ definition }) => isPlainName(definition.name));
  const treated = nameable.map(({ definition: { name }, classification: { category } }) => ({
    name,
    rules: rulesOf(name, category, preset),
  }));
  const named = treated.flatMap(({ name, rules }) => (rules === "hide" ? [] : [[name, rules] as const]));
  const hidden = [...new Set(treated.filter(({ rules }) => rules === "hide").map(({ name }) => name))];
  const document: PolicyDocument = {
    version: "1",
    default: "deny",
    ...(hidden.length === 0 ? {} : { hide: hidden }),
    ...(named.length === 0 ? {} : { tools: Object.fromEntries(named.filter(([name]) => !hidden.includes(name))) }),
    ...(preset === "strict" && named.length > 0 ? { all_tools: { validate_arguments: true } } : {}),
  };
  return {
    document,
    suggested: nameable.flatMap(({ definition }) => suggestionsFor(definition)),
    unnamed: tools.map(({ definition }) => definition.name).filter((name) => !isPlainName(name)),
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

function suggestionsFor(tool: ToolDefinition): readonly Suggestion[] {
  const properties = isObject(tool.inputSchema) ? ownMember(tool.inputSchema, "properties") : undefined;
  const isText = (name: string): boolean => {
    const schema = isObject(properties) ? ownMember(properties, name) : undefined;
    return isObject(schema) && schema["type"] === "string";
  };
  return readDefinition(tool).parameters.flatMap((parameter): readonly Suggestion[] => {
    const { name, depth } = parameter;
    if (depth > 0 || !isText(name) || !/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name) || name === "__proto__") return [];
    const path = `args.${name}`;
    if (isUrlParameter(parameter))
      return [suggestion(tool.name, path, "host_in", ["docs.example.com"], "name the hosts it may reach")];
    if (isPathParameter(parameter))
      return [suggestion(tool.name, path, "within", ["/srv/project"], "name the folders it may touch")];
    return [];
  });
}

function suggestion(
  tool: string,
  path: string,
  op: "host_in" | "within",
  value: readonly string[],
  reason: string,
): Suggestion {
  return { tool, rules: { require: [{ conditions: [{ path, op, value }] }] }, reason: `\`${path}\`: ${reason}` };
}
