import { z } from "zod";
import { idempotencyKeyPattern } from "../control/do-once.ts";
import type { ErrorCode } from "../errors.ts";
import { permissions } from "../values/roles.ts";
import { apiPath } from "./contract/api-path.ts";
import { contract } from "./contract/contract.ts";
import { type AnyOperation, noContent } from "./contract/operation.ts";
import { problem } from "./contract/problem.ts";
import { problemMediaType, statuses } from "./problem-details.ts";

/** A JSON object under construction. */
type Plain = Record<string, unknown>;

/** The OpenAPI 3.1 document of the HTTP API, from the contract that requests are checked by. Pure. */
export function openApiDocument(): Plain {
  const schemas: Plain = {};
  const paths: Record<string, Plain> = {};
  for (const operation of contract) {
    const item = (paths[operation.path] ??= {});
    item[operation.method.toLowerCase()] = describe(operation, schemas);
  }
  return {
    openapi: "3.1.1",
    info: { title: "Callgate", version: "1.0.0", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: apiPath }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "an API token of a member: `cga_...`" },
      },
      schemas,
    },
  };
}

function describe(operation: AnyOperation, schemas: Plain): Plain {
  const { access } = operation;
  return {
    operationId: operation.id,
    summary: operation.summary,
    description:
      access === "anyone_known" ? "For every role." : `For the role \`${permissions[access]}\` and those above it.`,
    tags: [operation.tag],
    parameters: [
      ...parametersOf(operation.params, "path", schemas),
      ...parametersOf(operation.query, "query", schemas),
      ...headersOf(operation),
    ],
    ...bodyOf(operation, schemas),
    responses: { [operation.status]: successOf(operation, schemas), ...failuresOf(operation, schemas) },
  };
}

function parametersOf(members: z.ZodType, place: "path" | "query", schemas: Plain): readonly Plain[] {
  const { properties, required } = schemaOf(members, "input", schemas);
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(properties ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: needed.includes(name),
    schema,
  }));
}

const ifMatch: Plain = {
  name: "If-Match",
  in: "header",
  required: true,
  description: "the `ETag` that the thing was read with, or `*` for whatever is there",
  schema: { type: "string", pattern: String.raw`^(?:\*|"\d{1,15}")$` },
};

const idempotencyKey: Plain = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "the same request with the same key is done once, within a day: the later ones get the first answer",
  schema: { type: "string", pattern: idempotencyKeyPattern.source },
};

function headersOf({ revision, isRepeatable }: AnyOperation): readonly Plain[] {
  return [...(revision === "demanded" ? [ifMatch] : []), ...(isRepeatable === undefined ? [] : [idempotencyKey])];
}

function bodyOf({ body }: AnyOperation, schemas: Plain): Plain {
  if (body === noContent) return {};
  return {
    requestBody: { required: true, content: { "application/json": { schema: schemaOf(body, "input", schemas) } } },
  };
}

function successOf({ status, answer, revision }: AnyOperation, schemas: Plain): Plain {
  const headers = revision === undefined ? {} : { headers: { ETag: { schema: { type: "string" } } } };
  if (status === 204) return { description: "done", ...headers };
  const content = { "application/json": { schema: schemaOf(answer, "output", schemas) } };
  return { description: "done", ...headers, content };
}

/** What every operation can answer. */
const everywhere: readonly ErrorCode[] = ["UNAUTHENTICATED", "FORBIDDEN", "INPUT_INVALID", "STORE_UNAVAILABLE"];

function failuresOf(operation: AnyOperation, schemas: Plain): Plain {
  const { body, revision, isRepeatable, codes } = operation;
  const all: readonly ErrorCode[] = [
    ...everywhere,
    ...(body === noContent ? [] : ["MEDIA_TYPE_UNSUPPORTED" as const]),
    ...(revision === "demanded" ? (["REVISION_MISSING", "REVISION_STALE"] as const) : []),
    ...(isRepeatable === undefined ? [] : (["IDEMPOTENCY_MISMATCH", "IDEMPOTENCY_PENDING"] as const)),
    ...codes,
  ];
  const schema = schemaOf(problem, "output", schemas);
  const byStatus = Map.groupBy(new Set(all), (code) => statuses[code] ?? 500);
  return Object.fromEntries(
    [...byStatus].map(([status, named]) => [
      status,
      {
        description: named.map((code) => `\`${code}\``).join(", "),
        content: { [problemMediaType]: { schema } },
      },
    ]),
  );
}

/** A schema in place, with the named ones that it uses in `schemas`. */
function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Plain): Plain {
  const { $schema: _, $defs: named, ...root } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  for (const [id, definition] of Object.entries(named ?? {})) schemas[id] = moveReferences(definition);
  const moved = moveReferences(root);
  return typeof moved === "object" && moved !== null ? { ...moved } : {};
}

/** The same JSON with references into the components of the document. */
function moveReferences(value: unknown): unknown {
  const text = JSON.stringify(value).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/');
  const moved: unknown = JSON.parse(text);
  return moved;
}
