import type * as oauth from "oauth4webapi";
import { AppError } from "../errors.ts";
import type { OutboundFetch } from "../transports/transport.ts";
import { endpointFault, type EndpointRules, mayBePrivate } from "./endpoint-fault.ts";
import type { Flow, Issuer, OAuthClient, Tokens } from "./stored-texts.ts";

/** The longest that a token is believed to live, seconds: ten years. */
const lifetimeSecondsMax = 10 * 365 * 86_400;

/** The way to an authorization server. */
export interface IssuerWay {
  readonly fetch: OutboundFetch;
  readonly rules: EndpointRules;
}

/** What came of asking for tokens. */
export type TokenAnswer =
  | { readonly kind: "given"; readonly tokens: Tokens }
  /** The issuer says no, and will say so again: a person has to consent anew. */
  | { readonly kind: "refused"; readonly problem: string; readonly isClientUnknown?: boolean }
  /** It cannot be said; later it may work. */
  | { readonly kind: "failed"; readonly problem: string };

/**
 * Redeems the answer of the authorization server for tokens (RFC 6749 §4.1.3, with PKCE and the resource). The answer is
 * checked first: `state`, and `iss` where there is one (RFC 9207). Never rejects.
 */
export async function redeemCode(
  way: IssuerWay,
  flow: Flow,
  answer: URLSearchParams,
  state: string,
  nowMs: number,
): Promise<TokenAnswer> {
  const { issuer, client, resource } = flow;
  return asking(async (lib) => {
    const about = { client_id: client.id };
    const parameters = lib.validateAuthResponse({ ...issuer }, about, answer, state);
    const response = await lib.authorizationCodeGrantRequest(
      { ...issuer },
      about,
      clientAuthentication(lib, client),
      parameters,
      client.redirectUri,
      flow.codeVerifier,
      { ...throughOutbound(lib, way), additionalParameters: { resource } },
    );
    const given = await lib.processAuthorizationCodeResponse({ ...issuer }, about, response);
    return tokensOf(given, { scope: flow.scope ?? "", resource, issuer, client }, nowMs);
  });
}

/** Renews tokens (RFC 6749 §6). Never rejects. */
export async function renewTokens(way: IssuerWay, old: Tokens, nowMs: number): Promise<TokenAnswer> {
  const { issuer, client, resource, refreshToken } = old;
  if (refreshToken === undefined) return { kind: "refused", problem: "the authorization server gave no refresh token" };
  return asking(async (lib) => {
    const about = { client_id: client.id };
    const authentication = clientAuthentication(lib, client);
    const options = { ...throughOutbound(lib, way), additionalParameters: { resource } };
    const response = await lib.refreshTokenGrantRequest({ ...issuer }, about, authentication, refreshToken, options);
    const given = await lib.processRefreshTokenResponse({ ...issuer }, about, response);
    return tokensOf(given, { ...old, refreshToken }, nowMs);
  });
}

/** Tells the issuer that tokens are over (RFC 7009). Whether it said yes; never rejects. */
export async function revokeTokens(way: IssuerWay, tokens: Tokens): Promise<boolean> {
  const { issuer, client } = tokens;
  if (issuer.revocation_endpoint === undefined) return false;
  const lib = await import("oauth4webapi");
  try {
    for (const token of [tokens.refreshToken, tokens.accessToken]) {
      if (token === undefined) continue;
      const authentication = clientAuthentication(lib, client);
      const about = { client_id: client.id };
      const response = await lib.revocationRequest(
        { ...issuer },
        about,
        authentication,
        token,
        throughOutbound(lib, way),
      );
      await lib.processRevocationResponse(response);
    }
    return true;
  } catch {
    return false;
  }
}

/** Registers the gateway (RFC 7591). Rejects with `OAUTH_CONNECT_FAILED`. */
export async function registerClient(
  way: IssuerWay,
  issuer: Issuer,
  endpoint: string,
  redirectUri: string,
): Promise<OAuthClient> {
  const lib = await import("oauth4webapi");
  const methods = issuer.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const method = methods.includes("none") ? "none" : secretMethod(issuer);
  const metadata = {
    client_name: "Callgate",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: method,
    application_type: redirectUri.startsWith("https:") ? "web" : "native",
  };
  try {
    const as = { ...issuer, registration_endpoint: endpoint };
    const response = await lib.dynamicClientRegistrationRequest(as, metadata, throughOutbound(lib, way));
    const given = await lib.processDynamicClientRegistrationResponse(response);
    const { client_id: id, client_secret: secret, client_secret_expires_at: expires } = given;
    return {
      issuer: issuer.issuer,
      id,
      ...(typeof secret === "string" ? { secret } : {}),
      method: typeof secret !== "string" ? "none" : method === "none" ? secretMethod(issuer) : method,
      origin: "registered",
      redirectUri,
      ...(typeof expires === "number" && expires > 0 ? { secretExpiresMs: expires * 1000 } : {}),
    };
  } catch (error) {
    throw new AppError(
      "OAUTH_CONNECT_FAILED",
      `the authorization server did not register the gateway: ${reasonOf(error)}`,
    );
  }
}

