import * as fc from "fast-check";
import type { JsonObject, JsonValue } from "../../../src/values/json.ts";
import { isList, isObject, ownMember } from "../../../src/values/json.ts";

/** Values that members and parameters of a name take now and then: ids that are there, documents that load. */
export type Pools = Readonly<Record<string, readonly JsonValue[]>>;

/** What makes values for the schemas of one OpenAPI document. */
export interface SchemaValues {
  /** Values that a schema allows. */
  readonly valid: (schema: JsonObject, name?: string) => fc.Arbitrary<JsonValue>;
  /** Values that are allowed but for one thing, or were never meant. */
  readonly hostile: (schema: JsonObject, name?: string) => fc.Arbitrary<JsonValue>;
}

/** Texts that programs stumble over. */
const hostileTexts: readonly string[] = [
  "",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "%00",
  "\u0000",
  "\ud800",
  "\u202e",
  "' OR 1=1 --",
  "<script>alert(1)</script>",
  "${7*7}",
  "x".repeat(2_000),
  "1e999",
  "null",
];

const hostileValues: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.constantFrom<JsonValue>(null, true, -1, 0, 1e308, -0.5, 2 ** 53, [], {}, [[[]]]),
  jsonValues(),
);

function jsonValues(): fc.Arbitrary<JsonValue> {
  return fc.json({ maxDepth: 3 }).map((text) => {
    const value: JsonValue = JSON.parse(text);
    return value;
  });
}

/** Values for the schemas of that document, as far as JSON Schema is used in it. */
export function schemaValues(schemas: JsonObject, pools: Pools): SchemaValues {
  const resolve = (schema: JsonObject): JsonObject => {
    const { $ref } = schema;
    if (typeof $ref !== "string") return schema;
    return objectOf(ownMember(schemas, $ref.slice($ref.lastIndexOf("/") + 1)));
  };
  const valid = (given: JsonObject, name?: string): fc.Arbitrary<JsonValue> => {
    const schema = resolve(given);
    const pool = name === undefined ? undefined : pools[name];
    const plain = ofSchema(schema);
    return pool === undefined ? plain : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...pool) }, plain);
  };
  const ofSchema = (schema: JsonObject): fc.Arbitrary<JsonValue> => {
    const { type, const: fixed } = schema;
    if (fixed !== undefined) return fc.constant(fixed);
    const choices = listOf(schema["enum"]);
    if (choices.length > 0) return fc.constantFrom(...choices);
    const branches = [...listOf(schema["anyOf"]), ...listOf(schema["oneOf"])];
    if (branches.length > 0) return fc.oneof(...branches.map((branch) => valid(objectOf(branch))));
    if (isList(type)) return fc.oneof(...type.map((one) => ofSchema({ ...schema, type: one })));
    switch (type) {
      case "object":
        return objects(schema, valid);
      case "array":
        return fc.array(valid(objectOf(schema["items"])), { minLength: numberOf(schema, "minItems", 0), maxLength: 4 });
      case "string":
        return texts(schema);
      case "integer":
      case "number":
        return fc.integer({
          min: numberOf(schema, "minimum", -5),
          max: Math.min(numberOf(schema, "maximum", 1e6), 1e6),
        });
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      default:
        return jsonValues();
    }
  };
  const hostile = (given: JsonObject, name?: string): fc.Arbitrary<JsonValue> =>
    fc.oneof(
      { weight: 3, arbitrary: fc.tuple(valid(given, name), mutations).map(([value, mutate]) => mutate(value)) },
      hostileValues,
    );
  return { valid, hostile };
}

function objects(
  schema: JsonObject,
  valid: (schema: JsonObject, name?: string) => fc.Arbitrary<JsonValue>,
): fc.Arbitrary<JsonValue> {
  const required = listOf(schema["required"]);
  const members = Object.entries(objectOf(schema["properties"] ?? {})).map(([name, member]) => {
    const value = valid(objectOf(member), name);
    return required.includes(name)
      ? fc.tuple(fc.constant(name), value)
      : fc.option(fc.tuple(fc.constant(name), value), { nil: undefined });
  });
  const { additionalProperties: others, propertyNames } = schema;
  const more = isObject(others)
    ? fc.array(fc.tuple(keys(objectOf(propertyNames ?? {}), valid), valid(others)), { maxLength: 3 })
    : fc.constant([]);
  return fc.tuple(fc.tuple(...members), more).map(([known, added]): JsonValue => {
    const entries = known.flatMap((entry) => (entry === undefined ? [] : [entry]));
    return Object.fromEntries([...entries, ...added]);
  });
}

function keys(schema: JsonObject, valid: (schema: JsonObject) => fc.Arbitrary<JsonValue>): fc.Arbitrary<string> {
  return valid({ ...schema, type: "string" }).map(String);
}

function texts(schema: JsonObject): fc.Arbitrary<JsonValue> {
  const { format, pattern } = schema;
  if (format === "date-time") {
    const [min, max] = [new Date("2020-01-01T00:00:00Z"), new Date("2030-01-01T00:00:00Z")];
    return fc.date({ min, max, noInvalidDate: true }).map((date) => date.toISOString());
  }
  if (typeof pattern === "string") return fc.stringMatching(new RegExp(pattern), { maxLength: 80 });
  const maxLength = Math.min(numberOf(schema, "maxLength", 30), 30);
  return fc.string({ minLength: numberOf(schema, "minLength", 0), maxLength, unit: "grapheme" });
}

/** One thing that is changed in a value. */
const mutations: fc.Arbitrary<(value: JsonValue) => JsonValue> = fc
  .tuple(fc.nat(), hostileValues, fc.constantFrom("drop", "add", "replace", "wrap"))
  .map(([at, other, kind]) => (value) => {
    if (!isObject(value) || kind === "wrap") return kind === "wrap" ? [value] : other;
    const names = Object.keys(value);
    const name = names[at % Math.max(1, names.length)] ?? "none";
    const rest = Object.entries(value).filter(([key]) => key !== name);
    if (kind === "drop") return Object.fromEntries(rest);
    return Object.fromEntries([...Object.entries(value), kind === "add" ? ["isAdmin", other] : [name, other]]);
  });

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isList(value) ? value : [];
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function numberOf(schema: JsonObject, name: string, otherwise: number): number {
  const value = ownMember(schema, name);
  return typeof value === "number" ? value : otherwise;
}
