import type { Truth } from "./condition.ts";
import type { Test } from "./operator.ts";

/** Pure. Kleene's NOT: what cannot be judged stays so. */
export function negate(truth: Truth): Truth {
  if (truth === "holds") return "fails";
  return truth === "fails" ? "holds" : "cannotJudge";
}

/** Pure. The opposite of a test; undefined of none. */
export function negated(test: Test | undefined): Test | undefined {
  return test === undefined ? undefined : (left, subject) => negate(test(left, subject));
}

/** Pure. Kleene's AND: one that fails decides, else one that cannot be judged. */
export function both(a: Truth, b: Truth): Truth {
  if (a === "fails" || b === "fails") return "fails";
  return a === "holds" && b === "holds" ? "holds" : "cannotJudge";
}

/** Pure. Kleene's OR: one that holds decides, else one that cannot be judged. */
export function either(a: Truth, b: Truth): Truth {
  if (a === "holds" || b === "holds") return "holds";
  return a === "fails" && b === "fails" ? "fails" : "cannotJudge";
}

/** Pure. A plain yes or no as a {@link Truth}. */
export function truthOf(answer: boolean): Truth {
  return answer ? "holds" : "fails";
}
