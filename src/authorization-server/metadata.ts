import { addressedOrigin } from "../values/resource-address.ts";

/** Everything that a client may ask for: calls of the servers that its person granted it. */
export const mcpScope = "mcp";

/** The addresses of the authorization server, below its origin. */
export const routes = {
  authorization: "/oauth/authorize",
  token: "/oauth/token",
  registration: "/oauth/register",
  revocation: "/oauth/revoke",
  jwks: "/oauth/jwks",
  end_session: "/oauth/session",
} as const;

/**
 * Pure. What a client finds out about a resource (RFC 9728 §2), the same for servers that exist and for those that do
 * not. `issuer` is who issues tokens for it, `host` the request's Host, `path` the resource's.
 */
export function resourceMetadata(
  publicOrigin: string,
  issuer: string,
  host: string | undefined,
  path: string,
): Readonly<Record<string, unknown>> {
  return {
    resource: `${addressedOrigin(publicOrigin, host)}${path}`,
    authorization_servers: [issuer],
    scopes_supported: [mcpScope],
    bearer_methods_supported: ["header"],
    resource_name: "Callgate",
  };
}

/** Pure. What a client finds out about the authorization server (RFC 8414 §2, OpenID Connect Discovery 1.0 §3). */
export function serverMetadata(issuer: string): Readonly<Record<string, unknown>> {
  return {
    issuer,
    authorization_endpoint: `${issuer}${routes.authorization}`,
    token_endpoint: `${issuer}${routes.token}`,
    registration_endpoint: `${issuer}${routes.registration}`,
    revocation_endpoint: `${issuer}${routes.revocation}`,
    jwks_uri: `${issuer}${routes.jwks}`,
    scopes_supported: [mcpScope],
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: ["none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
  };
}
