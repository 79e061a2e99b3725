import { isObject, ownMember, type JsonObject, type JsonValue } from "../values/json.ts";
import type { ClientNotification, ClientRequest } from "./classify.ts";
import { modernVersionOf } from "./eras/modern.ts";
import { namedParameter } from "./mirror-headers.ts";
import { paramHeaders } from "./param-headers.ts";

/** A message that goes out over HTTP, with what its headers are made of. */
export interface OutgoingMessage {
  readonly message: ClientRequest | ClientNotification;
  /** The revision that a legacy handshake agreed on; undefined before it. */
  readonly protocolVersion: string | undefined;
  /** The input schema of the tool that is called. */
  readonly schema?: JsonValue;
  /** `Mcp-Param-*` as the client sent them, names without that prefix; those the schema does not name go on as they are. */
  readonly received?: Readonly<Record<string, string>>;
}

const plain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
const sentinel = /^=\?base64\?.*\?=$/;

/**
 * Pure. The headers that mirror a message, names in lower case: in the legacy era the revision alone, in the modern era
 * also method, name and annotated arguments (MCP 2026-07-28, Transports §Headers).
 */
export function outgoingHeaders(outgoing: OutgoingMessage): Record<string, string> {
  const { message, protocolVersion, schema, received } = outgoing;
  if (message.era === "legacy") return protocolVersion === undefined ? {} : { "mcp-protocol-version": protocolVersion };
  const parameter = namedParameter.get(message.method);
  const name = parameter === undefined ? undefined : ownMember(message.params, parameter);
  return {
    "mcp-protocol-version": modernVersionOf(message.meta),
    "mcp-method": encodeHeaderValue(message.method),
    ...(typeof name === "string" ? { "mcp-name": encodeHeaderValue(name) } : {}),
    ...mirroredArguments(message, schema, received),
  };
}

/** Pure. A value as a header carries it: as it is when it is plain ASCII, else in the base64 form. */
export function encodeHeaderValue(value: string): string {
  if (plain.test(value) && !sentinel.test(value)) return value;
  let binary = "";
  for (const byte of new TextEncoder().encode(value)) binary += String.fromCharCode(byte);
  return `=?base64?${btoa(binary)}?=`;
}

function mirroredArguments(
  message: ClientRequest | ClientNotification,
  schema: JsonValue | undefined,
  received: Readonly<Record<string, string>> = {},
): Record<string, string> {
  if (message.kind !== "request" || message.call === undefined) return {};
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(received)) headers[`mcp-param-${name.toLowerCase()}`] = value;
  for (const { name, path } of schema === undefined ? [] : (paramHeaders(schema) ?? [])) {
    const header = `mcp-param-${name.toLowerCase()}`;
    const value = valueAt(message.call.args, path);
    const isMirrored = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (isMirrored) headers[header] = encodeHeaderValue(String(value));
    else delete headers[header];
  }
  return headers;
}

function valueAt(args: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = args;
  for (const name of path) value = isObject(value) ? ownMember(value, name) : undefined;
  return value;
}
