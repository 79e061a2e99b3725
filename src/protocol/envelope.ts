import { isObject, ownMember, type JsonObject, type JsonValue } from "../values/json.ts";
import { metaKeys } from "./eras/modern.ts";
import { isGatewayMetaKey } from "./gateway-meta.ts";
import { isRequestId, jsonRpcErrorCodes, type RequestId } from "./jsonrpc.ts";
import { reject, type Rejected } from "./rejection.ts";
import { gatewayMetaPrefix } from "./replies.ts";
import { foldCase } from "./fold.ts";

const envelopeKeys: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params", "result", "error"]);

const parameterKeys =
  "name arguments _meta cursor uri task taskId ref argument context level protocolVersion capabilities clientInfo " +
  "requestId reason progressToken progress total message inputResponses requestState notifications";

/** Keys with a meaning in the envelope, in `params` and in `_meta`, all revisions. */
const protocolKeys: ReadonlySet<string> = new Set([
  ...envelopeKeys,
  ...Object.values(metaKeys),
  ...parameterKeys.split(" "),
]);

const protocolKeyByFold: ReadonlyMap<string, string> = new Map([...protocolKeys].map((key) => [foldCase(key), key]));

/** Pure. Whether a key is none of the protocol's but a reader that ignores case would take it for one. */
export function isCaseVariant(key: string): boolean {
  return !protocolKeys.has(key) && protocolKeyByFold.has(foldCase(key));
}

/** Pure. Whether one of the object's keys is a case variant of a key of the protocol. */
export function hasCaseVariant(object: JsonObject): boolean {
  for (const key of Object.keys(object)) if (isCaseVariant(key)) return true;
  return false;
}

/** Pure. What is wrong with the outermost object of a client's message, or undefined. `id` is its id where valid. */
export function envelopeFault(message: JsonObject, id: RequestId | null): Rejected | undefined {
  for (const key of Object.keys(message)) {
    if (envelopeKeys.has(key)) continue;
    return isCaseVariant(key)
      ? reject("case_variant_key", "a key of the message differs from one of JSON-RPC's by case", id)
      : reject("unexpected_member", "the message has a member that JSON-RPC does not have", id);
  }
  if (message["jsonrpc"] !== "2.0") return reject("jsonrpc_version", '`jsonrpc` is not "2.0"', id);
  if (Object.hasOwn(message, "id") && id === null) {
    return reject("id_invalid", "`id` is neither a safe integer nor a string of at most 128 characters", null);
  }
  return undefined;
}

/** Pure. The message's `params` with their `_meta`, each `{}` when absent, or why they are malformed. */
export function readParams(
  message: JsonObject,
  id: RequestId | null,
): { readonly params: JsonObject; readonly meta: JsonObject } | Rejected {
  const params = Object.hasOwn(message, "params") ? message["params"] : {};
  if (!isObject(params))
    return reject("params_not_object", "`params` is not an object", id, jsonRpcErrorCodes.invalidParams);
  if (hasCaseVariant(params)) {
    return reject("case_variant_key", "a key of `params` differs from one of the protocol's by case", id);
  }
  const meta = Object.hasOwn(params, "_meta") ? params["_meta"] : {};
  if (!isObject(meta)) return reject("meta_invalid", "`_meta` is not an object", id, jsonRpcErrorCodes.invalidParams);
  if (hasCaseVariant(meta))
    return reject("case_variant_key", "a key of `_meta` differs from one of the protocol's by case", id);
  if (Object.keys(meta).some(isGatewayMetaKey)) {
    return reject("reserved_meta", `\`_meta\` keys that begin with \`${gatewayMetaPrefix}\` are the gateway's own`, id);
  }
  if (!isProgressToken(ownMember(meta, "progressToken"))) {
    const reason = "`progressToken` is neither a string nor a safe integer";
    return reject("meta_invalid", reason, id, jsonRpcErrorCodes.invalidParams);
  }
  return { params, meta };
}

function isProgressToken(value: JsonValue | undefined): boolean {
  return value === undefined || typeof value === "string" || isRequestId(value);
}
