import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../../values/json.ts";
import type { ToolDefinition } from "../record.ts";

/** One parameter of a tool, nested ones among them. */
export interface Parameter {
  readonly name: string;
  /** The name's words in order, lower case. */
  readonly words: readonly string[];
  readonly description: string;
  /** Strings of `enum`, `const`, `default` and `examples`, those of its items and alternatives among them. */
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
  /** Titles: they are shown to people, and may say more than the name. */
  readonly titles: readonly string[];
  readonly parameters: readonly Parameter[];
  /** Whether all of the schema was read. */
  readonly isWhole: boolean;
  /** Hints that are set to true or false; others are left out. */
  readonly hints: ReadonlyMap<string, boolean>;
}

const depthMax = 24;
const parametersMax = 2_000;
const schemasMax = 10_000;
const choicesMax = 20_000;
const nameCharactersMax = 256;
const descriptionCharactersMax = 20_000;

/** Pure. The parts of a definition. Bounded in depth, in number and in the length of text, because a server wrote it. */
export function readDefinition(tool: ToolDefinition): ReadDefinition {
  const hints = new Map<string, boolean>();
  const titles = [textOf(tool.title)];
  if (isObject(tool.annotations)) {
    for (const [name, value] of Object.entries(tool.annotations))
      if (typeof value === "boolean") hints.set(name, value);
    titles.push(textOf(ownMember(tool.annotations, "title")));
  }
  const reader = new ParameterReader(tool.inputSchema);
  return {
    words: wordsOf(tool.name),
    description: textOf(tool.description),
    titles: titles.filter((title) => title !== ""),
    parameters: reader.read(),
    isWhole: reader.isWhole(),
    hints,
  };
}

/** Pure. `getUserById`, `get_user-by.id`, `GETUser2` to lower-case words; of a name that is too long, its beginning's. */
export function wordsOf(name: string): readonly string[] {
  return name
    .slice(0, nameCharactersMax)
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .replaceAll(/(\p{L})(\p{N})/gu, "$1 $2")
    .replaceAll(/(\p{N})(\p{L}{3})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value.slice(0, descriptionCharactersMax) : "";
}

/** Members of a schema whose values are no schemas. */
const plainMembers: ReadonlySet<string> = new Set([
  "enum",
  "const",
  "default",
  "examples",
  "required",
  "type",
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
]);

/** Finds the parameters of a schema, wherever it holds them: in alternatives, conditions, items and what it refers to. */
class ParameterReader {
  readonly #root: JsonValue | undefined;
  readonly #found: Parameter[] = [];
  /** Schemas that were read, so that one that refers to itself ends. */
  readonly #seen = new Set<JsonObject>();
  #schemas = 0;
  #texts = 0;
  #isCut = false;

  constructor(root: JsonValue | undefined) {
    this.#root = root;
  }

  read(): readonly Parameter[] {
    this.#collect(this.#root, 0);
    return this.#found;
  }

  /** Whether no bound was met. */
  isWhole(): boolean {
    return !this.#isCut;
  }

  #collect(value: JsonValue | undefined, depth: number): void {
    const schema = this.#resolve(value);
    if (schema === undefined || this.#seen.has(schema)) return;
    if (this.#isOver(depth)) return;
    this.#seen.add(schema);
    const required = ownMember(schema, "required");
    for (const key of ["properties", "patternProperties"]) {
      const properties = ownMember(schema, key);
      if (!isObject(properties)) continue;
      for (const [name, member] of Object.entries(properties)) {
        if (this.#found.length >= parametersMax) {
          this.#isCut = true;
          return;
        }
        const plain = key === "properties" ? name : name.replaceAll(/[^\p{L}\p{N}_-]/gu, "");
        const isRequired = isList(required) && required.includes(name);
        const inner = this.#resolve(member);
        if (inner !== undefined) this.#found.push(this.#parameter(plain, inner, depth, isRequired));
        this.#collect(member, depth + 1);
      }
    }
    for (const inner of innerSchemas(schema)) this.#collect(inner, depth + 1);
  }

  #isOver(depth: number): boolean {
    this.#schemas += 1;
    if (depth <= depthMax && this.#schemas <= schemasMax) return false;
    this.#isCut = true;
    return true;
  }

  /** The schema itself, or the one of the same definition that it refers to. */
  #resolve(value: JsonValue | undefined): JsonObject | undefined {
    let found = isObject(value) ? value : undefined;
    for (let step = 0; step < depthMax && found !== undefined; step += 1) {
      const reference = ownMember(found, "$ref");
      if (typeof reference !== "string" || !reference.startsWith("#/")) return found;
      const target = reference
        .slice(2)
        .split("/")
        .reduce<JsonValue | undefined>(
          (at, part) => (isObject(at) ? ownMember(at, part.replaceAll("~1", "/").replaceAll("~0", "~")) : undefined),
          this.#root,
        );
      if (!isObject(target)) return found;
      found = target;
    }
    return found;
  }

  #parameter(name: string, schema: JsonObject, depth: number, isRequired: boolean): Parameter {
    return {
      name,
      words: wordsOf(name),
      description: textOf(ownMember(schema, "description")),
      choices: this.#choices(schema, 0),
      isClosed: isList(ownMember(schema, "enum")) || ownMember(schema, "const") !== undefined,
      depth,
      isList: ownMember(schema, "type") === "array",
      isFlag: ownMember(schema, "type") === "boolean",
      isRequired,
      format: textOf(ownMember(schema, "format")),
    };
  }

  #choices(value: JsonValue, depth: number): readonly string[] {
    const schema = this.#resolve(value);
    if (schema === undefined || this.#isOver(depth)) return [];
    const own = ["enum", "examples"].flatMap((key) => {
      const list = ownMember(schema, key);
      return isList(list) ? list : [];
    });
    const texts = [...own, ownMember(schema, "const"), ownMember(schema, "default")];
    this.#texts += texts.length;
    if (this.#texts > choicesMax) {
      this.#isCut = true;
      return [];
    }
    return [
      ...texts.filter((choice) => typeof choice === "string"),
      ...innerSchemas(schema).flatMap((inner) => this.#choices(inner, depth + 1)),
    ];
  }
}

/** The schemas that a schema holds beside its properties: alternatives, conditions, items. */
function innerSchemas(schema: JsonObject): readonly JsonValue[] {
  return Object.entries(schema).flatMap(([key, value]): readonly JsonValue[] => {
    if (plainMembers.has(key)) return [];
    if (key === "dependentSchemas") return isObject(value) ? Object.values(value) : [];
    return isList(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
  });
}
