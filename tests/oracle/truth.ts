/** Kleene's three results (policy.md §2, Judging). */
export type Truth = "holds" | "fails" | "cannot judge";

/** Pure. Holds when all hold; fails when one fails; nothing at all holds. */
export function and(truths: readonly Truth[]): Truth {
  if (truths.includes("fails")) return "fails";
  return truths.includes("cannot judge") ? "cannot judge" : "holds";
}

/** Pure. Holds when one holds; fails when all fail. */
export function or(truths: readonly Truth[]): Truth {
  if (truths.includes("holds")) return "holds";
  return truths.includes("cannot judge") ? "cannot judge" : "fails";
}

/** Pure. Swaps holds and fails. */
export function not(truth: Truth): Truth {
  if (truth === "cannot judge") return truth;
  return truth === "holds" ? "fails" : "holds";
}

/** Pure. */
export function truthOf(isTrue: boolean): Truth {
  return isTrue ? "holds" : "fails";
}
