import type { CompiledPredicate } from "./compiled.ts";
import type { CompileContext } from "./compile-context.ts";
import { reportError, reportWarning } from "./compile-context.ts";
import { compileApproval } from "./approvals.ts";
import { compileCondition } from "./conditions/compile-condition.ts";
import type { Side } from "./conditions/condition.ts";
import type { ApproveIfSource, PredicateSource } from "./document.ts";
import { instantMs, parseRfc3339 } from "../values/rfc3339.ts";

/** Compiles `require` or `deny_if`. Conditions with problems are reported and left out; the document then does not load. */
export function compilePredicates(
  sources: readonly PredicateSource[] | undefined,
  pointer: string,
  side: Side,
  context: CompileContext,
): readonly CompiledPredicate[] {
  return (sources ?? []).map((source, index) => compilePredicate(source, `${pointer}/${index}`, side, context));
}

/** Compiles `approve_if` and notes who must approve each entry. */
export function compileApproveIf(
  sources: readonly ApproveIfSource[] | undefined,
  pointer: string,
  context: CompileContext,
): readonly CompiledPredicate[] {
  return (sources ?? []).map((source, index) => {
    const place = `${pointer}/${index}`;
    compileApproval(source, place, place, source.on_deny, context);
    return compilePredicate(source, place, "deny", context);
  });
}

function compilePredicate(
  source: PredicateSource,
  pointer: string,
  side: Side,
  context: CompileContext,
): CompiledPredicate {
  const conditions = source.conditions.map((condition, index) =>
    compileCondition(condition, `${pointer}/conditions/${index}`, side, context.conditions),
  );
  const fromMs = timeOf(source.valid_from, `${pointer}/valid_from`, true, context) ?? Number.NEGATIVE_INFINITY;
  const untilMs = timeOf(source.valid_until, `${pointer}/valid_until`, false, context) ?? Number.POSITIVE_INFINITY;
  if (fromMs > untilMs) {
    reportError(context, {
      code: "VALIDITY_EMPTY",
      message: "`valid_until` is before `valid_from`, so the entry would never act",
      path: `${pointer}/valid_until`,
      hint: "set it to a later time, or remove the entry",
    });
  }
  if (source.valid_until !== undefined && side === "pass") {
    reportWarning(context, {
      code: "VALIDITY_OF_REQUIRE",
      message: "after `valid_until` this requirement ends, and calls pass without it",
      path: `${pointer}/valid_until`,
      hint: "to let calls pass only until then, deny them from that time with a `deny_if` and `valid_from`",
    });
  }
  return {
    pointer,
    name: source.name,
    conditions: conditions.filter((condition) => condition !== undefined),
    isObserved: source.mode === "observe",
    fromMs,
    untilMs,
    onDeny: source.on_deny,
  };
}

function timeOf(
  source: string | undefined,
  path: string,
  isStart: boolean,
  context: CompileContext,
): number | undefined {
  if (source === undefined) return undefined;
  const instant = parseRfc3339(source);
  if (instant === undefined) {
    reportError(context, {
      code: "TIME_INVALID",
      message: `\`${source.slice(0, 40)}\` is not an RFC 3339 time`,
      path,
      hint: "write it like `2026-01-31T18:00:00Z`",
    });
  }
  // Time is counted in whole milliseconds, and an entry acts only once its first moment has come.
  return instant && instantMs(instant) + (isStart && instant.fraction.length > 3 ? 1 : 0);
}
