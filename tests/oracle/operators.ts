import type { JsonValue } from "../../src/values/json.ts";
import type { Operator } from "./document.ts";
import { compare, exactOfNumber } from "./exact.ts";
import { compareInstants, readInstant } from "./instants.ts";
import { isHostOf, isInNetworks, isWithin, readAddress, readFilePath, readTarget } from "./network.ts";
import { equal, isListValue, isObjectValue, typeName } from "./plain.ts";
import { eitherForm, isFound, isUnreadableText, isWhole } from "./text.ts";
import type { Truth } from "./truth.ts";
import { truthOf } from "./truth.ts";

/**
 * Pure. One value, present and not null, against a right side by the table of operators in policy.md §2.
 * `isAgainst`: that the condition holds counts against the call. For `neq` and `not_in` it is being equal that folds
 * text, where it counts against the call (docs/decisions/look-alikes-under-neq.md).
 */
export function test(op: Exclude<Operator, "exists">, left: JsonValue, right: JsonValue, isAgainst: boolean): Truth {
  switch (op) {
    case "eq":
      return isOneOf(left, [right], isAgainst);
    case "neq":
      return negated(isOneOf(left, [right], !isAgainst));
    case "in":
      return isListValue(right) ? isOneOf(left, right, isAgainst) : "cannot judge";
    case "not_in":
      return isListValue(right) ? negated(isOneOf(left, right, !isAgainst)) : "cannot judge";
    case "lt":
      return numbers(left, right, (order) => order < 0);
    case "lte":
      return numbers(left, right, (order) => order <= 0);
    case "gt":
      return numbers(left, right, (order) => order > 0);
    case "gte":
      return numbers(left, right, (order) => order >= 0);
    case "regex":
      return texts(left, right, isAgainst, (text, pattern) => isFound(pattern, text));
    case "matches":
      return texts(left, right, isAgainst, (text, pattern) => isWhole(pattern, text));
    case "starts_with":
      return texts(left, right, isAgainst, (text, needle) => text.startsWith(needle));
    case "ends_with":
      return texts(left, right, isAgainst, (text, needle) => text.endsWith(needle));
    case "contains":
      return contains(left, right, isAgainst);
    case "length_lte":
      return lengths(left, right, (order) => order <= 0);
    case "length_gte":
      return lengths(left, right, (order) => order >= 0);
    case "before":
      return instants(left, right, (order) => order < 0);
    case "after":
      return instants(left, right, (order) => order > 0);
    case "cidr":
    case "host_in":
    case "within":
      return places(op, left, right, isAgainst);
  }
}

/** Equal to a member; a type that no member has cannot be judged. */
function isOneOf(left: JsonValue, members: readonly JsonValue[], isAgainst: boolean): Truth {
  if (!members.some((member) => typeName(member) === typeName(left))) return "cannot judge";
  if (typeof left === "string" && isUnreadableText(left)) return "cannot judge";
  return truthOf(members.some((member) => isEqual(left, member, isAgainst)));
}

function isEqual(left: JsonValue, member: JsonValue, isAgainst: boolean): boolean {
  if (typeof left !== "string" || typeof member !== "string") return equal(left, member);
  return eitherForm(left, member, isAgainst, (a, b) => a === b);
}

function negated(truth: Truth): Truth {
  return truth === "cannot judge" ? truth : truthOf(truth === "fails");
}

function numbers(left: JsonValue, right: JsonValue, isWanted: (order: number) => boolean): Truth {
  if (typeof left !== "number" || typeof right !== "number") return "cannot judge";
  return truthOf(isWanted(compare(exactOfNumber(left), exactOfNumber(right))));
}

function texts(
  left: JsonValue,
  right: JsonValue,
  isAgainst: boolean,
  isTrue: (text: string, right: string) => boolean,
): Truth {
  if (typeof left !== "string" || typeof right !== "string" || isUnreadableText(left)) return "cannot judge";
  return truthOf(eitherForm(left, right, isAgainst, isTrue));
}

function contains(left: JsonValue, right: JsonValue, isAgainst: boolean): Truth {
  if (!isListValue(left)) return texts(left, right, isAgainst, (text, needle) => text.includes(needle));
  const isInside = (member: JsonValue): boolean =>
    typeof member === "string" &&
    typeof right === "string" &&
    eitherForm(member, right, true, (text, needle) => text.includes(needle));
  return truthOf(left.some((member) => equal(member, right) || (isAgainst && isInside(member))));
}

function lengths(left: JsonValue, right: JsonValue, isWanted: (order: number) => boolean): Truth {
  if (typeof right !== "number") return "cannot judge";
  const length = lengthOf(left);
  if (length === undefined) return "cannot judge";
  return truthOf(isWanted(compare(exactOfNumber(length), exactOfNumber(right))));
}

function lengthOf(value: JsonValue): number | undefined {
  if (typeof value === "string") return isUnreadableText(value) ? undefined : Array.from(value).length;
  if (isListValue(value)) return value.length;
  return isObjectValue(value) ? Object.keys(value).length : undefined;
}

function instants(left: JsonValue, right: JsonValue, isWanted: (order: number) => boolean): Truth {
  if (typeof left !== "string" || typeof right !== "string") return "cannot judge";
  const [a, b] = [readInstant(left), readInstant(right)];
  return a === undefined || b === undefined ? "cannot judge" : truthOf(isWanted(compareInstants(a, b)));
}

function places(op: "cidr" | "host_in" | "within", left: JsonValue, right: JsonValue, isAgainst: boolean): Truth {
  if (typeof left !== "string" || !isListValue(right) || isUnreadableText(left)) return "cannot judge";
  const entries = right.map(String);
  if (op === "cidr") {
    const address = readAddress(left);
    return address === undefined ? "cannot judge" : truthOf(isInNetworks(address, entries));
  }
  if (op === "host_in") {
    const target = readTarget(left);
    return target === undefined ? "cannot judge" : truthOf(entries.some((entry) => isHostOf(target, entry, isAgainst)));
  }
  const path = readFilePath(left);
  return path === undefined ? "cannot judge" : truthOf(entries.some((root) => isWithin(path, root)));
}

/** Pure. Whether a right side taken from another fact has the type and the size that the operator can use. */
export function isRightSideOf(op: Operator, right: JsonValue): boolean {
  if (typeof right === "string" && isUnreadableText(right)) return false;
  switch (op) {
    case "in":
    case "not_in":
      return isListValue(right);
    case "lt":
    case "lte":
    case "gt":
    case "gte":
    case "length_lte":
    case "length_gte":
      return typeof right === "number";
    case "starts_with":
    case "ends_with":
      return typeof right === "string" && isNeedle(right);
    case "contains":
      return typeof right !== "string" || isNeedle(right);
    case "before":
    case "after":
      return typeof right === "string" && readInstant(right) !== undefined;
    case "exists":
      return typeof right === "boolean";
    default:
      return true;
  }
}

/** Needles have up to 1,000 characters. */
function isNeedle(text: string): boolean {
  return Array.from(text).length <= 1000;
}
