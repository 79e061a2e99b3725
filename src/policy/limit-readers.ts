import type { Subject } from "./conditions/condition.ts";
import { compilePath, selectAll, selectOne } from "./conditions/paths.ts";
import type { CompiledPath } from "./conditions/paths.ts";
import { decimalFromNumber, one, parseDecimal, zero } from "../values/decimal.ts";
import type { Decimal } from "../values/decimal.ts";
import type { JsonValue } from "../values/json.ts";
import { isList } from "../values/json.ts";
import type { CompileContext } from "./compile-context.ts";
import { reportError } from "./compile-context.ts";
import type { LimitSource } from "./document.ts";

/** How a limit reads a call. */
export interface LimitReaders {
  /** What the call uses, or undefined when it cannot be read. */
  readonly amount: (subject: Subject) => Decimal | undefined;
  /** What every call uses, when that does not depend on the call. */
  readonly fixed: Decimal | undefined;
  /** The `by` value as text, or undefined when it cannot be read; absent without `by`. */
  readonly by: ((subject: Subject) => string | undefined) | undefined;
  /** As written. */
  readonly paths: readonly string[];
}

/** A `by` value longer than this is not counted; the key would be too. */
const byCharactersMax = 1000;
const sumMax: Decimal = 10n ** 24n;
const decimalText = /^\d{1,40}(?:\.\d{1,40})?$/;

/** Compiles a limit's paths; undefined after a problem was reported. */
export function compileReaders(limit: LimitSource, place: string, context: CompileContext): LimitReaders | undefined {
  const amount = compileAmount(limit, place, context);
  const by = limit.by === undefined ? undefined : compileBy(limit.by, `${place}/by`, context);
  if (amount === undefined || (limit.by !== undefined && by === undefined)) return undefined;
  const paths = [limit.increment_from, limit.increment_length_of, limit.by].filter((path) => path !== undefined);
  return { amount, fixed: fixedAmountOf(limit), by, paths };
}

function compileAmount(limit: LimitSource, place: string, context: CompileContext): LimitReaders["amount"] | undefined {
  if (limit.increment_from !== undefined) {
    const path = compileArgumentPath(limit.increment_from, `${place}/increment_from`, true, context);
    return path && (path.isMany ? (subject) => sumOf(path, subject) : (subject) => amountAt(path, subject));
  }
  if (limit.increment_length_of !== undefined) {
    const path = compileArgumentPath(limit.increment_length_of, `${place}/increment_length_of`, false, context);
    return path && ((subject) => lengthAt(path, subject));
  }
  const fixed = fixedAmountOf(limit);
  return () => fixed;
}

function fixedAmountOf(limit: LimitSource): Decimal | undefined {
  if (limit.increment_from !== undefined || limit.increment_length_of !== undefined) return undefined;
  return limit.increment === undefined ? one : decimalFromNumber(limit.increment);
}

function compileBy(source: string, pointer: string, context: CompileContext): LimitReaders["by"] {
  const path = compileArgumentPath(source, pointer, false, context);
  return path && ((subject) => textAt(path, subject));
}

function compileArgumentPath(
  source: string,
  pointer: string,
  mayBeMany: boolean,
  context: CompileContext,
): CompiledPath | undefined {
  const path = compilePath(source, pointer, context.conditions);
  if (path === undefined) return undefined;
  const isFitting = path.root === "args" && path.steps.length > 0 && !path.hasTree && (mayBeMany || !path.isMany);
  if (isFitting) return path;
  reportError(context, {
    code: "LIMIT_INVALID",
    message: `\`${source.slice(0, 100)}\` does not name ${mayBeMany ? "arguments" : "one argument"}`,
    path: pointer,
    hint: mayBeMany ? "use a path like `args.amount` or `args.items[*].amount`" : "use a path like `args.customer_id`",
  });
  return undefined;
}

function amountAt(path: CompiledPath, subject: Subject): Decimal | undefined {
  const selection = selectOne(path, subject);
  return selection.kind === "value" ? amountOf(selection.value) : undefined;
}

function sumOf(path: CompiledPath, subject: Subject): Decimal | undefined {
  const selection = selectAll(path, subject);
  if (selection.kind !== "values") return undefined;
  let sum = zero;
  for (const value of selection.values) {
    const amount = amountOf(value);
    if (amount === undefined) return undefined;
    sum += amount;
  }
  return sum < sumMax ? sum : undefined;
}

/** A number or plain decimal text that is not negative; anything else could be read differently by the tool. */
function amountOf(value: JsonValue): Decimal | undefined {
  let amount: Decimal | undefined;
  if (typeof value === "number") amount = decimalFromNumber(value);
  else if (typeof value === "string" && decimalText.test(value)) amount = parseDecimal(value);
  return amount !== undefined && amount >= zero ? amount : undefined;
}

function lengthAt(path: CompiledPath, subject: Subject): Decimal | undefined {
  const selection = selectOne(path, subject);
  return selection.kind === "value" && isList(selection.value) ? BigInt(selection.value.length) * one : undefined;
}

/** `5` and `"5"` give the same text, so that they share a counter. */
function textAt(path: CompiledPath, subject: Subject): string | undefined {
  const selection = selectOne(path, subject);
  if (selection.kind !== "value") return undefined;
  const { value } = selection;
  if (typeof value === "string") return value.length <= byCharactersMax ? value : undefined;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
