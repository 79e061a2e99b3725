import { isObject, ownMember, type JsonObject } from "../../values/json.ts";

/** The stateless revisions the gateway speaks. */
export const modernVersions = ["2026-07-28"] as const;

/** MCP 2026-07-28, Basic, `_meta`: keys that a request carries. */
export const metaKeys = {
  protocolVersion: "io.modelcontextprotocol/protocolVersion",
  clientCapabilities: "io.modelcontextprotocol/clientCapabilities",
  clientInfo: "io.modelcontextprotocol/clientInfo",
  logLevel: "io.modelcontextprotocol/logLevel",
  serverInfo: "io.modelcontextprotocol/serverInfo",
  subscriptionId: "io.modelcontextprotocol/subscriptionId",
} as const;

/** MCP 2026-07-28, error codes of the modern era. Never an answer to a legacy message: clients take them as a sign. */
export const modernErrorCodes = {
  headerMismatch: -32020,
  missingClientCapability: -32021,
  unsupportedProtocolVersion: -32022,
} as const;

const supported: ReadonlySet<string> = new Set(modernVersions);
const date = /^\d{4}-\d{2}-\d{2}$/;

/** Pure. Whether the gateway speaks this stateless revision. */
export function isSupportedModernVersion(version: string): boolean {
  return supported.has(version);
}

/** Pure. Whether the text is dated like a revision of the modern era, known or not. */
export function namesModernEra(version: string): boolean {
  return date.test(version) && version >= modernVersions[0];
}

/** Pure. Whether a request's `_meta` speaks the modern protocol: it names a version, in whatever form. */
export function claimsModernEra(meta: JsonObject): boolean {
  return Object.hasOwn(meta, metaKeys.protocolVersion);
}

/** Pure. The version that a modern message's `_meta` names, or "" when it names none. */
export function modernVersionOf(meta: JsonObject): string {
  const version = ownMember(meta, metaKeys.protocolVersion);
  return typeof version === "string" ? version : "";
}

/**
 * Pure. The first key of a modern message's `_meta` that is missing or malformed, or undefined when all is well.
 * A notification needs no capabilities.
 */
export function modernMetaFault(meta: JsonObject, isRequest: boolean): string | undefined {
  if (modernVersionOf(meta) === "") return metaKeys.protocolVersion;
  if (isRequest && !isObject(ownMember(meta, metaKeys.clientCapabilities))) return metaKeys.clientCapabilities;
  const info = ownMember(meta, metaKeys.clientInfo);
  return info === undefined || isObject(info) ? undefined : metaKeys.clientInfo;
}
