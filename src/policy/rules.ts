import type { CompiledLimit, CompiledPredicate, CompiledRules } from "./compiled.ts";
import type { CompileContext } from "./compile-context.ts";
import { compileOwnLimits } from "./own-limits.ts";
import { compileApproveIf, compilePredicates } from "./own-predicates.ts";
import { compileHoldingAction } from "./approvals.ts";
import { parsePath } from "./conditions/paths.ts";
import { compileArgumentCheck } from "./arguments.ts";
import type { RulesSource } from "./document.ts";

/** The rules that one entry writes itself, before those of `all_tools` are added. */
export interface OwnRules {
  readonly pointer: string;
  readonly source: RulesSource;
  readonly denial: CompiledRules["denial"];
  readonly require: readonly CompiledPredicate[];
  readonly denyIf: readonly CompiledPredicate[];
  readonly approveIf: readonly CompiledPredicate[];
  readonly limits: readonly CompiledLimit[];
}

/** Compiles one entry. `owner` says which entry its counters belong to: `tools:refund`, `category:Write`, `all_tools`. */
export function compileOwnRules(
  source: RulesSource,
  pointer: string,
  owner: string,
  context: CompileContext,
): OwnRules {
  const holding = compileHoldingAction(source, pointer, context);
  return {
    pointer,
    source,
    denial: source.action === "deny" ? { rule: `${pointer}/action`, reason: source.reason } : undefined,
    require: compilePredicates(source.require, `${pointer}/require`, "pass", context),
    denyIf: compilePredicates(source.deny_if, `${pointer}/deny_if`, "deny", context),
    approveIf: [...holding, ...compileApproveIf(source.approve_if, `${pointer}/approve_if`, context)],
    limits: compileOwnLimits(source, pointer, owner, context),
  };
}

/** Pure. The rules of a call that `own` selects: its own first at each step, then those of `all_tools`. */
export function mergeRules(own: OwnRules, common: OwnRules | undefined): CompiledRules {
  const require = [...own.require, ...(common?.require ?? [])];
  const denyIf = [...own.denyIf, ...(common?.denyIf ?? [])];
  const approveIf = [...own.approveIf, ...(common?.approveIf ?? [])];
  const limits = [...own.limits, ...(common?.limits ?? [])];
  const paths = [
    ...[...require, ...denyIf, ...approveIf].flatMap((predicate) =>
      predicate.conditions.flatMap((condition) => condition.paths),
    ),
    ...limits.flatMap((limit) => limit.paths),
  ];
  const names = paths.map(firstArgumentOf).filter((name) => name !== undefined);
  const unknown = unknownArgumentsSetting(own, common);
  return {
    kind: "rules",
    pointer: own.pointer,
    denial: own.denial,
    validateArguments: validatePlace(own) ?? (common === undefined ? undefined : validatePlace(common)),
    unknownArguments: unknown.rule,
    unknownArgumentsOf: compileArgumentCheck(new Set(names), unknown.setting),
    require,
    denyIf,
    approveIf,
    limits,
  };
}

function validatePlace(rules: OwnRules): string | undefined {
  return rules.source.validate_arguments === true ? `${rules.pointer}/validate_arguments` : undefined;
}

/** Of two settings the stricter: one `deny` is enough, and an `allow` lifts the schema's own word only alone. */
function unknownArgumentsSetting(
  own: OwnRules,
  common: OwnRules | undefined,
): { readonly rule: string; readonly setting: "allow" | "deny" | undefined } {
  const mine = own.source.unknown_arguments;
  const theirs = common?.source.unknown_arguments;
  const isTheirs = (theirs === "deny" && mine !== "deny") || (theirs === "allow" && mine === undefined);
  if (isTheirs) return { rule: "/all_tools/unknown_arguments", setting: theirs };
  return { rule: `${own.pointer}/unknown_arguments`, setting: mine };
}

/** The top-level argument that a path reads: `args.a.b` and `args["a"]` read `a`. */
function firstArgumentOf(source: string): string | undefined {
  const path = parsePath(source);
  if ("code" in path || path.root !== "args") return undefined;
  const first = path.steps[0];
  return first?.kind === "member" ? first.name : undefined;
}
