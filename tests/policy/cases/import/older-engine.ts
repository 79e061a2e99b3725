import { isList, isObject, ownMember } from "../../../../src/values/json.ts";
import type { JsonObject, JsonValue } from "../../../../src/values/json.ts";

/**
 * What the older engine answered to a first call, written down as plainly as possible: hidden, default, the tool's
 * rules, then those of `"*"`. Counters are at zero, so limits never refuse.
 */
export function decideAsBefore(document: JsonObject, tool: string, args: JsonObject): "allow" | "deny" {
  const hide = ownMember(document, "hide");
  if (isList(hide) && (hide.includes("*") || hide.includes(tool))) return "deny";
  const tools = ownMember(document, "tools");
  const named = isObject(tools) ? tools : {};
  if (ownMember(document, "default") === "deny" && !Object.hasOwn(named, tool)) return "deny";
  const rules = [...rulesOf(ownMember(named, tool)), ...(tool === "*" ? [] : rulesOf(ownMember(named, "*")))];
  return rules.every((rule) => passes(rule, args)) ? "allow" : "deny";
}

function rulesOf(entry: JsonValue | undefined): readonly JsonObject[] {
  const rules = isObject(entry) ? ownMember(entry, "rules") : undefined;
  return isList(rules) ? rules.filter(isObject) : [];
}

function passes(rule: JsonObject, args: JsonObject): boolean {
  const action = ownMember(rule, "action") ?? "evaluate";
  if (action === "deny") return false;
  const conditions = ownMember(rule, "conditions");
  if (action !== "evaluate" || !isList(conditions)) return true;
  return conditions.filter(isObject).every((condition) => holds(condition, args));
}

function holds(condition: JsonObject, args: JsonObject): boolean {
  const path = textOf(condition, "path");
  if (path.startsWith("state.")) return true;
  const actual = resolve(path, args);
  const value = ownMember(condition, "value") ?? null;
  const op = textOf(condition, "op");
  if (op === "exists") return (actual !== undefined && actual !== null) === value;
  if (actual === undefined) return false;
  switch (op) {
    case "eq":
      return isSame(actual, value);
    case "neq":
      return !isSame(actual, value);
    case "in":
      return isList(value) && value.some((member) => isSame(actual, member));
    case "not_in":
      return isList(value) && !value.some((member) => isSame(actual, member));
    case "regex":
      return (
        typeof actual === "string" &&
        typeof value === "string" &&
        new RegExp(value.replace(/^\(\?i\)/, ""), "u").test(actual)
      );
    case "contains":
      if (typeof actual === "string") return actual.includes(printedInPolicy(value));
      return isList(actual) && actual.some((member) => isSame(member, value));
    default:
      return typeof actual === "number" && typeof value === "number" && isOrdered(op, actual, value);
  }
}

function textOf(condition: JsonObject, key: string): string {
  const text = ownMember(condition, key);
  return typeof text === "string" ? text : "";
}

function isOrdered(op: string, left: number, right: number): boolean {
  if (op === "lt") return left < right;
  if (op === "lte") return left <= right;
  if (op === "gt") return left > right;
  return op === "gte" && left >= right;
}

function resolve(path: string, args: JsonObject): JsonValue | undefined {
  const [root, ...names] = path.split(".");
  let value: JsonValue | undefined = root === "args" ? args : undefined;
  for (const name of names) value = isObject(value) ? ownMember(value, name) : undefined;
  return value;
}

/** Two numbers as doubles, everything else by the text that Go prints. */
function isSame(left: JsonValue, right: JsonValue): boolean {
  if (typeof left === "number" && typeof right === "number") return left === right;
  return printed(left) === printedInPolicy(right);
}

/** A whole number in a policy was no double, and printed without exponent. */
function printedInPolicy(value: JsonValue): string {
  return typeof value === "number" && Number.isInteger(value) ? String(value) : printed(value);
}

/** Go's `%v`: `map[a:1 b:2]`, `[1 2]`, `<nil>`, and doubles from `1e+06` on, or below `0.0001`, with an exponent. */
function printed(value: JsonValue): string {
  if (value === null) return "<nil>";
  if (isList(value)) return `[${value.map(printed).join(" ")}]`;
  if (isObject(value)) {
    const members = Object.keys(value).toSorted();
    return `map[${members.map((name) => `${name}:${printed(ownMember(value, name) ?? null)}`).join(" ")}]`;
  }
  if (typeof value === "number" && value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-4)) {
    return value.toExponential().replace(/e([-+])(\d)$/, "e$10$2");
  }
  return String(value);
}
