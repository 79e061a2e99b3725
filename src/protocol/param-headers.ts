import { isList, isObject, ownMember, type JsonObject, type JsonValue } from "../values/json.ts";
import type { ClientRequest } from "./classify.ts";
import { modernErrorCodes } from "./eras/modern.ts";
import { jsonRpcErrorCodes } from "./jsonrpc.ts";
import { decodeHeaderValue, type MirrorHeaders } from "./mirror-headers.ts";
import { reject, type Rejected } from "./rejection.ts";

/** An argument that an HTTP client mirrors in a header `Mcp-Param-<name>` (MCP 2026-07-28, Transports §Headers). */
export interface ParamHeader {
  /** Names of members from the arguments down. */
  readonly path: readonly string[];
  /** As the schema spells it; compared without case. */
  readonly name: string;
  readonly type: "string" | "integer" | "boolean";
}

const annotation = "x-mcp-header";
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const decimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** Keywords whose value is a schema or a list of schemas, and those whose value is a map of schemas. */
const schemaKeywords = (
  "items prefixItems additionalItems contains additionalProperties unevaluatedItems unevaluatedProperties " +
  "propertyNames not if then else allOf anyOf oneOf contentSchema"
).split(" ");
const mapKeywords = "patternProperties dependentSchemas $defs definitions".split(" ");

/** What each schema wants, worked out once for as long as the schema lives. */
const known = new WeakMap<object, readonly ParamHeader[] | "invalid">();

/**
 * Pure. The arguments that a tool's input schema wants mirrored, or undefined when one of its annotations breaks the
 * rules (HTTP clients drop such a tool): a name that is no token or comes twice, a type other than string, integer or
 * boolean, a place that a chain of `properties` does not lead to.
 */
export function paramHeaders(schema: JsonValue): readonly ParamHeader[] | undefined {
  if (!isObject(schema)) return [];
  const remembered = known.get(schema) ?? findParamHeaders(schema) ?? "invalid";
  known.set(schema, remembered);
  return remembered === "invalid" ? undefined : remembered;
}

function findParamHeaders(schema: JsonObject): readonly ParamHeader[] | undefined {
  const found: ParamHeader[] = [];
  if (!collect(schema, [], true, found)) return undefined;
  const names = new Set(found.map(({ name }) => name.toLowerCase()));
  return names.size === found.length ? found : undefined;
}

/** Whether all annotations at and below a schema keep the rules; adds them to `found`. */
function collect(schema: JsonValue, path: readonly string[], isReachable: boolean, found: ParamHeader[]): boolean {
  if (!isObject(schema)) return true;
  const name = ownMember(schema, annotation);
  if (name !== undefined) {
    const type = ownMember(schema, "type");
    if (!isReachable || path.length === 0 || typeof name !== "string" || !token.test(name)) return false;
    if (type !== "string" && type !== "integer" && type !== "boolean") return false;
    found.push({ path, name, type });
  }
  for (const [key, child] of entriesOf(schema, "properties")) {
    if (!collect(child, [...path, key], isReachable, found)) return false;
  }
  return otherSchemas(schema).every((child) => collect(child, path, false, found));
}

function otherSchemas(schema: JsonObject): readonly JsonValue[] {
  const direct = schemaKeywords.flatMap((keyword) => {
    const value = ownMember(schema, keyword) ?? null;
    return isList(value) ? value : [value];
  });
  const mapped = mapKeywords.flatMap((keyword) => entriesOf(schema, keyword).map(([, child]) => child));
  return [...direct, ...mapped];
}

function entriesOf(schema: JsonObject, keyword: string): readonly (readonly [string, JsonValue])[] {
  const map = ownMember(schema, keyword);
  return isObject(map) ? Object.entries(map) : [];
}

/**
 * Pure. Refuses a `tools/call` whose `Mcp-Param-*` headers contradict its arguments, by the tool's input schema. A
 * modern call must carry the header of every argument that has one; a legacy call need not. Headers that the schema
 * does not name say nothing. Undefined when all is well, also for a schema whose annotations break the rules.
 */
export function checkParamHeaders(
  request: ClientRequest,
  schema: JsonValue,
  headers: MirrorHeaders,
): Rejected | undefined {
  const args = request.call?.args ?? {};
  const isModern = request.era === "modern";
  for (const header of paramHeaders(schema) ?? []) {
    const name = header.name.toLowerCase();
    const sent = Object.hasOwn(headers.params, name) ? headers.params[name] : undefined;
    const value = valueAt(args, header.path);
    const isMissing = sent === undefined && isMirrored(value) && isModern;
    if (!isMissing && (sent === undefined || equals(decodeHeaderValue(sent), value))) continue;
    const message = `a header Mcp-Param-${header.name} ${isMissing ? "is missing" : "does not equal its argument"}`;
    const code = isModern ? modernErrorCodes.headerMismatch : jsonRpcErrorCodes.invalidRequest;
    return reject("header_mismatch", message, request.id, code);
  }
  return undefined;
}

function isMirrored(value: JsonValue | undefined): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** A number is compared as a number (`42.0` is 42); a list, an object, null or nothing equals no header. */
function equals(sent: string | undefined, value: JsonValue | undefined): boolean {
  if (sent === undefined || !isMirrored(value)) return false;
  return typeof value === "number" ? decimal.test(sent) && Number(sent) === value : sent === String(value);
}

function valueAt(args: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = args;
  for (const name of path) value = isObject(value) ? ownMember(value, name) : undefined;
  return value;
}
