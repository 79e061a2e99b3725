import type { RequestId } from "../protocol/jsonrpc.ts";
import type { UpstreamErrorCode } from "../transports/transport.ts";
import { errorReply, gatewayErrorCodes } from "../protocol/replies.ts";

/** The JSON-RPC error a client gets when the server behind the gateway failed. The only place that picks these codes. */
export function upstreamFailureReply(
  id: RequestId,
  failure: { readonly code: UpstreamErrorCode; readonly message: string },
  requestId: string,
): string {
  return errorReply(id, gatewayErrorCodes[failure.code], failure.message, { code: failure.code, requestId });
}