/** Pure. How a client with a secret shows it (RFC 8414: basic when nothing is said). */
export function secretMethod({ token_endpoint_auth_methods_supported: methods }: Issuer): OAuthClient["method"] {
  return methods === undefined || methods.includes("client_secret_basic")
    ? "client_secret_basic"
    : "client_secret_post";
}

function clientAuthentication(lib: typeof oauth, { method, secret = "" }: OAuthClient): oauth.ClientAuth {
  switch (method) {
    case "none":
      return lib.None();
    case "client_secret_basic":
      return lib.ClientSecretBasic(secret);
    case "client_secret_post":
      return lib.ClientSecretPost(secret);
  }
}

/** Every request goes through {@link OutboundFetch}, which has its own say about plain http. */
function throughOutbound(
  lib: typeof oauth,
  { fetch, rules }: IssuerWay,
): {
  [lib.customFetch]: (
    url: string,
    request: oauth.CustomFetchOptions<string, URLSearchParams | string | undefined>,
  ) => Promise<Response>;
  [lib.allowInsecureRequests]: boolean;
} {
  return {
    [lib.allowInsecureRequests]: true,
    [lib.customFetch]: (url, { method, headers, body }) => {
      const fault = endpointFault(url, rules);
      if (fault !== undefined) throw new AppError("OAUTH_CONNECT_FAILED", fault);
      return fetch(url, {
        method: method === "POST" ? "POST" : "GET",
        headers,
        ...(body === undefined ? {} : { body: body.toString() }),
        allowPrivate: mayBePrivate(url, rules),
        wants: "body",
      });
    },
  };
}

function tokensOf(
  given: oauth.TokenEndpointResponse,
  known: Omit<Tokens, "accessToken" | "obtainedMs" | "expiresMs">,
  nowMs: number,
): Tokens {
  if (given.token_type !== "bearer" || !/^[\x21-\x7e]+$/.test(given.access_token)) {
    throw new AppError("OAUTH_CONNECT_FAILED", "its token is not one that a header can carry as a bearer token");
  }
  const { scope, resource, issuer, client } = known;
  const refreshToken = given.refresh_token ?? known.refreshToken;
  return {
    accessToken: given.access_token,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    obtainedMs: nowMs,
    ...(given.expires_in === undefined ? {} : { expiresMs: nowMs + lifetimeMs(given.expires_in) }),
    scope: given.scope ?? scope,
    resource,
    issuer,
    client,
  };
}

/** Whole, and not so long that no store keeps it: an issuer may say any number of seconds. */
function lifetimeMs(seconds: number): number {
  return Math.floor(Math.min(seconds, lifetimeSecondsMax) * 1_000);
}

async function asking(ask: (lib: typeof oauth) => Promise<Tokens>): Promise<TokenAnswer> {
  const lib = await import("oauth4webapi");
  try {
    return { kind: "given", tokens: await ask(lib) };
  } catch (error) {
    // RFC 6749 §5.2: a client that is not known is told so with a challenge, if it tried to authenticate by a header.
    const isChallenge = error instanceof lib.WWWAuthenticateChallengeError && error.status === 401;
    const code = isChallenge ? "invalid_client" : error instanceof lib.ResponseBodyError ? error.error : undefined;
    const isRefusal = error instanceof lib.AuthorizationResponseError || lastingRefusals.has(code ?? "");
    const problem = isChallenge ? "it answered `invalid_client`" : reasonOf(error);
    return isRefusal
      ? { kind: "refused", problem, isClientUnknown: code === "invalid_client" }
      : { kind: "failed", problem };
  }
}

/** RFC 6749 §5.2: what the same request will be answered with again. */
const lastingRefusals: ReadonlySet<string> = new Set([
  "invalid_grant",
  "invalid_client",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "invalid_target",
]);

/** Errors of the library hold tokens and codes in their causes: none of it is handed on. */
function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  if (!(error instanceof Error)) return "its answer cannot be read";
  // An OAuth error code as the issuer wrote it.
  const said = "error" in error && typeof error.error === "string" ? error.error : undefined;
  if (said !== undefined) return /^[a-z_]{1,60}$/.test(said) ? `it answered \`${said}\`` : "it refused";
  if (/"iss" \(issuer\)/.test(error.message)) return "its answer comes from another issuer, so nothing was sent to any";
  if (/"state"/.test(error.message)) return "its answer belongs to another request";
  return "its answer is not as it has to be";
}
