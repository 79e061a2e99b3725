import { describe, expect, it } from "vitest";
import { createOpenIdClient } from "./openid-client.ts";
import type { OpenIdProvider } from "./openid-provider.ts";

const provider: OpenIdProvider = {
  issuer: "https://login.example.com",
  clientId: "callgate",
  clientSecret: undefined,
  scopes: ["openid"],
  groupsClaim: "groups",
  roles: new Map(),
  defaultRole: "viewer",
  isPrivate: false,
  title: "Login",
};

const flow = { state: "state", nonce: "nonce", verifier: "v".repeat(43) };
const returned = new URL("https://gateway.example.com/return?code=c&state=state");

/** What a provider says of itself, and every address that it makes the gateway ask. */
function network(metadata: Readonly<Record<string, unknown>>): {
  readonly asked: string[];
  readonly client: ReturnType<typeof createOpenIdClient>;
} {
  const asked: string[] = [];
  const client = createOpenIdClient(async (url) => {
    asked.push(url);
    return Response.json({ issuer: provider.issuer, ...metadata });
  });
  return { asked, client };
}

const page = "https://login.example.com/authorize";

describe("the client of an OpenID provider", () => {
  it.each(["javascript:alert(1)", "data:text/html,x", "http://login.example.com/authorize", "file:///etc/passwd"])(
    "[B385] sends nobody to %s",
    async (authorization_endpoint) => {
      const { client } = network({ authorization_endpoint });
      await expect(client.begin(provider, returned.href)).rejects.toMatchObject({ code: "SIGN_IN_FAILED" });
    },
  );

  it.each([
    "http://login.example.com/token",
    "https://169.254.169.254/token",
    "https://localhost/token",
    "https://[::1]/token",
  ])("does not ask %s, which a provider may not name", async (token_endpoint) => {
    const { client, asked } = network({ authorization_endpoint: page, token_endpoint });
    await expect(client.finish(provider, returned, flow)).rejects.toMatchObject({ code: "SIGN_IN_FAILED" });
    expect(asked).toEqual(["https://login.example.com/.well-known/openid-configuration"]);
  });

  it("takes no word of another issuer than the one it asked", async () => {
    const { client } = network({ issuer: "https://evil.example", authorization_endpoint: page });
    await expect(client.begin(provider, returned.href)).rejects.toMatchObject({ code: "SIGN_IN_FAILED" });
  });

  it("begins each sign-in with a state, a nonce and a verifier of its own", async () => {
    const { client, asked } = network({ authorization_endpoint: page });
    const flows = [await client.begin(provider, returned.href), await client.begin(provider, returned.href)];
    const secrets = flows.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier]);
    expect(new Set(secrets).size).toBe(6);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
    for (const { url, verifier } of flows) expect(url).not.toContain(verifier);
    expect(asked).toHaveLength(1);
  });
});
