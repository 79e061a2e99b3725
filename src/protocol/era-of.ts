import type { JsonObject } from "../values/json.ts";
import type { Era } from "./eras/era.ts";
import { isLegacyVersion } from "./eras/legacy.ts";
import {
  claimsModernEra,
  isSupportedModernVersion,
  metaKeys,
  modernErrorCodes,
  modernMetaFault,
  modernVersionOf,
  modernVersions,
  namesModernEra,
} from "./eras/modern.ts";
import { jsonRpcErrorCodes, type RequestId } from "./jsonrpc.ts";
import { decodeHeaderValue, mirrorFault, repeatedHeader, type MirrorHeaders } from "./mirror-headers.ts";
import { reject, type Rejected } from "./rejection.ts";

/** What decides the era of a message. `headers` is undefined where the transport has none. */
export interface EraEvidence {
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: JsonObject;
  /** Null for a notification. */
  readonly id: RequestId | null;
  readonly headers: MirrorHeaders | undefined;
}

/**
 * Pure. The era a message speaks, from its body, once its headers agree with it; or the rejection. Only a message
 * whose body speaks the modern era is refused with a code of that era (MCP 2026-07-28, Versioning, Era Detection).
 */
export function eraOf(evidence: EraEvidence): Era | Rejected {
  return claimsModernEra(evidence.meta) ? checkModern(evidence) : checkLegacy(evidence);
}

function checkModern(evidence: EraEvidence): Era | Rejected {
  const { method, params, meta, id, headers } = evidence;
  const key = modernMetaFault(meta, id !== null);
  if (key !== undefined) {
    return reject(
      "modern_meta_invalid",
      `\`_meta\` lacks a well-formed \`${key}\``,
      id,
      jsonRpcErrorCodes.invalidParams,
    );
  }
  const version = modernVersionOf(meta);
  if (headers !== undefined) {
    const repeated = repeatedHeader(headers);
    if (repeated !== undefined) return reject("header_repeated", repeated, id, modernErrorCodes.headerMismatch);
    const fault = versionFault(version, headers, id !== null) ?? mirrorFault(method, params, headers, id !== null);
    if (fault !== undefined) return reject("header_mismatch", fault, id, modernErrorCodes.headerMismatch);
  }
  return isSupportedModernVersion(version) ? "modern" : unsupported(version, id);
}

function versionFault(version: string, headers: MirrorHeaders, isRequired: boolean): string | undefined {
  if (headers.protocolVersion === undefined) {
    return isRequired ? "the required header MCP-Protocol-Version is missing" : undefined;
  }
  if (decodeHeaderValue(headers.protocolVersion) === version) return undefined;
  return "the header MCP-Protocol-Version does not name the version of the message";
}

function unsupported(requested: string, id: RequestId | null): Rejected {
  const { kind, rejection } = reject(
    "unsupported_version",
    "the message asks for a protocol version that is not supported",
    id,
    modernErrorCodes.unsupportedProtocolVersion,
  );
  return { kind, rejection: { ...rejection, data: { supported: modernVersions, requested: requested.slice(0, 64) } } };
}

function checkLegacy(evidence: EraEvidence): Era | Rejected {
  const { method, params, id, headers } = evidence;
  if (headers === undefined) return "legacy";
  const repeated = repeatedHeader(headers);
  if (repeated !== undefined) return reject("header_repeated", repeated, id);
  const fault = mirrorFault(method, params, headers, false);
  if (fault !== undefined) return reject("header_mismatch", fault, id);
  if (headers.protocolVersion === undefined) return "legacy";
  const version = decodeHeaderValue(headers.protocolVersion) ?? "";
  if (namesModernEra(version)) return legacyBodyModernHeader(evidence);
  if (isLegacyVersion(version) || method === "initialize") return "legacy";
  return reject("unsupported_version", "the header MCP-Protocol-Version names a version that is not supported", id);
}

/** A notification may leave its version to the header; a request may not, and a handshake contradicts it. */
function legacyBodyModernHeader({ method, id }: EraEvidence): Era | Rejected {
  if (id === null) return "modern";
  if (method === "initialize") {
    return reject("header_mismatch", "a handshake was sent with the version header of an era without handshakes", id);
  }
  const message = `\`_meta\` lacks a well-formed \`${metaKeys.protocolVersion}\``;
  return reject("modern_meta_invalid", message, id, jsonRpcErrorCodes.invalidParams);
}
