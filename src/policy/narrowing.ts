import { escapeStep } from "../values/pointer.ts";
import type { CompileContext } from "./compile-context.ts";
import { reportWarning } from "./compile-context.ts";
import type { PredicateSource, RulesSource } from "./document.ts";
import { comparePatterns, compareWidth, isInside } from "./tool-patterns.ts";
import type { ComparablePattern } from "./tool-patterns.ts";

/** An entry of `tools` or `categories`, with its place. */
interface Entry {
  readonly name: string;
  readonly pointer: string;
  readonly rules: RulesSource;
}

/** An entry of `tools`, comparable with the others. */
interface ToolEntry extends Entry {
  readonly pattern: ComparablePattern;
}

/**
 * Warns of entries that take tools from a wider entry and leave out one of its rules: one entry applies, so the wider
 * one's rules are lost for those tools.
 */
export function warnOfNarrowing(context: CompileContext): void {
  const { tools = {}, categories = {} } = context.document;
  const entries = comparePatterns(Object.keys(tools)).map((pattern): ToolEntry => ({
    name: pattern.source,
    pointer: `/tools/${escapeStep(pattern.source)}`,
    rules: { ...tools[pattern.source] },
    pattern,
  }));
  const everyTool = entries.find((entry) => entry.name === "*");
  const wide = entries
    .filter((entry) => entry !== everyTool && entry.name.includes("*"))
    .toSorted((a, b) => compareWidth(a.name, b.name));
  for (const entry of entries) {
    if (entry === everyTool) continue;
    const outer = wide.find((other) => other !== entry && isInside(entry.pattern, other.pattern));
    const wider = outer ?? categoryOf(entry, context) ?? everyTool;
    if (wider !== undefined) compareEntries(entry, wider, context);
  }
  if (everyTool === undefined) return;
  for (const [name, rules] of Object.entries(categories)) {
    compareEntries({ name, pointer: `/categories/${name}`, rules }, everyTool, context);
  }
}

/** The category that would select a listed tool of the entry, were the entry not there. */
function categoryOf(entry: ToolEntry, context: CompileContext): Entry | undefined {
  const { categories } = context.document;
  if (categories === undefined) return undefined;
  for (const { name, review } of context.tools ?? []) {
    const rules = review === undefined ? undefined : categories[review.category];
    if (review !== undefined && rules !== undefined && entry.pattern.matches(name)) {
      return { name: review.category, pointer: `/categories/${review.category}`, rules };
    }
  }
  return undefined;
}

function compareEntries(entry: Entry, wider: Entry, context: CompileContext): void {
  const lost = firstLost(entry.rules, wider.rules);
  if (lost === undefined) return;
  reportWarning(context, {
    code: "ENTRY_NARROWS",
    message: `\`${entry.name}\` takes tools from \`${wider.name}\` and leaves out its \`${wider.pointer}/${lost}\``,
    path: entry.pointer,
    hint: "repeat that rule here, or move it to `all_tools`; one entry applies to a tool",
    at: "key",
  });
}

/** The first rule of the wider entry that the narrower has not, as the end of its pointer. */
function firstLost(own: RulesSource, wide: RulesSource): string | undefined {
  if (own.action === "deny") return undefined;
  if (wide.action === "deny") return "action";
  if (wide.action === "require_approval" && own.action !== "require_approval") return "action";
  if (wide.validate_arguments === true && own.validate_arguments !== true) return "validate_arguments";
  if (wide.unknown_arguments === "deny" && own.unknown_arguments !== "deny") return "unknown_arguments";
  return (
    firstLostPredicate("require", own.require, wide.require) ??
    firstLostPredicate("deny_if", own.deny_if, wide.deny_if) ??
    (own.action === "require_approval"
      ? undefined
      : firstLostPredicate("approve_if", own.approve_if, wide.approve_if)) ??
    firstLostLimit(own, wide)
  );
}

function firstLostPredicate(
  key: string,
  own: readonly PredicateSource[] | undefined,
  wide: readonly PredicateSource[] | undefined,
): string | undefined {
  for (const [index, predicate] of (wide ?? []).entries()) {
    const conditions = JSON.stringify(predicate.conditions);
    if (own?.some((mine) => JSON.stringify(mine.conditions) === conditions) !== true) return `${key}/${index}`;
  }
  return undefined;
}

/** Any limit of its own takes the place of the wider entry's limits. */
function firstLostLimit(own: RulesSource, wide: RulesSource): string | undefined {
  if ((own.limits?.length ?? 0) > 0 || own.rate_limit !== undefined || own.spend_limit !== undefined) return undefined;
  if ((wide.limits?.length ?? 0) > 0) return "limits/0";
  if (wide.rate_limit !== undefined) return "rate_limit";
  return wide.spend_limit === undefined ? undefined : "spend_limit";
}
