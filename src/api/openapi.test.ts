import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";
import { contract } from "./contract/contract.ts";
import { openApiDocument } from "./openapi.ts";

const text = JSON.stringify(openApiDocument());
const parsed: JsonValue = JSON.parse(text);
const document = objectOf(parsed);

function objectOf(value: JsonValue | undefined): JsonObject {
  if (!isObject(value)) throw new TypeError(`not an object: ${JSON.stringify(value)?.slice(0, 200)}`);
  return value;
}

function listOf(value: JsonValue | undefined): readonly JsonObject[] {
  return isList(value) ? value.map(objectOf) : [];
}

const operations = Object.entries(objectOf(document["paths"])).flatMap(([path, item]) =>
  Object.entries(objectOf(item)).map(([method, operation]) => ({ path, method, operation: objectOf(operation) })),
);

describe("the OpenAPI document", () => {
  it("has every operation of the contract once", () => {
    const ids = new Set(operations.map(({ operation }) => operation["operationId"]));
    expect(ids).toEqual(new Set(contract.map(({ id }) => id)));
    expect(operations).toHaveLength(contract.length);
    expect(new Set(contract.map(({ id }) => id)).size).toBe(contract.length);
    expect(new Set(contract.map(({ method, path }) => `${method} ${path}`)).size).toBe(contract.length);
  });

  it("has schemas that are JSON Schema 2020-12, and no reference that leads nowhere", () => {
    const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false });
    const { schemas } = objectOf(document["components"]);
    for (const name of text.matchAll(/"\$ref":"([^"]+)"/g)) {
      const [, schema = ""] = /^#\/components\/schemas\/(\w+)$/.exec(name[1] ?? "") ?? [];
      expect([name[1], isObject(ownMember(objectOf(schemas), schema))]).toEqual([name[1], true]);
    }
    ajv.addKeyword("components").addSchema({ $id: "openapi", components: document["components"] });
    for (const name of Object.keys(objectOf(schemas))) {
      expect(ajv.compile({ $ref: `openapi#/components/schemas/${name}` })).toBeTypeOf("function");
    }
    for (const { operation } of operations) {
      for (const { schema } of listOf(operation["parameters"])) expect(ajv.validateSchema(objectOf(schema))).toBe(true);
    }
  });

  it.each(operations)("describes $method $path whole", ({ path, operation }) => {
    const parameters = listOf(operation["parameters"]);
    const inPath = parameters.filter((parameter) => parameter["in"] === "path");
    expect(inPath.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(inPath.every(({ required }) => required === true)).toBe(true);
    expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
    const statuses = Object.keys(objectOf(operation["responses"]));
    expect(statuses).toContain("401");
    expect(statuses.filter((status) => status.startsWith("2"))).toHaveLength(1);
    expect(operation["summary"]).toMatch(/^[A-Z][^\n]*[^.\n]$/);
    if (parameters.some(({ name }) => name === "If-Match")) {
      expect(statuses).toEqual(expect.arrayContaining(["412", "428"]));
    }
  });
});
