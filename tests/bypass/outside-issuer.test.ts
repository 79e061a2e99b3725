import { createHmac, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { exportJWK, exportSPKI, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHttpLegacy } from "../kit/clients.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { startTrustedSite, type TrustedSite } from "../kit/trusted-site.ts";

const policies = {
  limited: {
    version: "1",
    default: "deny",
    tools: { safe: { limits: [{ counter: "two", max: 2, window: "1h" }] } },
  },
  generous: { version: "1", default: "allow" },
  nothing: { version: "1", default: "deny" },
};

let site: TrustedSite;
let gateway: ServeGateway;
let key: KeyObject;
let publicKey: KeyObject;
let keySetRequests = 0;
let isDown = false;
const kid = "first";

beforeAll(async () => {
  ({ privateKey: key, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 }));
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" };
  site = await startTrustedSite((req, res) => {
    const send = (value: unknown): void => {
      res.writeHead(isDown ? 503 : 200, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (req.url === "/.well-known/openid-configuration") {
      return send({ issuer: site.origin, jwks_uri: `${site.origin}/keys` });
    }
    keySetRequests += 1;
    send({ keys: [jwk] });
  });
  gateway = await startServe({
    policies,
    grants: { shared: { servers: { echo: "generous" } } },
    env: site.env,
    settings: {
      oauth: {
        issuer: site.origin,
        grants: [
          { when: { groups: "robots" }, grant: "shared" },
          { when: { groups: ["engineering", "research"] }, servers: { echo: "limited" }, label: "name" },
          { when: { groups: "guests" }, servers: { echo: "nothing" } },
        ],
      },
    },
  });
});

afterAll(closeAll);

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

/** A token that is good, but for what is changed. A claim of undefined is left out. */
async function sign(
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
  signer: KeyObject | Uint8Array = key,
): Promise<string> {
  const all = {
    iss: site.origin,
    sub: "person-1",
    aud: gateway.url(),
    exp: nowSeconds() + 300,
    jti: randomUUID(),
    groups: ["engineering"],
    email: "kim@example.com",
    name: "Kim",
    ...claims,
  };
  const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(kept).setProtectedHeader({ alg: "RS256", kid, typ: "at+jwt", ...header }).sign(signer);
}

/** A token signed by hand, for what a library does not sign. */
function compose(header: object, claims: object, signer: (input: string) => string): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${input}.${signer(input)}`;
}

async function statusOf(token: string, url = gateway.url()): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  });
  await response.text();
  return response.status;
}

const claimsNow = (): object => ({
  iss: site.origin,
  sub: "person-1",
  aud: gateway.url(),
  exp: nowSeconds() + 300,
  groups: ["engineering"],
});

describe("a token of an outside issuer", () => {
  it("is named in the resource's metadata, and the gateway issues none itself", async () => {
    const metadata = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcp/echo`);
    expect(await metadata.json()).toMatchObject({ resource: gateway.url(), authorization_servers: [site.origin] });
    expect((await fetch(`${gateway.origin}/.well-known/oauth-authorization-server`)).status).toBe(404);
    expect((await fetch(`${gateway.origin}/oauth/register`, { method: "POST", body: "{}" })).status).toBe(404);
  });

  it("opens what its claims say, and limits hold for the person, whatever token they come with", async () => {
    const first = await openHttpLegacy(gateway.url(), await sign());
    const second = await openHttpLegacy(gateway.url(), await sign());
    const other = await openHttpLegacy(gateway.url(), await sign({ sub: "person-2", email: "lee@example.com" }));
    const outcomes = [];
    for (const client of [first, second, first, other]) outcomes.push(await client.call("safe"));
    expect(outcomes.map(({ result }) => result?.["isError"] ?? false)).toEqual([false, false, true, false]);
    const calls = gateway.rows.calls();
    expect(new Set(calls.map(({ grant }) => grant.owner))).toEqual(new Set(["kim@example.com", "lee@example.com"]));
    expect(new Set(calls.map(({ grant }) => grant.id)).size).toBe(2);
  });

  it("of one person that gives less is not judged by what their other token gives, nor the other way round", async () => {
    const both = { sub: "person-3" };
    const guest = await openHttpLegacy(gateway.url(), await sign({ ...both, groups: ["guests"] }));
    expect((await guest.call("safe")).decision).toMatchObject({ outcome: "deny" });
    const engineer = await openHttpLegacy(gateway.url(), await sign({ ...both, groups: ["engineering"] }));
    expect((await engineer.call("safe")).isError).toBe(false);
    expect((await guest.call("safe")).decision).toMatchObject({ outcome: "deny" });
    expect((await engineer.call("safe")).isError).toBe(false);
  });

  it("may stand for a grant that is there already", async () => {
    const client = await openHttpLegacy(gateway.url(), await sign({ groups: "robots", sub: "robot-1" }));
    await client.call("safe");
    expect(gateway.rows.calls().at(-1)).toMatchObject({ grant: { id: "shared" } });
  });

  it("for one server opens no other address", async () => {
    expect(await statusOf(await sign(), gateway.everyUrl)).toBe(401);
    expect(await statusOf(await sign({ aud: gateway.everyUrl }), gateway.everyUrl)).toBe(200);
    expect(await statusOf(await sign({ aud: ["https://elsewhere.example", gateway.url()] }))).toBe(200);
  });

  const refused: readonly (readonly [row: string, name: string, make: () => Promise<string> | string])[] = [
    ["B173", "`alg: none`", () => compose({ alg: "none", typ: "at+jwt" }, claimsNow(), () => "")],
    [
      "B173",
      "HS256 signed with the public key",
      async () => {
        const secret = await exportSPKI(
          await crypto.subtle.importKey(
            "spki",
            publicKey.export({ type: "spki", format: "der" }),
            { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
            true,
            ["verify"],
          ),
        );
        return compose({ alg: "HS256", kid, typ: "at+jwt" }, claimsNow(), (input) =>
          createHmac("sha256", secret).update(input).digest("base64url"),
        );
      },
    ],
    ["B173", "another key", () => sign({}, {}, generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey)],
    ["B174", "another issuer", () => sign({ iss: "https://login.evil.example" })],
    ["B174", "an issuer with a slash more", () => sign({ iss: `${site.origin}/` })],
    ["B174", "another audience", () => sign({ aud: "https://elsewhere.example/mcp/echo" })],
    ["B174", "no audience", () => sign({ aud: undefined })],
    ["B174", "no expiry", () => sign({ exp: undefined })],
    ["B174", "an expiry that is a text", () => sign({ exp: String(nowSeconds() + 300) })],
    ["B174", "an expiry that is over", () => sign({ exp: nowSeconds() - 60 })],
    ["B174", "a time before which it is not good", () => sign({ nbf: nowSeconds() + 60 })],
    ["B174", "no subject", () => sign({ sub: undefined })],
    [
      "B174",
      "a critical extension that nobody knows",
      () =>
        sign({}, { crit: ["urn:x"], "urn:x": true }).catch(() =>
          compose({ alg: "RS256", kid, typ: "at+jwt", crit: ["urn:x"], "urn:x": true }, claimsNow(), () => "AAAA"),
        ),
    ],
    ["B176", "the type of an ID token", () => sign({}, { typ: "JWT" })],
    ["B176", "no type", () => sign({}, { typ: undefined })],
    ["B176", "claims that no rule fits", () => sign({ groups: ["sales"] })],
    ["B176", "a claim that only looks alike", () => sign({ groups: "Engineering" })],
    ["B177", "a key that nobody knows", () => sign({}, { kid: "unknown" })],
    ["B177", "a key's address of its own", () => sign({}, { kid: "unknown", jku: "https://evil.example/keys" })],
  ];
  it.each(refused)("[%s] with %s opens nothing", async (_, __, make) => {
    const before = gateway.spy().size();
    expect(await statusOf(await make())).toBe(401);
    expect(gateway.spy().size()).toBe(before);
  });

  it("[B177] has keys fetched again once a minute at most, and uses the last ones while their server is down", async () => {
    await statusOf(await sign({}, { kid: "unknown-0" }));
    const before = keySetRequests;
    isDown = true;
    const flood = Array.from({ length: 40 }, (_, index) => sign({}, { kid: `made-up-${index}` }));
    const statuses = await Promise.all((await Promise.all(flood)).map((token) => statusOf(token)));
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(keySetRequests - before).toBeLessThanOrEqual(1);
    expect(await statusOf(await sign())).toBe(200);
    isDown = false;
  });
});
