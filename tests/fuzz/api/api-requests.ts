import * as fc from "fast-check";
import type { JsonObject, JsonValue } from "../../../src/values/json.ts";
import { isList, isObject, ownMember } from "../../../src/values/json.ts";
import { type Pools, schemaValues } from "./schema-values.ts";

/** A request to one operation. */
export interface ApiRequest {
  readonly operationId: string;
  readonly method: string;
  /** Below the address of the API, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** An operation of an OpenAPI document, with requests for it. */
export interface FuzzedOperation {
  readonly id: string;
  /** JSON Schema of the answer by status; undefined for one without content. */
  readonly answers: ReadonlyMap<string, JsonObject | undefined>;
  readonly requests: fc.Arbitrary<ApiRequest>;
}

/** Every operation of an OpenAPI document, with valid, nearly valid and hostile requests for it. */
export function fuzzedOperations(document: JsonObject, pools: Pools): readonly FuzzedOperation[] {
  const schemas = objectAt(document, "components", "schemas");
  const values = schemaValues(schemas, pools);
  return Object.entries(objectAt(document, "paths")).flatMap(([path, item]) =>
    Object.entries(objectOf(item)).map(([method, operation]): FuzzedOperation => {
      const described = objectOf(operation);
      const id = textOf(described["operationId"] ?? "");
      return {
        id,
        answers: answersOf(described),
        requests: requestsOf(values, { id, method: method.toUpperCase(), path, operation: described }),
      };
    }),
  );
}

interface Described {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: JsonObject;
}

function requestsOf(
  { valid, hostile }: ReturnType<typeof schemaValues>,
  { id, method, path, operation }: Described,
): fc.Arbitrary<ApiRequest> {
  const parameters = listAt(operation, "parameters").map((parameter) => {
    const { name, in: place, required, schema } = objectOf(parameter);
    return {
      name: textOf(name ?? ""),
      place: textOf(place ?? ""),
      isRequired: required === true,
      schema: objectOf(schema),
    };
  });
  const schema = objectAt(operation, "requestBody", "content", "application/json", "schema");
  const hasBody = Object.hasOwn(operation, "requestBody");
  const made = (kind: "valid" | "hostile"): fc.Arbitrary<ApiRequest> => {
    const make = kind === "valid" ? valid : hostile;
    const chosen = parameters.map(({ name, place, isRequired, schema: its }) => {
      const value = (place === "path" ? valid(its, name) : make(its, name)).map(
        (one) => [place, name, textOf(one)] as const,
      );
      return isRequired && kind === "valid" ? value : fc.option(value, { nil: undefined, freq: 3 });
    });
    const body = hasBody ? make(schema).map((one) => JSON.stringify(one)) : fc.constant(undefined);
    return fc.tuple(fc.tuple(...chosen), body).map(([entries, text]) => {
      const given = entries.flatMap((entry) => (entry === undefined ? [] : [entry]));
      return { operationId: id, method, path: addressOf(path, given), headers: headersOf(given), body: text };
    });
  };
  return fc.oneof({ weight: 2, arbitrary: made("valid") }, made("hostile"));
}

type Given = readonly (readonly [place: string, name: string, value: string])[];

function addressOf(path: string, given: Given): string {
  const segments = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = given.find(([place, its]) => place === "path" && its === name)?.[2] ?? "none";
    // A segment of dots is no segment: what sends the request takes it out.
    return encodeURIComponent(value.toWellFormed()).replaceAll(/^\.{1,2}$/g, "none") || "none";
  });
  const query = new URLSearchParams();
  for (const [place, name, value] of given) if (place === "query") query.append(name, value);
  return query.size === 0 ? segments : `${segments}?${query.toString()}`;
}

/** Only what a header can hold leaves the sender. */
function headersOf(given: Given): Readonly<Record<string, string>> {
  const headers = given.filter(([place, , value]) => place === "header" && /^[!-~ ]*$/.test(value));
  return Object.fromEntries(headers.map(([, name, value]) => [name, value]));
}

function answersOf(operation: JsonObject): ReadonlyMap<string, JsonObject | undefined> {
  const answers = Object.entries(objectAt(operation, "responses"));
  return new Map(
    answers.map(([status, answer]) => {
      const [content] = Object.values(objectAt(objectOf(answer), "content"));
      return [status, content === undefined ? undefined : objectAt(objectOf(content), "schema")];
    }),
  );
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function objectAt(value: JsonObject, ...names: readonly string[]): JsonObject {
  let found: JsonValue = value;
  for (const name of names) found = (isObject(found) ? ownMember(found, name) : undefined) ?? {};
  return objectOf(found);
}

function listAt(value: JsonObject, name: string): readonly JsonValue[] {
  const found = ownMember(value, name);
  return isList(found) ? found : [];
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}
