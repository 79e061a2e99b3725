import { isObject, ownMember, type JsonObject, type JsonValue } from "../values/json.ts";
import { metaKeys } from "./eras/modern.ts";
import { isGatewayMetaKey } from "./gateway-meta.ts";
import { isRequestId, jsonRpcErrorCodes, type RequestId } from "./jsonrpc.ts";
import { reject, type Rejected } from "./rejection.ts";
import { gatewayMetaPrefix } from "./replies.ts";
import { foldCase } from "./fold.ts";

const envelopeNames = "jsonrpc id method params result error".split(" ");

/** Names with a meaning in `params`, all revisions. */
const parameterNames = (
  "name arguments _meta cursor uri task taskId ref argument context level protocolVersion capabilities clientInfo " +
  "requestId reason progressToken progress total message inputResponses requestState notifications"
).split(" ");

const metaNames = ["progressToken", "traceparent", "tracestate", "baggage", ...Object.values(metaKeys)];

const envelopeKeys: ReadonlySet<string> = new Set(envelopeNames);

/** A test for keys that are none of these names but that a reader who ignores case would take for one. */
function caseVariantsOf(names: readonly string[]): (key: string) => boolean {
  const exact = new Set(names);
  const folded = new Set(names.map(foldCase));
  return (key) => !exact.has(key) && folded.has(foldCase(key));
}

/** Pure. Whether a key of a message's outermost object would be taken for one of JSON-RPC's by ignoring case. */
export const isEnvelopeVariant: (key: string) => boolean = caseVariantsOf(envelopeNames);
const isParameterVariant = caseVariantsOf([...envelopeNames, ...parameterNames]);
const isMetaVariant = caseVariantsOf(metaNames);

/** Pure. What is wrong with the outermost object of a client's message, or undefined. `id` is its id where valid. */
export function envelopeFault(message: JsonObject, id: RequestId | null): Rejected | undefined {
  for (const key of Object.keys(message)) {
    if (envelopeKeys.has(key)) continue;
    return isEnvelopeVariant(key)
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
  if (Object.keys(params).some(isParameterVariant)) {
    return reject("case_variant_key", "a key of `params` differs from one of the protocol's by case", id);
  }
  const meta = Object.hasOwn(params, "_meta") ? params["_meta"] : {};
  if (!isObject(meta)) return reject("meta_invalid", "`_meta` is not an object", id, jsonRpcErrorCodes.invalidParams);
  if (Object.keys(meta).some(isMetaVariant))
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
