import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrowserSession, setUp, textOf } from "../kit/browser-session.ts";
import { openHttpLegacy } from "../kit/clients.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import {
  askedPage,
  consent,
  obtainTokens,
  policyFields,
  plainClient,
  plainRedirect,
  readTokens,
  register,
  registerPlain,
  step,
} from "../kit/oauth-client.ts";
import { closeAll } from "../kit/opened.ts";
import { startTrustedSite, type TrustedSite } from "../kit/trusted-site.ts";

const policies = {
  generous: { version: "1", default: "allow" },
  careful: { version: "1", default: "deny", tools: { safe: {} } },
};
const choice = { echo: "generous" };

let gateway: ServeGateway;
let ada: BrowserSession;
let site: TrustedSite;

/** Documents that clients describe themselves with, at `/NAME`. */
const documents: Record<string, { readonly status: number; readonly body: string; readonly location?: string }> = {};

beforeAll(async () => {
  site = await startTrustedSite((req, res) => {
    const found = documents[(req.url ?? "").slice(1)] ?? { status: 404, body: "" };
    const location = "location" in found ? { location: found.location ?? "" } : {};
    res.writeHead(found.status, { "content-type": "application/json", ...location }).end(found.body);
  });
  gateway = await startServe({
    policies,
    grants: {},
    servers: { echo: [], other: [] },
    settings: { allow: { private_addresses: true } },
    env: site.env,
  });
  ada = await setUp(gateway);
});

afterAll(closeAll);

function describeClient(name: string, more: object = {}): string {
  const id = `${site.origin}/${name}`;
  const redirects = { redirect_uris: [plainRedirect], token_endpoint_auth_method: "none" };
  documents[name] = { status: 200, body: JSON.stringify({ client_id: id, client_name: name, ...redirects, ...more }) };
  return id;
}

async function statusAt(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  });
  await response.text();
  return response.status;
}

/** Whatever a case does, no byte reaches a server by it. */
async function withoutAByte<T>(act: () => Promise<T>): Promise<T> {
  const before = [gateway.spy("echo").size(), gateway.spy("other").size()];
  const result = await act();
  expect([gateway.spy("echo").size(), gateway.spy("other").size()]).toEqual(before);
  return result;
}

describe("a redirect address", () => {
  const refused: readonly string[] = [
    "http://127.0.0.1:4567/callback/more",
    "http://127.0.0.1:4567/callback/",
    "http://user@127.0.0.1:4567/callback",
    "http://127.0.0.1:4567/callback#fragment",
    "http://127.0.0.1:4567/callback?extra=1",
    "https://127.0.0.1:4567/callback",
    "http://127.0.0.2:4567/callback",
    "http://localhost:4567/callback",
    "http://evil.example/callback",
    "http://127.0.0.1.evil.example/callback",
    "javascript:alert(1)",
    "",
  ];
  it.each(refused)(
    "[B186] that is %s instead of the registered one is refused, and nobody is sent there",
    async (uri) => {
      const client = await registerPlain(gateway.origin, gateway.url());
      const answer = await withoutAByte(() => step(ada, client.authorizeUrl({ redirect_uri: uri })));
      expect(answer.status).toBe(400);
      expect(answer.next).toBeUndefined();
      expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    },
  );

  it("[B186] to this machine may have another port: programs take a free one", async () => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const answer = await step(ada, client.authorizeUrl({ redirect_uri: "http://127.0.0.1:9/callback" }));
    expect(answer.next).toContain("/oauth/consent/");
  });

  const unregistrable: readonly string[] = [
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "about:blank",
    "blob:http://x/1",
    "custom:/callback",
    "http://example.com/callback",
    "https://localhost/callback",
    "https://user:pass@example.com/callback",
    "https://example.com/callback#x",
    "https://example.com\\@evil.example/callback",
    "https://example.com/call back",
    "/callback",
    "",
  ];
  it.each(unregistrable)("[B186] %s cannot be registered", async (uri) => {
    const { status } = await register(gateway.origin, { client_name: "x", redirect_uris: [uri] });
    expect(status).toBe(400);
  });

  it("is not registered with more than anybody needs", async () => {
    const metadata = { client_name: "x", redirect_uris: [plainRedirect], contacts: ["a".repeat(20_000)] };
    expect((await register(gateway.origin, metadata)).status).toBe(400);
    const many = Array.from({ length: 21 }, (_, index) => `https://example.com/${index}`);
    expect((await register(gateway.origin, { client_name: "x", redirect_uris: many })).status).toBe(400);
    const client = await registerPlain(gateway.origin, gateway.url());
    expect((await step(ada, client.authorizeUrl({ state: "s".repeat(7_000) }))).status).toBe(400);
  });

  it.each(["cursor://anysphere.cursor-mcp/callback", "com.example.app:/callback", "https://example.com/callback"])(
    "that is %s can be registered",
    async (uri) => {
      expect((await register(gateway.origin, { client_name: "x", redirect_uris: [uri] })).status).toBe(201);
    },
  );
});

