import type { ArgumentSchema, Call } from "../../src/policy/call.ts";
import type { JsonValue } from "../../src/values/json.ts";
import type { Condition, Predicate, Rules } from "./document.ts";
import { argumentNamedBy } from "./paths.ts";
import { isListValue, isObjectValue } from "./plain.ts";
import { isFound } from "./text.ts";

/** What an input schema says of the arguments at its top, its local `$ref` and `allOf` included. */
interface Naming {
  readonly names: readonly string[];
  readonly patterns: readonly string[];
  readonly isClosed: boolean;
}

const namesNothing: Naming = { names: [], patterns: [], isClosed: false };

/** Pure. `properties`, `patternProperties` and `additionalProperties: false` at the top of a schema. */
function namingOf(schema: JsonValue, root: JsonValue, seen: readonly JsonValue[]): Naming {
  if (!isObjectValue(schema) || seen.includes(schema)) return namesNothing;
  const parts: JsonValue[] = isListValue(schema["allOf"]) ? [...schema["allOf"]] : [];
  if (typeof schema["$ref"] === "string") parts.push(localTarget(schema["$ref"], root));
  const below = parts.map((part) => namingOf(part, root, [...seen, schema]));
  return {
    names: [...keysOf(schema["properties"]), ...below.flatMap((naming) => naming.names)],
    patterns: [...keysOf(schema["patternProperties"]), ...below.flatMap((naming) => naming.patterns)],
    isClosed: schema["additionalProperties"] === false || below.some((naming) => naming.isClosed),
  };
}

function keysOf(value: JsonValue | undefined): readonly string[] {
  return isObjectValue(value) ? Object.keys(value) : [];
}

/** The part of the same schema that `#/a/b` points at; null, which names nothing, for any other reference. */
function localTarget(reference: string, root: JsonValue): JsonValue {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return null;
  let here: JsonValue = root;
  for (const part of reference.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (isObjectValue(here) && Object.hasOwn(here, key)) here = here[key] ?? null;
    else return null;
  }
  return here;
}

/** Pure. Whether `unknown_arguments` denies the call, with the rules that apply to it, the tool's own first. */
export function hasUnknownArgument(call: Call, applying: readonly Rules[]): boolean {
  const naming =
    call.tool.schema === undefined ? namesNothing : namingOf(call.tool.schema.schema, call.tool.schema.schema, []);
  const settings = applying.map((rules) => rules.unknown_arguments).filter((setting) => setting !== undefined);
  const isClosed = settings.length === 0 ? naming.isClosed : settings.includes("deny");
  const known = [...naming.names, ...applying.flatMap(argumentsOfRules)];
  return Object.keys(call.args).some((name) => {
    if (naming.names.includes(name) || naming.patterns.some((pattern) => isFound(pattern, name))) return false;
    return isClosed || known.some((other) => differsByCase(name, other));
  });
}

function differsByCase(a: string, b: string): boolean {
  return a !== b && (a.toLowerCase() === b.toLowerCase() || a.toUpperCase() === b.toUpperCase());
}

/** Every top-level argument that the paths of some rules name. */
function argumentsOfRules(rules: Rules): readonly string[] {
  const predicates: readonly Predicate[] = [
    ...(rules.require ?? []),
    ...(rules.deny_if ?? []),
    ...(rules.approve_if ?? []),
  ];
  const limits = (rules.limits ?? []).flatMap((limit) => [limit.by, limit.increment_from, limit.increment_length_of]);
  const spend = rules.spend_limit === undefined ? undefined : "args.amount";
  const paths = [...predicates.flatMap((predicate) => predicate.conditions.flatMap(pathsOf)), ...limits, spend];
  return paths
    .map((path) => (path === undefined ? undefined : argumentNamedBy(path)))
    .filter((name) => name !== undefined);
}

function pathsOf(condition: Condition): readonly string[] {
  if ("any" in condition) return condition.any.flatMap(pathsOf);
  if ("all" in condition) return condition.all.flatMap(pathsOf);
  if ("not" in condition) return pathsOf(condition.not);
  return condition.value_from === undefined ? [condition.path] : [condition.path, condition.value_from];
}

/** Pure but for the validator. Whether the arguments are valid; a schema that is missing or cannot be compiled denies. */
export function areValid(schema: ArgumentSchema | undefined, call: Call): boolean {
  return schema?.validate(call.args)?.length === 0;
}
