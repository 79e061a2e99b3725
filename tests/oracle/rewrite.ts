import type { JsonValue } from "../../src/values/json.ts";
import type { Condition, PolicyDocument, Predicate, Rules } from "./document.ts";
import { isListValue, isObjectValue } from "./plain.ts";
import type { Selected } from "./tools.ts";

/** A source of chance that the same seed repeats: numbers from 0 up to, not including, `below`. */
export type Dice = (below: number) => number;

/** The dice of a seed (a 32-bit multiply and shift generator; quality does not matter here). */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Pure. The elements in another order. */
export function shuffled<T>(elements: readonly T[], dice: Dice): readonly T[] {
  const rest = [...elements];
  return elements.flatMap(() => rest.splice(dice(rest.length), 1));
}

/** Pure. The same value with the members of all its objects in another order. */
export function withShuffledKeys(value: JsonValue, dice: Dice): JsonValue {
  if (isListValue(value)) return value.map((element) => withShuffledKeys(element, dice));
  if (!isObjectValue(value)) return value;
  return Object.fromEntries(
    shuffled(Object.entries(value), dice).map(([key, member]) => [key, withShuffledKeys(member, dice)]),
  );
}

/** Pure. The same JSON value written with other white space, and with escapes where plain characters would do. */
export function rewritten(value: JsonValue, dice: Dice): string {
  const space = (): string => [" ", "", "\n", "\t", "", "\r\n  "][dice(6)] ?? "";
  if (isListValue(value)) return `[${value.map((element) => space() + rewritten(element, dice) + space()).join(",")}]`;
  if (isObjectValue(value)) {
    const members = Object.entries(value).map(
      ([key, member]) => `${space()}${text(key, dice)}${space()}:${space()}${rewritten(member, dice)}`,
    );
    return `{${members.join(",")}${space()}}`;
  }
  return typeof value === "string" ? text(value, dice) : JSON.stringify(value);
}

function text(value: string, dice: Dice): string {
  const units = Array.from({ length: value.length }, (_, i) => value.charCodeAt(i));
  const written = units.map((unit, i) => {
    const isPlain = dice(5) > 0 && unit >= 32 && unit !== 34 && unit !== 92;
    return isPlain ? value.charAt(i) : `\\u${unit.toString(16).padStart(4, "0")}`;
  });
  return `"${written.join("")}"`;
}

/** Pure. The document with every rules object changed. */
export function mapRules(document: PolicyDocument, change: (rules: Rules, pointer: string) => Rules): PolicyDocument {
  const mapEntries = (entries: Readonly<Record<string, Rules>>, at: string): Record<string, Rules> =>
    Object.fromEntries(
      Object.entries(entries).map(([key, rules]) => [
        key,
        change(rules, `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`),
      ]),
    );
  return {
    ...document,
    ...(document.tools && { tools: mapEntries(document.tools, "/tools") }),
    ...(document.categories && { categories: mapEntries(document.categories, "/categories") }),
    ...(document.all_tools && { all_tools: change(document.all_tools, "/all_tools") }),
  };
}

/** Pure. The document with the rules of one entry changed. */
export function changeEntry(
  document: PolicyDocument,
  entry: Pick<Selected, "pointer">,
  change: (rules: Rules) => Rules,
): PolicyDocument {
  return mapRules(document, (rules, pointer) => (pointer === entry.pointer ? change(rules) : rules));
}

/** Pure. Pointers of all rules objects of the document. */
export function entriesOf(document: PolicyDocument): readonly string[] {
  const pointers: string[] = [];
  mapRules(document, (rules, pointer) => {
    pointers.push(pointer);
    return rules;
  });
  return pointers;
}

/** Pure. The rules with every list of predicates changed. */
export function mapPredicates(rules: Rules, change: (predicates: readonly Predicate[]) => readonly Predicate[]): Rules {
  return {
    ...rules,
    ...(rules.require && { require: change(rules.require) }),
    ...(rules.deny_if && { deny_if: change(rules.deny_if) }),
    ...(rules.approve_if && { approve_if: change(rules.approve_if) }),
  };
}

/** Pure. The condition with every comparison in it changed. */
export function mapComparisons(condition: Condition, change: (comparison: Condition) => Condition): Condition {
  if ("any" in condition) return { any: condition.any.map((part) => mapComparisons(part, change)) };
  if ("all" in condition) return { all: condition.all.map((part) => mapComparisons(part, change)) };
  if ("not" in condition) return { not: mapComparisons(condition.not, change) };
  return change(condition);
}

/** Pure. The condition with the order of everything in it that has no order changed. */
export function reordered(condition: Condition, dice: Dice): Condition {
  if ("any" in condition) return { any: shuffled(condition.any, dice).map((part) => reordered(part, dice)) };
  if ("all" in condition) return { all: shuffled(condition.all, dice).map((part) => reordered(part, dice)) };
  if ("not" in condition) return { not: reordered(condition.not, dice) };
  const isSet = ["in", "not_in", "cidr", "host_in", "within"].includes(condition.op);
  return isSet && isListValue(condition.value) ? { ...condition, value: shuffled(condition.value, dice) } : condition;
}