describe("a code", () => {
  it("[B188] is good once: when it comes again, what it gave is taken back", async () => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const back = await consent(ada, client.authorizeUrl(), choice);
    const code = back.searchParams.get("code") ?? "";
    const { access, refresh } = readTokens(await client.trade(code));
    expect(await statusAt(gateway.url(), { authorization: `Bearer ${access}` })).toBe(200);
    expect((await client.trade(code)).status).toBe(400);
    await withoutAByte(async () => {
      expect(await statusAt(gateway.url(), { authorization: `Bearer ${access}` })).toBe(401);
    });
    expect((await client.token({ grant_type: "refresh_token", refresh_token: refresh })).status).toBe(400);
  });

  it("[B188] is good once also for two who come at the same time", async () => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const back = await consent(ada, client.authorizeUrl(), choice);
    const code = back.searchParams.get("code") ?? "";
    expect(code).not.toBe("");
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.trade(code)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    for (const { status, body } of answers) if (status !== 200) expect(body).toMatchObject({ error: "invalid_grant" });
    const tokens = answers.flatMap(({ body }) =>
      typeof body["access_token"] === "string" ? [body["access_token"]] : [],
    );
    for (const token of tokens) expect(await statusAt(gateway.url(), { authorization: `Bearer ${token}` })).toBe(401);
  });

  const weak: readonly (readonly [name: string, changes: Readonly<Record<string, string | undefined>>])[] = [
    ["no challenge", { code_challenge: undefined, code_challenge_method: undefined }],
    ["a plain challenge", { code_challenge: "v".repeat(43), code_challenge_method: "plain" }],
    ["a challenge without its method", { code_challenge_method: undefined }],
    ["the implicit flow", { response_type: "token" }],
    ["an ID token", { response_type: "id_token", nonce: "n" }],
    ["a hybrid flow", { response_type: "code token" }],
    ["another resource", { resource: "https://elsewhere.example/mcp" }],
    ["a request object", { request: "eyJhbGciOiJub25lIn0.e30." }],
    ["an answer by form", { response_mode: "form_post" }],
    ["an answer in the fragment", { response_mode: "fragment" }],
  ];
  it.each(weak)("[B188] is given to no request with %s", async (_, changes) => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const answer = await step(ada, client.authorizeUrl(changes));
    expect(answer.next ?? "").not.toContain("/oauth/consent/");
    expect(answer.next ?? "").not.toMatch(/[?&#]code=/);
    expect([303, 400]).toContain(answer.status);
  });

  const trades: readonly (readonly [name: string, changes: Readonly<Record<string, string>>])[] = [
    ["no verifier", { code_verifier: "" }],
    ["another verifier", { code_verifier: "w".repeat(43) }],
    ["another redirect", { redirect_uri: "http://127.0.0.1:4567/other" }],
    ["another client", { client_id: "client_of-somebody-else" }],
    ["another resource", { resource: "https://elsewhere.example/mcp" }],
  ];
  it.each(trades)("[B188] gives nothing for %s", async (_, changes) => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const back = await consent(ada, client.authorizeUrl(), choice);
    const { status, body } = await client.trade(back.searchParams.get("code") ?? "", changes);
    expect([400, 401]).toContain(status);
    expect(body["access_token"]).toBeUndefined();
  });
});

