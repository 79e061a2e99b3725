import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../../values/json.ts";
import type { ToolDefinition } from "../record.ts";

/** One parameter of a tool, nested ones among them. */
export interface Parameter {
  readonly name: string;
  readonly description: string;
  /** Strings of `enum` and `const`, those of its items and alternatives among them. */
  readonly choices: readonly string[];
  /** Whether nothing but the choices may be given. */
  readonly isClosed: boolean;
  /** 0 for the arguments themselves. */
  readonly depth: number;
  readonly isList: boolean;
  /** Whether it is true or false. */
  readonly isFlag: boolean;
  readonly isRequired: boolean;
  readonly format: string;
}

/** A definition in the parts that the rules look at. */
export interface ReadDefinition {
  /** The name's words in order, lower case. */
  readonly words: readonly string[];
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** Hints that are set to true or false; others are left out. */
  readonly hints: ReadonlyMap<string, boolean>;
}

const depthMax = 8;
const parametersMax = 2_000;
const descriptionCharactersMax = 20_000;

/** Pure. The parts of a definition. Bounded in depth, in parameters and in the length of text, because a server wrote it. */
export function readDefinition(tool: ToolDefinition): ReadDefinition {
  const parameters: Parameter[] = [];
  collect(tool.inputSchema, 0, parameters);
  const hints = new Map<string, boolean>();
  if (isObject(tool.annotations)) {
    for (const [name, value] of Object.entries(tool.annotations))
      if (typeof value === "boolean") hints.set(name, value);
  }
  return { words: wordsOf(tool.name), description: textOf(tool.description), parameters, hints };
}

/** Pure. `getUserById`, `get_user-by.id` to lower-case words. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value.slice(0, descriptionCharactersMax) : "";
}

function collect(schema: JsonValue | undefined, depth: number, into: Parameter[]): void {
  if (!isObject(schema) || depth > depthMax) return;
  const properties = ownMember(schema, "properties");
  if (isObject(properties)) {
    const required = ownMember(schema, "required");
    for (const [name, value] of Object.entries(properties)) {
      if (into.length >= parametersMax) return;
      if (isObject(value)) into.push(parameterOf(name, value, depth, isList(required) && required.includes(name)));
      collect(value, depth + 1, into);
    }
  }
  for (const inner of innerSchemas(schema)) collect(inner, depth + 1, into);
}

function innerSchemas(schema: JsonObject): readonly JsonValue[] {
  const lists = ["anyOf", "oneOf", "allOf"].flatMap((key) => {
    const value = ownMember(schema, key);
    return isList(value) ? value : [];
  });
  const items = ownMember(schema, "items");
  return items === undefined ? lists : [...lists, items];
}

function parameterOf(name: string, schema: JsonObject, depth: number, isRequired: boolean): Parameter {
  return {
    name,
    description: textOf(ownMember(schema, "description")),
    choices: choicesOf(schema, 0),
    isClosed: isList(ownMember(schema, "enum")) || ownMember(schema, "const") !== undefined,
    depth,
    isList: ownMember(schema, "type") === "array",
    isFlag: ownMember(schema, "type") === "boolean",
    isRequired,
    format: textOf(ownMember(schema, "format")),
  };
}

function choicesOf(schema: JsonValue, depth: number): readonly string[] {
  if (!isObject(schema) || depth > depthMax) return [];
  const choices = ownMember(schema, "enum");
  const own = [...(isList(choices) ? choices : []), ownMember(schema, "const")].filter(
    (choice) => typeof choice === "string",
  );
  return [...own, ...innerSchemas(schema).flatMap((inner) => choicesOf(inner, depth + 1))];
}
