import { RE2JS } from "re2js";
import type { JsonObject, JsonValue } from "../values/json.ts";
import { isList, isObject, ownMember } from "../values/json.ts";

/** The top-level arguments that an input schema names (policy.md §2 `unknown_arguments`). */
export interface NamedArguments {
  readonly names: ReadonlySet<string>;
  /** Pure. Whether one of the schema's `patternProperties` names the argument. */
  readonly matchesPattern: (name: string) => boolean;
  /** Whether it says `additionalProperties: false`. */
  readonly isClosed: boolean;
}

/** Schemas followed through `$ref` and `allOf`; what lies beyond names nothing. */
const schemasMax = 200;

/** A longer pattern names nothing. */
const patternCharactersMax = 1000;

/**
 * Pure. What a schema names by `properties` and `patternProperties` at the top, through local `$ref` and `allOf`.
 * Anything else (`anyOf`, remote references, no object at all) names nothing.
 */
export function namedArguments(schema: JsonValue | undefined): NamedArguments {
  const names = new Set<string>();
  const patterns: ((name: string) => boolean)[] = [];
  let isClosed = false;
  for (const part of schemasBeside(schema ?? null, schema ?? null)) {
    const properties = ownMember(part, "properties");
    if (isObject(properties)) for (const name of Object.keys(properties)) names.add(name);
    const byPattern = ownMember(part, "patternProperties");
    if (isObject(byPattern)) patterns.push(...Object.keys(byPattern).map(compileNamePattern));
    if (ownMember(part, "additionalProperties") === false) isClosed = true;
  }
  return { names, matchesPattern: (name) => patterns.some((matches) => matches(name)), isClosed };
}

/** Pure. A schema of the document `root` and those that apply beside it, through local `$ref` and `allOf`. */
export function schemasBeside(root: JsonValue, start: JsonValue): readonly JsonObject[] {
  const found: JsonObject[] = [];
  const seen = new Set<JsonValue>();
  const queue: JsonValue[] = [start];
  while (queue.length > 0 && seen.size < schemasMax) {
    const schema = queue.shift() ?? null;
    if (!isObject(schema) || seen.has(schema)) continue;
    seen.add(schema);
    found.push(schema);
    const target = resolveReference(root, ownMember(schema, "$ref"));
    if (target !== undefined) queue.push(target);
    const parts = ownMember(schema, "allOf");
    if (isList(parts)) queue.push(...parts);
  }
  return found;
}

/** Pure. What a local JSON pointer reference (`#`, `#/$defs/x`) points at. */
function resolveReference(root: JsonValue, reference: JsonValue | undefined): JsonValue | undefined {
  if (typeof reference !== "string" || !/^#(?:\/|$)/.test(reference)) return undefined;
  let value: JsonValue | undefined = root;
  for (const step of reference.split("/").slice(1)) {
    const key = decodeStep(step);
    if (key === undefined || value === undefined) return undefined;
    if (isList(value)) value = value[Number(key)];
    else value = isObject(value) ? ownMember(value, key) : undefined;
  }
  return value;
}

function decodeStep(step: string): string | undefined {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}

/** A pattern that the linear engine refuses names nothing. */
function compileNamePattern(source: string): (name: string) => boolean {
  try {
    if (source.length > patternCharactersMax) return () => false;
    const pattern = RE2JS.compile(RE2JS.translateRegExp(source));
    return (name) => pattern.test(name);
  } catch {
    return () => false;
  }
}
