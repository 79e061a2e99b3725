import { isObject, ownMember, type JsonObject } from "../../values/json.ts";
import type { ClientRequest } from "../classify.ts";
import type { ServerResponse } from "../server-message.ts";
import { cutMembers, memberSpan, replaceSpan, setMember } from "../spans.ts";
import { jsonRpcErrorCodes } from "../jsonrpc.ts";
import type { Era } from "./era.ts";
import { isLegacyVersion } from "./legacy.ts";
import { metaKeys, modernErrorCodes } from "./modern.ts";

const modernKeys: ReadonlySet<string> = new Set(Object.values(metaKeys));
const modernCodes: ReadonlySet<number | undefined> = new Set(Object.values(modernErrorCodes));

/**
 * Pure. A client's request as a server of the other era takes it: only the envelope changes, which is the era's own keys
 * of `params._meta` (`meta`: what stands there in the modern era). Name and arguments stay as they were judged.
 */
export function requestInEra(request: ClientRequest, era: Era, meta: JsonObject): ClientRequest {
  if (request.era === era) return request;
  const bare = Object.fromEntries(Object.entries(request.meta).filter(([key]) => !modernKeys.has(key)));
  const added = era === "modern" ? meta : {};
  let text = cutMembers(request.text, ["params", "_meta"], (key) => !modernKeys.has(key));
  if (memberSpan(text, ["params"]) === undefined) text = setMember(text, [], "params", "{}");
  if (era === "modern" && memberSpan(text, ["params", "_meta"]) === undefined) {
    text = setMember(text, ["params"], "_meta", "{}");
  }
  for (const [key, value] of Object.entries(added)) {
    text = setMember(text, ["params", "_meta"], key, JSON.stringify(value));
  }
  const newMeta = { ...bare, ...added };
  return { ...request, era, text, meta: newMeta, params: { ...request.params, _meta: newMeta } };
}

/** An answer in the era of the client, or why it cannot be put there. */
export type TranslatedAnswer =
  | { readonly ok: true; readonly text: string; readonly errorCode: number | undefined }
  | { readonly ok: false; readonly message: string };

/**
 * Pure. A server's answer (its text as it is to be passed on) as a client of the other era takes it: only the kind of
 * result changes, and an error code that a legacy client would take for a sign of the modern era. A result that is not
 * complete exists in the modern era only.
 */
export function answerInEra(response: ServerResponse, text: string, era: Era): TranslatedAnswer {
  const { errorCode, isError, body } = response;
  if (isError) {
    const isSign = era === "legacy" && modernCodes.has(errorCode);
    const span = isSign ? memberSpan(text, ["error", "code"]) : undefined;
    if (span === undefined) return { ok: true, text, errorCode };
    const code = jsonRpcErrorCodes.internalError;
    return { ok: true, text: replaceSpan(text, span, String(code)), errorCode: code };
  }
  if (era === "modern") return { ok: true, text: setMember(text, ["result"], "resultType", '"complete"'), errorCode };
  const kind = ownMember(body, "resultType") ?? "complete";
  if (kind !== "complete") {
    return { ok: false, message: "the server's answer asks for what a client of this revision cannot do" };
  }
  return { ok: true, text: cutMembers(text, ["result"], (key) => key !== "resultType"), errorCode };
}

/** Pure. The revision that a handshake's answer agrees on, undefined when it names none of the legacy era. */
export function agreedVersion(result: JsonObject): string | undefined {
  const version = ownMember(result, "protocolVersion");
  return typeof version === "string" && isLegacyVersion(version) ? version : undefined;
}

/** Pure. Whether a server announces news of its tools, in either era's answer to its first question. */
export function announcesToolChanges(result: JsonObject): boolean {
  const capabilities = ownMember(result, "capabilities");
  const tools = isObject(capabilities) ? ownMember(capabilities, "tools") : undefined;
  return isObject(tools) && ownMember(tools, "listChanged") === true;
}
