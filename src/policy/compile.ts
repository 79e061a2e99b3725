import type { PolicyIdentity } from "./decision.ts";
import type { CompiledPolicy, CompiledRules } from "./compiled.ts";
import type { CompileContext } from "./compile-context.ts";
import { reportError, resolveList } from "./compile-context.ts";
import { categories } from "./call.ts";
import type { Category } from "./call.ts";
import { compileDoors } from "./doors.ts";
import { checkPatterns, checkToolKeys } from "./check-patterns.ts";
import { warnOfNarrowing } from "./narrowing.ts";
import { warnOnSave } from "./save-warnings.ts";
import { compileFlows } from "./flows.ts";
import { NameLookup } from "./name-lookup.ts";
import { compileOwnRules, mergeRules } from "./rules.ts";
import type { OwnRules } from "./rules.ts";
import { rememberScopeKeys } from "./scope-keys.ts";
import { defaultDeny } from "./selection.ts";
import { escapeStep } from "../values/pointer.ts";

/** Compiles a document whose shape is right, reporting to the context. Use the result only when no error was reported. */
export function compilePolicy(identity: PolicyIdentity, context: CompileContext): CompiledPolicy {
  const { document } = context;
  const common =
    document.all_tools === undefined
      ? undefined
      : compileOwnRules(document.all_tools, "/all_tools", "all_tools", context);
  const byPattern = new Map<string, CompiledRules>();
  for (const [pattern, source] of Object.entries(document.tools ?? {})) {
    const own = compileOwnRules(source, `/tools/${escapeStep(pattern)}`, `tools:${pattern}`, context);
    byPattern.set(pattern, mergeRules(own, common));
  }
  const everyTool = byPattern.get("*");
  byPattern.delete("*");
  checkToolKeys(Object.keys(document.tools ?? {}), context);
  warnOfNarrowing(context);
  const hide = resolveList(document.hide ?? [], "/hide", context, (value) => typeof value === "string");
  checkPatterns(hide, "/hide", Array.isArray(document.hide), context);
  const policy: CompiledPolicy = {
    identity,
    document,
    timeZone: context.timeZone,
    hidden: new NameLookup(hide.map((pattern) => [pattern, true] as const)),
    tools: new NameLookup(byPattern),
    categories: compileCategories(common, context),
    everyTool,
    unselected: document.default === "deny" ? defaultDeny : mergeRules(common ?? noRules, undefined),
    flows: compileFlows(context),
    scopeKeysOf: rememberScopeKeys(),
    doors: compileDoors(context),
    approvals: context.approvals,
  };
  warnOnSave(policy, context);
  return policy;
}

const noRules: OwnRules = {
  pointer: "/all_tools",
  source: {},
  denial: undefined,
  require: [],
  denyIf: [],
  approveIf: [],
  limits: [],
};

function compileCategories(
  common: OwnRules | undefined,
  context: CompileContext,
): ReadonlyMap<Category, CompiledRules> | undefined {
  const sources = context.document.categories;
  if (sources === undefined) return undefined;
  const compiled = new Map<Category, CompiledRules>();
  for (const category of categories) {
    const source = sources[category];
    if (source === undefined) continue;
    const own = compileOwnRules(source, `/categories/${category}`, `category:${category}`, context);
    compiled.set(category, mergeRules(own, common));
  }
  return compiled;
}

/** Reports a time zone that is no IANA name. */
export function reportTimeZone(context: CompileContext, name: string): void {
  reportError(context, {
    code: "TIME_ZONE_UNKNOWN",
    message: `\`${name.slice(0, 100)}\` is not an IANA time zone`,
    path: "/time_zone",
    hint: "write it like `Europe/Berlin` or `UTC`",
  });
}
