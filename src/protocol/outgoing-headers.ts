import { isObject, ownMember, type JsonObject, type JsonValue } from "../values/json.ts";
import type { ClientNotification, ClientRequest } from "./classify.ts";
import { namedParameter } from "./mirror-headers.ts";
import { paramHeaders } from "./param-headers.ts";

/** A message that goes out over HTTP, with what its headers are made of. */
export interface OutgoingMessage {
  readonly message: ClientRequest | ClientNotification;
  /** The revision that a legacy handshake agreed on; undefined before it. */
  readonly protocolVersion: string | undefined;
  /** The input schema of the tool that is called. */
  readonly schema?: JsonValue;
}

const plain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
const sentinel = /^=\?base64\?.*\?=$/;

/**
 * Pure. The headers that mirror a message, names in lower case: in the legacy era the revision alone, in the modern era
 * also method, name and annotated arguments (MCP 2026-07-28, Transports §Headers).
 */
export function outgoingHeaders({ message, protocolVersion, schema }: OutgoingMessage): Record<string, string> {
  if (message.era === "legacy") return protocolVersion === undefined ? {} : { "mcp-protocol-version": protocolVersion };
  const meta = ownMember(message.params, "_meta");
  const version = isObject(meta) ? ownMember(meta, "io.modelcontextprotocol/protocolVersion") : undefined;
  const parameter = namedParameter.get(message.method);
  const name = parameter === undefined ? undefined : ownMember(message.params, parameter);
  return {
    ...(typeof version === "string" ? { "mcp-protocol-version": version } : {}),
    "mcp-method": encodeHeaderValue(message.method),
    ...(typeof name === "string" ? { "mcp-name": encodeHeaderValue(name) } : {}),
    ...mirroredArguments(message, schema),
  };
}

/** Pure. A value as a header carries it: as it is when it is plain ASCII, else in the base64 form. */
export function encodeHeaderValue(value: string): string {
  if (plain.test(value) && !sentinel.test(value)) return value;
  const bytes = new TextEncoder().encode(value);
  return `=?base64?${btoa(String.fromCharCode(...bytes))}?=`;
}

function mirroredArguments(
  message: ClientRequest | ClientNotification,
  schema: JsonValue | undefined,
): Record<string, string> {
  if (message.kind !== "request" || message.call === undefined || schema === undefined) return {};
  const headers: Record<string, string> = {};
  for (const { name, path } of paramHeaders(schema) ?? []) {
    const value = valueAt(message.call.args, path);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      headers[`mcp-param-${name.toLowerCase()}`] = encodeHeaderValue(String(value));
    }
  }
  return headers;
}

function valueAt(args: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = args;
  for (const name of path) value = isObject(value) ? ownMember(value, name) : undefined;
  return value;
}
