import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Provider } from "oidc-provider";
import { closeLater } from "../kit/opened.ts";

/** A person at the provider. */
export interface ProviderPerson {
  readonly email: string;
  readonly emailVerified?: boolean;
  readonly name?: string;
  readonly groups?: string | readonly string[];
}

/**
 * A running OpenID provider (oidc-provider) over plain http, where whoever comes says who they are. To a browser,
 * `localhost` is another site than the `127.0.0.1` of gateways.
 */
export interface TestProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** By `sub`; may be changed while it runs. */
  readonly people: Map<string, ProviderPerson>;
}

/**
 * Starts a provider that knows one client, with one redirect URI. Its page to sign in on has a link for each person.
 * `claimsIn`: where groups and address stand. Ended by `closeAll`.
 */
export async function startOpenIdProvider(
  redirectUri: string,
  claimsIn: "id_token" | "userinfo" = "id_token",
): Promise<TestProvider> {
  const people = new Map<string, ProviderPerson>();
  const client = { client_id: "callgate", client_secret: randomBytes(24).toString("base64url") };
  const server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  closeLater(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const issuer = `http://localhost:${typeof address === "object" ? address?.port : ""}`;
  const provider = new Provider(issuer, {
    clients: [
      { ...client, redirect_uris: [redirectUri], grant_types: ["authorization_code"], response_types: ["code"] },
    ],
    cookies: { keys: [randomBytes(16).toString("hex")] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    scopes: ["openid", "email", "profile", "groups"],
    conformIdTokenClaims: claimsIn === "userinfo",
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => {
      const person = people.get(sub);
      if (person === undefined) return undefined;
      const { emailVerified: email_verified, ...claims } = person;
      const groups = typeof claims.groups === "string" ? claims.groups : [...(claims.groups ?? [])];
      return { accountId: sub, claims: () => ({ ...claims, sub, email_verified, groups }) };
    },
    loadExistingGrant: async (ctx) => {
      const { client: known, session } = ctx.oidc;
      const grant = new provider.Grant({ clientId: known?.clientId, accountId: session?.accountId });
      grant.addOIDCScope("openid email profile groups");
      await grant.save();
      return grant;
    },
  });
  const handle = provider.callback();

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? "", issuer);
    if (!url.pathname.startsWith("/interaction/")) return handle(req, res);
    const accountId = url.searchParams.get("as");
    if (accountId !== null) return provider.interactionFinished(req, res, { login: { accountId } });
    const links = [...people.keys()].map((sub) => `<p><a href="${url.pathname}?as=${sub}">${sub}</a></p>`);
    res.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(links.join(""));
  }
  return { issuer, clientId: client.client_id, clientSecret: client.client_secret, people };
}
