import type * as openId from "openid-client";
import { z } from "zod";
import { AppError } from "../errors.ts";
import { outboundUrlFault } from "../values/public-address.ts";
import { includesRole, type Role } from "../values/roles.ts";
import type { Secret } from "../vault/secret.ts";
import type { OpenIdPerson, OpenIdProvider } from "./openid-provider.ts";

/** One request to the provider: no redirect is followed, addresses are checked as they are connected to. */
export type ProviderFetch = (
  url: string,
  request: {
    readonly method: "GET" | "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly allowPrivate: boolean;
    readonly wants: "body";
  },
) => Promise<Response>;

/** A sign-in that has begun: what its end is checked against, and where the browser goes. */
export interface OpenIdFlow {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Signs people in at an OpenID provider (OpenID Connect Core 1.0 §3.1, with PKCE, RFC 7636). */
export interface OpenIdClient {
  /** Begins a sign-in. Rejects with `SIGN_IN_FAILED`. */
  begin(provider: OpenIdProvider, redirectUri: string): Promise<OpenIdFlow>;
  /**
   * Who signed in, once the browser is back at `returned`, the redirect URI with what the provider added. State, nonce,
   * issuer (RFC 9207), signature and audience are checked. Rejects with `SIGN_IN_FAILED`.
   */
  finish(provider: OpenIdProvider, returned: URL, flow: Omit<OpenIdFlow, "url">): Promise<OpenIdPerson>;
}

type Library = typeof openId;

/** A client for one provider at a time; what the provider says of itself is kept until the settings change. */
export function createOpenIdClient(fetch: ProviderFetch): OpenIdClient {
  let known: { readonly provider: OpenIdProvider; readonly configuration: openId.Configuration } | undefined;

  const configurationOf = async (library: Library, provider: OpenIdProvider): Promise<openId.Configuration> => {
    if (known?.provider === provider) return known.configuration;
    const configuration = await discover(library, provider, fetch);
    known = { provider, configuration };
    return configuration;
  };
  return {
    begin: (provider, redirectUri) =>
      withLibrary(async (library) => {
        const configuration = await configurationOf(library, provider);
        const [state, nonce, verifier] = [
          library.randomState(),
          library.randomNonce(),
          library.randomPKCECodeVerifier(),
        ];
        const url = library.buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: provider.scopes.join(" "),
          code_challenge: await library.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
          state,
          nonce,
        });
        return { url: url.href, state, nonce, verifier };
      }),
    finish: (provider, returned, { state, nonce, verifier }) =>
      withLibrary(async (library) => {
        const configuration = await configurationOf(library, provider);
        const tokens = await library.authorizationCodeGrant(configuration, returned, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new AppError("SIGN_IN_FAILED", "the provider named nobody");
        const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
        const more =
          endpoint === undefined ? {} : await library.fetchUserInfo(configuration, tokens.access_token, claims.sub);
        return personOf(provider, claims.sub, { ...more, ...claims });
      }),
  };
}

async function discover(
  library: Library,
  { issuer, clientId, clientSecret, isPrivate }: OpenIdProvider,
  fetch: ProviderFetch,
): Promise<openId.Configuration> {
  const through: openId.CustomFetch = (url, { method, headers, body }) => {
    const fault = isPrivate || url.startsWith("https:") ? outboundUrlFault(url, isPrivate) : "it is not https";
    if (fault !== undefined)
      throw new AppError("SIGN_IN_FAILED", `an address of the provider cannot be used: ${fault}`);
    return fetch(url, {
      method: method === "POST" ? "POST" : "GET",
      headers,
      ...(typeof body === "string" || body instanceof URLSearchParams ? { body: body.toString() } : {}),
      allowPrivate: isPrivate,
      wants: "body",
    });
  };
  const configuration = await library.discovery(new URL(issuer), clientId, {}, authentication(library, clientSecret), {
    [library.customFetch]: through,
    // The ID token's signature is checked too, not only the connection that it came by.
    execute: [library.enableNonRepudiationChecks, ...(isPrivate ? [library.allowInsecureRequests] : [])],
  });
  const { authorization_endpoint: page = "" } = configuration.serverMetadata();
  if (page.startsWith("https:") || (isPrivate && page.startsWith("http:"))) return configuration;
  throw new AppError("SIGN_IN_FAILED", "the provider names no page to sign in on over https");
}

/** The client's own name and secret, as the provider takes them (OpenID Connect Discovery 1.0 §3: basic when it does not say). */
function authentication(library: Library, secret: Secret | undefined): openId.ClientAuth {
  if (secret === undefined) return library.None();
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const method = methods.includes("client_secret_basic") ? library.ClientSecretBasic : library.ClientSecretPost;
    method(secret.reveal())(server, client, body, headers);
  };
}

const claimsSchema = z.object({
  email: z.string().optional().catch(undefined),
  // Some providers write it as a text, which says nothing here.
  email_verified: z.boolean().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
});

function personOf(provider: OpenIdProvider, sub: string, claims: Readonly<Record<string, unknown>>): OpenIdPerson {
  const { data } = claimsSchema.safeParse(claims);
  if (data?.email === undefined) {
    const message =
      "the provider says no e-mail address: the operator may have to add a scope to `sign_in.oidc.scopes`";
    throw new AppError("SIGN_IN_FAILED", message);
  }
  return {
    subject: `${provider.issuer} ${sub}`,
    email: data.email,
    isEmailVerified: data.email_verified,
    name: data.name ?? data.email,
    role: roleOf(provider, claims[provider.groupsClaim]),
  };
}

/** Pure. The greatest role of a person's groups. */
function roleOf({ roles, defaultRole }: OpenIdProvider, groups: unknown): Role | undefined {
  const named: readonly unknown[] = Array.isArray(groups) ? groups : [groups];
  return named
    .flatMap((group) => (typeof group === "string" ? (roles.get(group) ?? []) : []))
    .reduce<Role | undefined>(
      (best, role) => (best !== undefined && includesRole(best, role) ? best : role),
      defaultRole,
    );
}

/** Runs with the library; its errors can hold tokens and codes, so that nothing of them is handed on. */
async function withLibrary<T>(run: (library: Library) => Promise<T>): Promise<T> {
  try {
    return await run(await import("openid-client"));
  } catch (error) {
    if (error instanceof AppError && error.code === "SIGN_IN_FAILED") throw error;
    throw new AppError("SIGN_IN_FAILED", `signing in at the provider failed: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  if (!(error instanceof Error)) return "its answer cannot be read";
  // An OAuth error code as the provider wrote it (RFC 6749 §4.1.2.1, §5.2).
  const said = "error" in error && typeof error.error === "string" ? error.error : undefined;
  if (said !== undefined) return /^[a-z_]{1,60}$/.test(said) ? `it answered \`${said}\`` : "it refused";
  const { cause } = error;
  if (cause instanceof AppError) return cause.message;
  return "its answer is not as it has to be";
}
