import type { CompiledCondition, ConditionContext, ConditionSource, Side, Truth } from "./condition.ts";
import { compileLeaf } from "./compile-leaf.ts";
import type { Evaluate, Frame } from "./compile-leaf.ts";
import { both, either, negate } from "./kleene.ts";

/**
 * Compiles one condition of policy.md §2. `pointer` is the RFC 6901 pointer to it in its document. Every problem and
 * warning goes to `context.report` (codes in `problem-codes.ts`); undefined after one of severity error.
 */
export function compileCondition(
  source: ConditionSource,
  pointer: string,
  side: Side,
  context: ConditionContext,
): CompiledCondition | undefined {
  const paths: string[] = [];
  const evaluate = compileTree(source, pointer, { side, isInverted: false, context, paths });
  return evaluate === undefined ? undefined : { pointer, evaluate, paths };
}

function compileTree(source: ConditionSource, pointer: string, frame: Frame): Evaluate | undefined {
  if ("path" in source) return compileLeaf(source, pointer, frame);
  if ("not" in source) {
    const inner = compileTree(source.not, `${pointer}/not`, { ...frame, isInverted: !frame.isInverted });
    return inner === undefined ? undefined : (subject) => negate(inner(subject));
  }
  if ("any" in source) {
    const parts = compileParts(source.any, `${pointer}/any`, frame);
    return parts === undefined ? undefined : joined(parts, "fails", "holds", either);
  }
  const parts = compileParts(source.all, `${pointer}/all`, frame);
  return parts === undefined ? undefined : joined(parts, "holds", "fails", both);
}

/** All parts are compiled, so that all problems are found. */
function compileParts(
  sources: readonly ConditionSource[],
  pointer: string,
  frame: Frame,
): readonly Evaluate[] | undefined {
  if (sources.length === 0) {
    frame.context.report({
      severity: "error",
      code: "CONDITION_EMPTY",
      message: "there is no condition in the list",
      path: pointer,
      hint: "add a condition or drop the list",
    });
    return undefined;
  }
  const parts = sources.map((source, i) => compileTree(source, `${pointer}/${i}`, frame));
  const sound = parts.filter((part) => part !== undefined);
  return sound.length === parts.length ? sound : undefined;
}

/** AND and OR: begins at `start`; `decisive` ends it. */
function joined(
  parts: readonly Evaluate[],
  start: Truth,
  decisive: Truth,
  join: (a: Truth, b: Truth) => Truth,
): Evaluate {
  return (subject) => {
    let truth = start;
    for (const part of parts) {
      truth = join(truth, part(subject));
      if (truth === decisive) return truth;
    }
    return truth;
  };
}
