import { categories, type Category } from "../policy/index.ts";
import { risks } from "./classify/classify-tool.ts";
import { owaspOf } from "./owasp-of.ts";
import { type Preset, recommendForServer, recommendForTool, type Recommendation } from "./recommend.ts";
import type { ClassifiedTool } from "./record.ts";
import type { Override, ServerRecord, ToolRecord } from "./server-record.ts";

/** Pure. A record's tool as the classifier left it, for those who recommend. A rule can name the language's signals only. */
export function classifiedOf(tool: ToolRecord): ClassifiedTool {
  const signals = tool.signals.filter((signal) => signal !== "hidden_text" && signal !== "instruction_like_text");
  return { definition: tool, classification: { ...tool, signals } };
}

/** Pure. The policy for a whole server by its record, local corrections counted; the rules beside it are its tools'. */
export function recommendForRecord({ tools }: Pick<ServerRecord, "tools">, preset: Preset): Recommendation {
  const { document, unnamed } = recommendForServer(tools.map(classifiedOf), preset);
  return { document, unnamed, suggested: tools.flatMap(({ suggested }) => suggested) };
}

/**
 * Pure. A tool with a local correction: its category, risk and policy follow it; what the classifier said stays readable.
 * One that calls a tool more harmless than the classifier does is of that definition alone.
 */
export function overrideTool(tool: ToolRecord, override: Override): ToolRecord {
  const isLower = categories.indexOf(override.category) < categories.indexOf(tool.category);
  const isOther = override.definition !== tool.digests.definition;
  if (isLower && isOther) return { ...tool, lapsed: override };
  const corrected = { ...tool, category: override.category, risk: risks[override.category], override };
  return { ...corrected, owasp: owaspOf(corrected), recommended: recommendForTool(classifiedOf(corrected)).document };
}

/**
 * Pure. A server's record with local corrections, by the tool's name: counts and order follow them. The grade stays
 * that of what the server listed.
 */
export function overrideRecord(record: ServerRecord, overrides: ReadonlyMap<string, Override>): ServerRecord {
  if (overrides.size === 0) return record;
  const tools = record.tools.map((tool) => {
    const override = overrides.get(tool.name);
    return override === undefined ? tool : overrideTool(tool, override);
  });
  return { ...record, tools: riskiestFirst(tools), counts: countsOf(tools.map(({ category }) => category)) };
}

/** Pure. Tools by category, the most severe first; the order within a category stays. */
function riskiestFirst(tools: readonly ToolRecord[]): readonly ToolRecord[] {
  return tools.toSorted((a, b) => categories.indexOf(b.category) - categories.indexOf(a.category));
}

function countsOf(found: readonly Category[]): Readonly<Record<Category, number>> {
  const count = (category: Category): number => found.filter((other) => other === category).length;
  return {
    Read: count("Read"),
    Write: count("Write"),
    Execute: count("Execute"),
    Destructive: count("Destructive"),
    Financial: count("Financial"),
  };
}
