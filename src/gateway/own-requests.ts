import { metaKeys, modernErrorCodes, modernVersions } from "../protocol/eras/modern.ts";
import type { UpstreamFailure } from "../transports/transport.ts";
import { isObject, type JsonObject } from "../values/json.ts";
import type { UpstreamAnswer } from "./upstream-request.ts";
import type { UpstreamSession } from "./upstream-session.ts";

/** What the gateway calls itself, to clients and to servers. */
export const ownInfo = { name: "callgate", version: "0.1.0" } as const;

/** The modern era's metadata of the gateway's own requests: it declares no capability of its own. */
export const ownMeta: JsonObject = {
  [metaKeys.protocolVersion]: modernVersions[0],
  [metaKeys.clientCapabilities]: {},
  [metaKeys.clientInfo]: ownInfo,
};

/** What a client says it can do is kept with what its server answered; longer text than this, in characters, is not. */
const capabilitiesMax = 16 * 1024;

/**
 * The modern era's required request metadata, taken from a client's own request; undefined for a legacy one. A client
 * that says a great deal counts as one that says nothing.
 */
export function requiredMeta(params: JsonObject): JsonObject | undefined {
  const meta = params["_meta"];
  if (!isObject(meta)) return undefined;
  const version = meta[metaKeys.protocolVersion];
  if (version === undefined) return undefined;
  const capabilities = meta[metaKeys.clientCapabilities] ?? {};
  return {
    [metaKeys.protocolVersion]: version,
    [metaKeys.clientCapabilities]: JSON.stringify(capabilities).length > capabilitiesMax ? {} : capabilities,
  };
}

/** The headers that mirror a request of the gateway's own, for servers over HTTP. */
export function headersForOwn(
  method: string,
  meta: JsonObject | undefined,
  legacyVersion: string | undefined,
): Readonly<Record<string, string>> {
  const version = meta === undefined ? legacyVersion : meta[metaKeys.protocolVersion];
  return {
    ...(typeof version === "string" ? { "mcp-protocol-version": version } : {}),
    ...(meta === undefined ? {} : { "mcp-method": method }),
  };
}

/** What a server said when it was asked whether it speaks the modern era; a failure says nothing about it. */
export type EraAnswer = "modern" | "legacy" | UpstreamFailure;

/**
 * MCP 2026-07-28: a server of the modern era answers `server/discover`, if only with one of the era's errors; one of the
 * legacy era does not know it, and answers anything or nothing.
 */
export async function discover(upstream: UpstreamSession, meta: JsonObject): Promise<EraAnswer> {
  const method = "server/discover";
  const headers = headersForOwn(method, meta, undefined);
  return eraOfAnswer(await upstream.ask(method, { _meta: meta }, upstream.server.startTimeoutMs, headers));
}

/** Pure. What the answer to `server/discover` says of the server's era. */
export function eraOfAnswer(answer: UpstreamAnswer): EraAnswer {
  if (answer.kind === "answered") {
    const { errorCode } = answer.response;
    return errorCode === undefined || modernErrors.has(errorCode) ? "modern" : "legacy";
  }
  const isSilence = answer.kind === "cancelled" || silences.has(answer.code);
  return isSilence ? "legacy" : { code: answer.code, message: answer.message };
}

const modernErrors: ReadonlySet<number> = new Set(Object.values(modernErrorCodes));
const silences: ReadonlySet<string> = new Set<UpstreamFailure["code"]>(["UPSTREAM_TIMEOUT", "UPSTREAM_GARBAGE"]);
