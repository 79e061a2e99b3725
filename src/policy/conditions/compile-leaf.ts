import type { JsonValue } from "../../values/json.ts";
import { nearestWord } from "../../values/suggest.ts";
import type { ConditionContext, ConditionSource, Side, Subject, Truth } from "./condition.ts";
import { isText, judgeMany, judgeOf } from "./judge.ts";
import type { Quantifier } from "./judge.ts";
import type { Operator, OperatorScope } from "./operator.ts";
import { findOperator, operators } from "./operators.ts";
import { compilePath } from "./paths.ts";
import type { CompiledPath } from "./paths.ts";
import { quote } from "./quote.ts";
import { unreadable } from "./reading.ts";
import { resolveValue } from "./right-side.ts";

/** A condition ready to evaluate. */
export type Evaluate = (subject: Subject) => Truth;

/** What is known of the place of a condition on the way down a tree of them. */
export interface Frame {
  readonly side: Side;
  /** Whether the number of enclosing `not` is odd. */
  readonly isInverted: boolean;
  readonly context: ConditionContext;
  /** Collects the paths read, as written. */
  readonly paths: string[];
}

type LeafSource = Extract<ConditionSource, { readonly path: string }>;

/** Compiles `{ path, op, value }` or `{ path, op, value_from }`; undefined after a problem of severity error was reported. */
export function compileLeaf(source: LeafSource, pointer: string, frame: Frame): Evaluate | undefined {
  const { context, side } = frame;
  const operator = findOperator(source.op);
  if (operator === undefined) reportUnknownOperator(source.op, pointer, context);
  const path = compilePath(source.path, `${pointer}/path`, context);
  if (path !== undefined) notePath(path, operator, frame);
  const from = compileValueFrom(source, pointer, operator, context);
  if (from !== undefined) notePath(from, operator, frame);
  if (operator === undefined || path === undefined) return undefined;
  const scope: OperatorScope = {
    side,
    matchCountsAgainst: (side === "deny") !== frame.isInverted,
    path,
    valuePointer: source.value === undefined ? pointer : `${pointer}/value`,
    report: context.report,
  };
  if (source.value_from === undefined) return compareValue(source, operator, path, scope, frame);
  return from === undefined ? undefined : compareFacts(operator, path, from, scope, frame);
}

function quantifierOf({ side, isInverted }: Frame): Quantifier {
  return { isEvery: (side === "pass") !== isInverted, whenEmpty: side === "pass" ? "cannotJudge" : "fails" };
}

function compareValue(
  source: LeafSource,
  operator: Operator,
  path: CompiledPath,
  scope: OperatorScope,
  frame: Frame,
): Evaluate | undefined {
  const written = source.value === undefined ? operator.defaultValue : source.value;
  if (written === undefined) {
    scope.report({
      severity: "error",
      code: "CONDITION_VALUE_MISSING",
      message: `\`${operator.name}\` has nothing to compare with`,
      path: scope.valuePointer,
      hint: "add `value` or `value_from`",
    });
    return undefined;
  }
  const right = resolveValue(written, operator, scope.valuePointer, frame.context);
  const test = right === undefined ? undefined : operator.compile(right, scope);
  if (right === undefined || test === undefined) return undefined;
  const whenAbsent = operator.whenAbsent(frame.side, right);
  const judge = judgeOf(whenAbsent, test);
  const { read } = path;
  if (!path.isMany) return (subject) => judge(read(subject), subject);
  const quantifier = quantifierOf(frame);
  const passOver = !quantifier.isEvery && isText(right);
  return (subject) => judgeMany(path, subject, quantifier, passOver, judge);
}

function compareFacts(
  operator: Operator,
  path: CompiledPath,
  from: CompiledPath,
  { side, matchCountsAgainst }: OperatorScope,
  frame: Frame,
): Evaluate {
  const quantifier = quantifierOf(frame);
  return (subject) => {
    const right = from.read(subject);
    if (right === undefined || right === unreadable || isBlank(right)) return "cannotJudge";
    const test = operator.bind?.(right, matchCountsAgainst);
    if (test === undefined) return "cannotJudge";
    const judge = judgeOf(operator.whenAbsent(side, right), test);
    if (!path.isMany) return judge(path.read(subject), subject);
    return judgeMany(path, subject, quantifier, !quantifier.isEvery && isText(right), judge);
  };
}

/** Null or empty: nothing to compare with. */
function isBlank(value: JsonValue): boolean {
  if (value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function compileValueFrom(
  source: LeafSource,
  pointer: string,
  operator: Operator | undefined,
  context: ConditionContext,
): CompiledPath | undefined {
  const text = source.value_from;
  if (text === undefined) return undefined;
  const place = `${pointer}/value_from`;
  const fault = (code: string, message: string, hint: string): void => {
    context.report({ severity: "error", code, message, path: place, hint });
  };
  const from = compilePath(text, place, context);
  if (source.value !== undefined) {
    fault("CONDITION_VALUE_TWICE", "there is both `value` and `value_from`", "keep one of them");
    return undefined;
  }
  if (operator !== undefined && operator.bind === undefined) {
    fault("VALUE_FROM_NOT_ALLOWED", `\`${operator.name}\` takes no \`value_from\``, "write its right side as `value`");
    return undefined;
  }
  if (from?.isMany === true) {
    fault("VALUE_FROM_MANY", `${quote(text)} may stand for many values`, "name one value, without `[*]` and `.**`");
    return undefined;
  }
  return from;
}

/** Remembers a path that is read, and warns where a client's word about itself lets a call pass. */
function notePath(path: CompiledPath, operator: Operator | undefined, frame: Frame): void {
  frame.paths.push(path.text);
  if (path.root !== "client.name" && path.root !== "client.version") return;
  const firesOnMatch = frame.isInverted === (operator?.isNegative ?? false);
  if (frame.side === "deny" && firesOnMatch) return;
  frame.context.report({
    severity: "warning",
    code: "CLIENT_SELF_DECLARED",
    message: `${quote(path.text)} is what the client says of itself, and lets calls pass here`,
    path: path.pointer,
    hint: "use `grant.label`, `grant.tags` or `client.ip`",
  });
}

function reportUnknownOperator(name: string, pointer: string, context: ConditionContext): void {
  const near = nearestWord(name, operators);
  context.report({
    severity: "error",
    code: "OPERATOR_UNKNOWN",
    message: `there is no operator ${quote(name)}`,
    path: `${pointer}/op`,
    hint: near === undefined ? `use one of ${operators.join(", ")}` : `did you mean \`${near}\`?`,
  });
}
