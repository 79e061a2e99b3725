import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { RE2JS } from "re2js";
import type { ArgumentSchema, SchemaFault } from "../policy/index.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { escapeStep } from "../values/pointer.ts";

/** Bounds on a tool's schema, which its server wrote and nobody has to trust. */
const bounds = { nodes: 5_000, depth: 40, branches: 100, patternLength: 1_000 } as const;

/** Faults reported for one call at most. */
const faultsMax = 20;

/**
 * Prepares a tool's `inputSchema` for checking arguments: JSON Schema 2020-12, 2019-09 or draft-07 as it names, 2020-12
 * by default. Compiled when first needed; `pattern` runs on the linear engine; nothing is coerced, filled in or fetched.
 */
export function prepareSchema(schema: JsonValue): ArgumentSchema {
  let compiled: ValidateFunction | "refused" | undefined;
  return {
    schema,
    validate: (args) => {
      compiled ??= compile(schema) ?? "refused";
      return compiled === "refused" ? undefined : check(compiled, args);
    },
  };
}

function check(validate: ValidateFunction, args: JsonObject): readonly SchemaFault[] | undefined {
  try {
    return validate(args) ? [] : (validate.errors ?? []).slice(0, faultsMax).map(toFault);
  } catch {
    // A schema that recurses without end on these arguments cannot be judged.
    return undefined;
  }
}

function compile(schema: JsonValue): ValidateFunction | undefined {
  if (!isObject(schema) || !isWithinBounds(schema)) return undefined;
  try {
    // One instance for one schema: `$id` of one server's tool can never be the `$ref` of another's.
    return createValidator(schema["$schema"])?.compile(schema);
  } catch {
    return undefined;
  }
}

function createValidator(dialect: JsonValue | undefined): Ajv | undefined {
  const name =
    typeof dialect === "string" ? dialect.replace(/^https?:\/\/json-schema\.org\//, "").replace(/#$/, "") : "";
  if (dialect === undefined || name === "draft/2020-12/schema") return new Ajv2020(options);
  if (name === "draft/2019-09/schema") return new Ajv2019(options);
  return name === "draft-07/schema" ? new Ajv(options) : undefined;
}

const linearEngine = Object.assign(
  (pattern: string, flags: string) => {
    if (pattern.length > bounds.patternLength) throw new Error("pattern is too long");
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    // The validator keys patterns by this text; without it every pattern would be the first one compiled.
    return { test: (text: string) => compiled.test(text), toString: () => `/${pattern}/${flags}` };
  },
  { code: "linearEngine" },
);

const options: Options = {
  strict: false,
  allErrors: true,
  validateFormats: false,
  validateSchema: false,
  addUsedSchema: false,
  logger: false,
  code: { regExp: linearEngine },
};

function toFault(error: ErrorObject): SchemaFault {
  const missing: unknown = error.keyword === "required" ? error.params["missingProperty"] : undefined;
  const extra: unknown = error.keyword === "additionalProperties" ? error.params["additionalProperty"] : undefined;
  const step = missing ?? extra;
  const path = typeof step === "string" ? `${error.instancePath}/${escapeStep(step)}` : error.instancePath;
  return { path, keyword: error.keyword };
}

function isWithinBounds(schema: JsonValue): boolean {
  let nodes = 0;
  const visit = (value: JsonValue, depth: number): boolean => {
    nodes += 1;
    if (nodes > bounds.nodes || depth > bounds.depth) return false;
    if (isList(value)) return value.every((item) => visit(item, depth + 1));
    if (!isObject(value)) return true;
    const branches = ["allOf", "anyOf", "oneOf"].every((key) => {
      const list = value[key];
      return !isList(list) || list.length <= bounds.branches;
    });
    return branches && Object.values(value).every((item) => visit(item, depth + 1));
  };
  return visit(schema, 0);
}
