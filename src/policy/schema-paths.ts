import type { JsonObject, JsonValue } from "../values/json.ts";
import { isList, isObject, ownMember } from "../values/json.ts";
import type { Path, PathStep } from "./conditions/paths.ts";
import { namedArguments, schemasBeside } from "./named-arguments.ts";

/** What an input schema says of a path below `args`. `unnamed`: the top-level argument is not one it names, nor does it exclude it. */
export type PathVerdict = "possible" | "unnamed" | "impossible";

/** Pure. Whether arguments that fit the schema can have a value at the path. In doubt they can. */
export function judgePath(schema: JsonValue, path: Path): PathVerdict {
  const [first, ...rest] = path.steps;
  if (path.root !== "args" || first?.kind !== "member") return "possible";
  const named = namedArguments(schema);
  if (!named.names.has(first.name) && !named.matchesPattern(first.name)) {
    if (named.isClosed) return "impossible";
    return named.names.size > 0 && !hasChoices(schema) ? "unnamed" : "possible";
  }
  return isPossible(schema, memberSchema(schema, schema, first.name), rest) ? "possible" : "impossible";
}

/** Pure. The default that the schema gives an optional top-level argument, or undefined. */
export function defaultOf(schema: JsonValue, name: string): JsonValue | undefined {
  const parts = schemasBeside(schema, schema);
  const isRequired = parts.some((part) => {
    const required = ownMember(part, "required");
    return isList(required) && required.includes(name);
  });
  if (isRequired) return undefined;
  const member = memberSchema(schema, schema, name);
  return isObject(member) ? ownMember(member, "default") : undefined;
}

/** `anyOf` and the like may name what `properties` does not. */
function hasChoices(schema: JsonValue): boolean {
  return schemasBeside(schema, schema).some((part) =>
    ["anyOf", "oneOf", "if", "dependentSchemas"].some((key) => Object.hasOwn(part, key)),
  );
}

function memberSchema(root: JsonValue, schema: JsonValue, name: string): JsonValue | undefined {
  for (const part of schemasBeside(root, schema)) {
    const properties = ownMember(part, "properties");
    const member = isObject(properties) ? ownMember(properties, name) : undefined;
    if (member !== undefined) return member;
  }
  return undefined;
}

function isPossible(root: JsonValue, schema: JsonValue | undefined, steps: readonly PathStep[]): boolean {
  const [step, ...rest] = steps;
  if (schema === undefined || step === undefined || step.kind === "tree") return true;
  const parts = schemasBeside(root, schema);
  const wanted = step.kind === "member" ? "object" : "array";
  if (parts.some((part) => excludesType(part, wanted))) return false;
  if (step.kind === "member") {
    const member = memberSchema(root, schema, step.name);
    const isOpen = parts.every((part) => ownMember(part, "additionalProperties") !== false);
    const isByPattern = parts.some((part) => Object.hasOwn(part, "patternProperties"));
    return member === undefined ? isOpen || isByPattern : isPossible(root, member, rest);
  }
  const items = parts.map((part) => ownMember(part, "items")).find((part) => part !== undefined);
  return isObject(items) ? isPossible(root, items, rest) : true;
}

function excludesType(part: JsonObject, wanted: string): boolean {
  const type = ownMember(part, "type");
  if (typeof type === "string") return type !== wanted;
  return isList(type) && !type.includes(wanted);
}
