import type { ErrorCode } from "../errors.ts";
import type { RequestId } from "../protocol/jsonrpc.ts";
import { errorReply, gatewayErrorCodes } from "../protocol/replies.ts";

/** The JSON-RPC error a client gets when the server behind the gateway failed. The only place that picks these codes. */
export function upstreamFailureReply(
  id: RequestId,
  failure: { readonly code: Extract<ErrorCode, `UPSTREAM_${string}`>; readonly message: string },
  requestId: string,
): string {
  return errorReply(id, gatewayErrorCodes[failure.code], failure.message, { code: failure.code, requestId });
}