describe("an access token", () => {
  it("[B176] of one address opens no other", async () => {
    const client = await registerPlain(gateway.origin, gateway.url("echo"));
    const { access, refresh } = await obtainTokens(ada, client, choice);
    const authorization = `Bearer ${access}`;
    expect(await statusAt(gateway.url("echo"), { authorization })).toBe(200);
    await withoutAByte(async () => {
      expect(await statusAt(gateway.url("other"), { authorization })).toBe(401);
      expect(await statusAt(gateway.everyUrl, { authorization })).toBe(401);
      expect(await statusAt(gateway.url("echo"), { authorization: `Bearer ${refresh}` })).toBe(401);
    });
  });

  it("[B169] that is not exactly as it was given is unknown", async () => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const { access } = await obtainTokens(ada, client, choice);
    const other = access.endsWith("A") ? "B" : "A";
    const swapped = Array.from(access, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    await withoutAByte(async () => {
      for (const near of [access.slice(1), `${access}A`, access.slice(0, -1) + other, swapped.join("")]) {
        expect(await statusAt(gateway.url(), { authorization: `Bearer ${near}` })).toBe(401);
      }
    });
  });

  it("[B178] opens nothing of the administration, and a person's session no server", async () => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const { access } = await obtainTokens(ada, client, choice);
    const answer = await fetch(`${gateway.origin}/api/v1/servers`, { headers: { authorization: `Bearer ${access}` } });
    expect([401, 403]).toContain(answer.status);
    await withoutAByte(async () => {
      const { status } = await step(ada, gateway.url(), { any: "thing" });
      expect([401, 415]).toContain(status);
    });
  });

  it("[B166] that is made up costs no more than a look, however many come", async () => {
    await withoutAByte(async () => {
      const made = Array.from({ length: 1_500 }, (_, index) => String(index).padStart(43, "x"));
      const statuses = await Promise.all(
        made.map((token) => statusAt(gateway.url(), { authorization: `Bearer ${token}` })),
      );
      expect(new Set(statuses)).toEqual(new Set([401]));
    });
  });
});

describe("what a client says of itself", () => {
  it("[B181] gives it no more than its grant: neither scopes in the handshake nor in `_meta` nor at the token endpoint", async () => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const back = await consent(ada, client.authorizeUrl({ scope: "mcp admin *" }), { echo: "careful" });
    const { body } = await client.trade(back.searchParams.get("code") ?? "", { scope: "admin" });
    expect(body["scope"]).toBe("mcp");
    const { access } = readTokens({ status: 200, body });
    const agent = await openHttpLegacy(gateway.url(), access);
    await agent.call("safe");
    const claims = { scope: "admin", scopes: ["*"], permissions: ["evil"] };
    await withoutAByte(async () => {
      const answer = await agent.request("tools/call", { name: "evil", arguments: {}, _meta: claims });
      expect(answer.result?.["isError"]).toBe(true);
    });
  });
});

describe("a refresh token", () => {
  it("[B188] that comes twice ends the whole authorization", async () => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const first = await obtainTokens(ada, client, choice);
    const refresh = (token: string) => client.token({ grant_type: "refresh_token", refresh_token: token });
    const second = readTokens(await refresh(first.refresh));
    expect((await refresh(first.refresh)).status).toBe(400);
    expect((await refresh(second.refresh)).status).toBe(400);
    for (const { access } of [first, second]) {
      expect(await statusAt(gateway.url(), { authorization: `Bearer ${access}` })).toBe(401);
    }
  });

  it("[B176] of one client is nothing in the hands of another", async () => {
    const client = await registerPlain(gateway.origin, gateway.url());
    const { access, refresh } = await obtainTokens(ada, client, choice);
    const other = await registerPlain(gateway.origin, gateway.url());
    expect((await other.token({ grant_type: "refresh_token", refresh_token: refresh })).status).toBe(400);
    await other.revoke(refresh);
    expect(await statusAt(gateway.url(), { authorization: `Bearer ${access}` })).toBe(200);
  });
});

