import { errors, Provider } from "oidc-provider";

/** What shapes an authorization server from the start. */
export interface ProviderOptions {
  /** Of access tokens, default 3,600. */
  readonly tokenSeconds?: number;
  /** Default true. */
  readonly registersClients?: boolean;
  /** Clients that were made by hand. */
  readonly clients?: readonly { readonly id: string; readonly secret: string; readonly redirectUri: string }[];
  /** Where client metadata documents are read from, whatever their address says. Left out: none are read. */
  readonly readDocument?: (url: string) => Promise<Response>;
}

/** An authorization server for the MCP server at `/mcp` of its own origin, which keeps everything in memory. */
export function createTestProvider(origin: string, options: ProviderOptions): Provider {
  const resourceUrl = `${origin}/mcp`;
  const { tokenSeconds = 3_600, registersClients = true, clients = [], readDocument } = options;
  return new Provider(origin, {
    clients: clients.map(({ id, secret, redirectUri }) => ({
      client_id: id,
      client_secret: secret,
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      application_type: "native",
      token_endpoint_auth_method: "client_secret_basic",
    })),
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    scopes: ["offline_access", "notes"],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    ttl: { AccessToken: tokenSeconds, RefreshToken: 86_400, Session: 3_600, Grant: 86_400, Interaction: 600 },
    cookies: { keys: ["a-test-cookie-key"] },
    ...(readDocument === undefined ? {} : { fetch: (input) => readDocument(new Request(input).url) }),
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      registration: { enabled: registersClients },
      ...(readDocument === undefined
        ? {}
        : {
            clientIdMetadataDocument: {
              enabled: true,
              ack: "draft-02",
              allowFetch: () => true,
              allowClient: () => true,
            },
          }),
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => {
          if (resource !== resourceUrl) throw new errors.InvalidTarget();
          return {
            scope: "notes offline_access",
            audience: resource,
            accessTokenFormat: "opaque",
            accessTokenTTL: tokenSeconds,
          };
        },
      },
    },
  });
}
