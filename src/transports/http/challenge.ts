import type { IncomingMessage } from "node:http";
import { addressedOrigin, resourceMetadataUrl } from "../../values/resource-address.ts";
import type { Challenge } from "../transport.ts";

/**
 * The `WWW-Authenticate` of a 401 at an MCP address: clients find out there how to get a token (RFC 9728 §5.1).
 * `ownOrigin` is the gateway as clients know it; the request's Host and path are found in order.
 */
export function bearerChallenge(req: IncomingMessage, ownOrigin: string, challenge: Challenge): string {
  const metadata = resourceMetadataUrl(addressedOrigin(ownOrigin, req.headers.host), req.url ?? "");
  const error = challenge === "token_missing" ? "" : ', error="invalid_token"';
  return `Bearer realm="callgate", resource_metadata="${metadata}"${error}`;
}
