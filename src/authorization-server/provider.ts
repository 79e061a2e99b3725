import type { IncomingMessage } from "node:http";
import { type Configuration, errors, type KoaContextWithOIDC, Provider } from "oidc-provider";
import type { ControlContext } from "../control/control-context.ts";
import type { Logger } from "../logger.ts";
import type { OutboundFetch } from "../transports/transport.ts";
import { serverOfResource } from "../values/resource-address.ts";
import { newId } from "../ids.ts";
import { checkClientMetadata, checkedProperties } from "./client-metadata.ts";
import { mcpScope, routes } from "./metadata.ts";
import { createObjectStore } from "./object-store.ts";
import { loadServerKeys, type ServerKeys } from "./sealed-keys.ts";

/** What the authorization server is made of. */
export interface ProviderParts {
  readonly control: ControlContext;
  /** The gateway's public origin, which is its name as an issuer. */
  readonly issuer: string;
  readonly logger: Logger;
  readonly fetch: OutboundFetch;
  /** A page for a person whose request cannot go on. */
  readonly errorPage: (req: IncomingMessage, message: string) => Promise<Response>;
  /** Whether who sends this request may have a client's document fetched: a stranger chooses where from. */
  readonly mayFetchDocument: (req: IncomingMessage) => boolean;
}

/** Seconds. */
const lifetimes = {
  accessToken: 3_600,
  code: 60,
  interaction: 1_800,
  session: 3_600,
  refreshToken: 30 * 86_400,
  /** Longer than any grant: what ends an authorization is its grant. */
  authorization: 400 * 86_400,
} as const;

/** What a person reads instead of the protocol's words. */
const refusalTexts: Readonly<Record<string, string>> = {
  server_error: "something went wrong here",
  invalid_redirect_uri: "the client wants to be sent to an address that is not one of those it registered",
  invalid_client: "the client is not known here, or the document that describes it cannot be fetched",
  invalid_client_metadata: "the document that describes the client cannot be used",
};

/** The longest client id metadata document, bytes. */
const documentBytesMax = 10_240;

/** How long a client's own document is kept, seconds. */
const documentCache = { min: 60, max: 3_600 } as const;

/**
 * The authorization server for MCP clients (OAuth 2.1; MCP 2026-07-28, Authorization). Who signs in, what may be granted
 * and every page are the gateway's own; this is the protocol. Rejects with `SECRET_UNREADABLE`.
 */
export async function createProvider(parts: ProviderParts): Promise<Provider> {
  const { control, issuer, logger } = parts;
  const provider = new Provider(issuer, configurationOf(parts, await loadServerKeys(control)));
  // Scheme and host come from the request's forwarding headers, which are always written here, never taken over.
  provider.proxy = true;
  provider.on("server_error", (_, error: Error) => {
    logger.error({ error: String(error), stack: error.stack }, "the authorization server failed");
  });
  return provider;
}

function configurationOf(parts: ProviderParts, keys: ServerKeys): Configuration {
  const { control, issuer, fetch, errorPage, mayFetchDocument } = parts;
  const lostRace = (): Error => new errors.InvalidGrant("it was used before");
  return {
    adapter: (model) => createObjectStore(control, model, lostRace),
    jwks: { keys: [keys.signingKey] },
    cookies: {
      keys: [keys.cookieKey],
      names: { session: "callgate_oauth", interaction: "callgate_consent", resume: "callgate_resume" },
      long: { httpOnly: true, sameSite: "lax", signed: true },
      short: { httpOnly: true, sameSite: "lax", signed: true },
    },
    routes: { ...routes },
    scopes: [],
    claims: {},
    responseTypes: ["code"],
    clientAuthMethods: ["none"],
    clientDefaults: {
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      id_token_signed_response_alg: "ES256",
    },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    extraClientMetadata: {
      properties: [...checkedProperties],
      validator: (_ctx, _key, _value, metadata) => checkClientMetadata(metadata),
    },
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
    // Whoever gives a token back, or uses one twice, has the authorization ended, whatever token it was.
    revokeGrantPolicy: () => true,
    expiresWithSession: () => false,
    clientBasedCORS: () => false,
    findAccount: async (_, id) => {
      const member = await control.database.read
        .selectFrom("members")
        .select("id")
        .where("id", "=", id)
        .executeTakeFirst();
      return member === undefined ? undefined : { accountId: id, claims: () => ({ sub: id }) };
    },
    interactions: { url: (_, { uid }) => consentPath(uid) },
    renderError: async (ctx, { error, error_description: description }) => {
      const shown = await errorPage(ctx.req, refusalTexts[error] ?? description ?? error);
      ctx.set(Object.fromEntries(shown.headers));
      ctx.body = await shown.text();
    },
    ttl: {
      AccessToken: lifetimes.accessToken,
      AuthorizationCode: lifetimes.code,
      Grant: lifetimes.authorization,
      IdToken: lifetimes.accessToken,
      Interaction: lifetimes.interaction,
      RefreshToken: lifetimes.refreshToken,
      Session: lifetimes.session,
    },
    // Clients' documents alone; a redirect is not followed, and addresses are checked as they are connected to.
    fetch: (input) =>
      fetch(new Request(input).url, {
        method: "GET",
        headers: { accept: "application/json" },
        allowPrivate: control.rules().allowPrivateAddresses,
        wants: "body",
      }),
    fetchResponseBodyLimits: { "client_id metadata document": documentBytesMax },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
      registration: { enabled: true, issueRegistrationAccessToken: false, idFactory: () => newId("client") },
      clientIdMetadataDocument: {
        enabled: true,
        ack: "draft-02",
        // Outside of a request it is for a person who decides, whose request has been counted.
        allowFetch: (ctx: KoaContextWithOIDC | undefined) => ctx === undefined || mayFetchDocument(ctx.req),
        allowClient: () => true,
        cacheDuration: documentCache,
      },
      resourceIndicators: {
        enabled: true,
        // Clients of the revision 2025-03-26 name no resource: theirs is the one address of all servers.
        defaultResource: (_ctx, _client, oneOf) => oneOf ?? `${issuer}/mcp`,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => {
          if (serverOfResource(issuer, resource) === undefined) throw new errors.InvalidTarget();
          return {
            scope: mcpScope,
            audience: resource,
            accessTokenFormat: "opaque",
            accessTokenTTL: lifetimes.accessToken,
          };
        },
      },
    },
  };
}

/** Where a person decides about a client. */
export function consentPath(uid: string): string {
  return `/oauth/consent/${uid}`;
}