describe("consent", () => {
  const siteRedirect = "https://client.example/callback";
  const isAsked = async (url: string): Promise<boolean> => {
    const { text } = await askedPage(ada, url);
    return text.includes('name="decision"');
  };

  it("[B192] is remembered for the same client, redirect and resource, and for nothing else", async () => {
    const client = await registerPlain(gateway.origin, gateway.url("echo"), siteRedirect);
    await obtainTokens(ada, client, choice);
    expect(await isAsked(client.authorizeUrl())).toBe(false);
    expect(await isAsked(client.authorizeUrl({ prompt: "consent" }))).toBe(true);
    expect(await isAsked(client.authorizeUrl({ resource: gateway.url("other") }))).toBe(true);
    expect(await isAsked(client.authorizeUrl({ resource: gateway.everyUrl }))).toBe(true);
    const twin = await registerPlain(gateway.origin, gateway.url("echo"), siteRedirect);
    expect(await isAsked(twin.authorizeUrl())).toBe(true);
  });

  it("[B192] to a program on the person's machine is asked for each time: any of them could have asked", async () => {
    const client = await registerPlain(gateway.origin, gateway.url("echo"));
    await obtainTokens(ada, client, choice);
    expect(await isAsked(client.authorizeUrl())).toBe(true);
  });

  it("that is not given leaves nothing behind", async () => {
    const client = await registerPlain(gateway.origin, gateway.url("echo"));
    const back = await consent(ada, client.authorizeUrl(), choice, "deny");
    expect(back.searchParams.get("error")).toBe("access_denied");
    expect(back.searchParams.get("code")).toBeNull();
  });

  it("to what is not on offer gives nothing", async () => {
    const client = await registerPlain(gateway.origin, gateway.url("echo"));
    for (const wrong of [{ other: "generous" }, { echo: "no-such-policy" }, {}]) {
      const { at } = await askedPage(ada, client.authorizeUrl());
      const { status, next } = await step(ada, at, { decision: "allow", ...policyFields(wrong) });
      expect(status).toBe(400);
      expect(next).toBeUndefined();
    }
  });

  it("needs the page's own token and origin", async () => {
    const client = await registerPlain(gateway.origin, gateway.url("echo"));
    const { at } = await askedPage(ada, client.authorizeUrl());
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const body = new URLSearchParams({ csrf: "guessed", decision: "allow", ...policyFields(choice) });
    const { status } = await fetch(at, { method: "POST", headers: { cookie, origin: gateway.origin }, body });
    expect(status).toBe(403);
  });

  it("shows what a client calls itself as text", async () => {
    const { body } = await register(gateway.origin, {
      client_name: "<script>alert(1)</script>",
      redirect_uris: [plainRedirect],
    });
    const client = plainClient(gateway.origin, gateway.url(), textOf(body, "client_id"), plainRedirect);
    const shown = await askedPage(ada, client.authorizeUrl());
    expect(shown.text).not.toContain("<script");
    expect(shown.text).toContain("&lt;script&gt;");
  });
});

describe("a client that describes itself in a document", () => {
  it("is shown with the host of its document", async () => {
    const client = plainClient(gateway.origin, gateway.url(), describeClient("notes"), plainRedirect);
    const shown = await askedPage(ada, client.authorizeUrl());
    expect(shown.text).toContain(`described by a document at <strong>${new URL(site.origin).host}</strong>`);
    const { access } = await obtainTokens(ada, client, choice);
    expect(await statusAt(gateway.url(), { authorization: `Bearer ${access}` })).toBe(200);
  });

  const bad: readonly (readonly [name: string, prepare: () => string])[] = [
    ["that is too long", () => describeClient("long", { client_uri: `https://localhost/${"x".repeat(20_000)}` })],
    ["of another client", () => describeClient("stolen", { client_id: "https://localhost/other" })],
    ["that is not there", () => `${site.origin}/missing`],
    ["with a secret", () => describeClient("secret", { client_secret: "s" })],
    ["with a hostile redirect", () => describeClient("hostile", { redirect_uris: ["javascript:alert(1)"] })],
    [
      "that redirects",
      () => {
        documents["moved"] = { status: 302, body: "", location: describeClient("target") };
        return `${site.origin}/moved`;
      },
    ],
    [
      "that is no JSON",
      () => {
        documents["broken"] = { status: 200, body: "<html>" };
        return `${site.origin}/broken`;
      },
    ],
    ["over http", () => describeClient("plain").replace("https:", "http:")],
  ];
  it.each(bad)("[B346] %s is refused", async (_, prepare) => {
    const client = plainClient(gateway.origin, gateway.url(), prepare(), plainRedirect);
    const { status, next } = await step(ada, client.authorizeUrl());
    expect(status).toBe(400);
    expect(next).toBeUndefined();
  });

  it("[B346] at an address that is not public is not fetched, unless the operator allows such addresses", async () => {
    const strict = await startServe({ policies, grants: {}, env: site.env });
    const person = await setUp(strict);
    const client = plainClient(strict.origin, strict.url(), describeClient("near"), plainRedirect);
    expect((await step(person, client.authorizeUrl())).status).toBe(400);
  });
});

describe("what nobody should have to rely on", () => {
  it("[B194] a fault while a token is looked for is no principal", async () => {
    const broken = await startServe({ policies, grants: {} });
    const person = await setUp(broken);
    const client = await registerPlain(broken.origin, broken.url());
    const { access, refresh } = await obtainTokens(person, client, choice);
    const db = new DatabaseSync(join(broken.folder, "callgate.sqlite"));
    db.exec("DROP TABLE oauth_objects");
    db.close();
    expect(await statusAt(broken.url(), { authorization: `Bearer ${access}` })).toBe(401);
    const answer = await client.token({ grant_type: "refresh_token", refresh_token: refresh });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body["access_token"]).toBeUndefined();
    expect(broken.spy().size()).toBe(0);
  });
});
