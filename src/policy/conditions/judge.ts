import { isList } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import type { Subject, Truth } from "./condition.ts";
import { both, either } from "./kleene.ts";
import type { Test } from "./operator.ts";
import { visitAll } from "./paths.ts";
import type { CompiledPath } from "./paths.ts";
import { nothing, unreadable } from "./reading.ts";
import type { Reading } from "./reading.ts";

/** Judges one reading of the left side, absent and unreadable ones too. */
export type Judge = (reading: Reading, subject: Subject) => Truth;

/** How the many values of `[*]` and `.**` become one answer (policy.md §2 "Judging"). */
export interface Quantifier {
  /** Every value must satisfy; else one is enough. Each enclosing `not` swaps the two. */
  readonly isEvery: boolean;
  /** The answer for an empty list or tree. Follows the side, never `not`. */
  readonly whenEmpty: Truth;
}

/** Pure. A test of present values as a {@link Judge}. */
export function judgeOf(whenAbsent: Truth, test: Test): Judge {
  return (reading, subject) => {
    if (reading === undefined || reading === null) return whenAbsent;
    return reading === unreadable ? "cannotJudge" : test(reading, subject);
  };
}

/** Judges every value of a path and joins the answers; `passOver` as for {@link visitAll}. */
export function judgeMany(
  path: CompiledPath,
  subject: Subject,
  { isEvery, whenEmpty }: Quantifier,
  passOver: boolean,
  judge: Judge,
): Truth {
  const decisive: Truth = isEvery ? "fails" : "holds";
  let truth: Truth = isEvery ? "holds" : "fails";
  visitAll(path, subject, passOver, (reading) => {
    const part = reading === nothing ? whenEmpty : judge(reading, subject);
    truth = isEvery ? both(truth, part) : either(truth, part);
    return truth === decisive;
  });
  return truth;
}

/** Pure. Whether a right side is text: a string, or a list of strings only. */
export function isText(right: JsonValue): boolean {
  return typeof right === "string" || (isList(right) && right.every((member) => typeof member === "string"));
}
