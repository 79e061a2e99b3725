import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askApi, type BrowserSession, join, openBrowser, password, setUp, textOf } from "../kit/browser-session.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import {
  askedPage,
  consent,
  obtainTokens,
  plainClient,
  plainRedirect,
  register,
  registerPlain,
} from "../kit/oauth-client.ts";
import { initialize } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { openRaw } from "../kit/raw-http.ts";
import { startTrustedSite } from "../kit/trusted-site.ts";

const policies = {
  generous: { version: "1", default: "allow" },
  careful: { version: "1", default: "deny", tools: { safe: {} } },
};

let gateway: ServeGateway;
let ada: BrowserSession;

beforeAll(async () => {
  gateway = await startServe({
    policies,
    grants: {},
    servers: { echo: [], other: [] },
    settings: { oauth: { grants: [{ role: "viewer", servers: { echo: "careful" } }] } },
  });
  ada = await setUp(gateway);
});

afterAll(closeAll);

/** What a member's answer of the API lists. */
async function listed(browser: BrowserSession, path: string): Promise<readonly unknown[]> {
  const { body } = await browser.api("GET", path);
  const items: unknown = typeof body === "object" && body !== null && "items" in body ? body.items : [];
  return Array.isArray(items) ? items : [];
}

async function memberId(name: string): Promise<string> {
  const members = await listed(ada, "/members");
  return textOf(
    members.find((member) => textOf(member, "email") === `${name}@example.com`),
    "id",
  );
}

async function setRole(name: string, role: string): Promise<void> {
  const answer = await ada.api("PATCH", `/members/${await memberId(name)}`, { role }, { "if-match": "*" });
  expect(answer.status).toBe(200);
}

async function signInAgain(name: string): Promise<BrowserSession> {
  const browser = openBrowser(gateway.origin);
  const { status } = await browser.post("/sign-in", { email: `${name}@example.com`, password });
  expect(status).toBe(303);
  return browser;
}

describe("an authorization request", () => {
  it.each(["/oauth/authorize/", "/oauth/authorize//", "/oauth/Authorize", "/oauth/authorize/a/"])(
    "at %s, which the library would take for the endpoint, is not let by what is checked there",
    async (path) => {
      const client = await registerPlain(gateway.origin, gateway.url());
      const url = new URL(client.authorizeUrl({ response_mode: "form_post" }));
      url.pathname = path;
      const response = await ada.get(url.pathname + url.search);
      expect(response.status).toBe(404);
    },
  );
});

describe("somebody who may give less than they could", () => {
  it("is asked again, and keeps nothing for a client that they could not give it now", async () => {
    await join(ada, "bob", "admin");
    const bob = await signInAgain("bob");
    const redirect = "https://client.example/callback";
    const client = await registerPlain(gateway.origin, gateway.url("echo"), redirect);
    const tokens = await obtainTokens(bob, client, { echo: "generous" });
    await consent(bob, client.authorizeUrl({ resource: gateway.url("other") }), { other: "generous" });
    const servers = async (): Promise<unknown> => {
      const grants = await listed(ada, "/grants");
      const isLive = (one: unknown): boolean =>
        Reflect.get(Object(one), "client") === client.clientId && Reflect.get(Object(one), "revokedAt") === null;
      const grant = grants.find(isLive);
      return Reflect.get(Object(grant), "servers");
    };
    expect(await servers()).toEqual({ echo: "generous", other: "generous" });
    const isAsked = async (browser: BrowserSession): Promise<boolean> =>
      (await askedPage(browser, client.authorizeUrl())).text.includes('name="decision"');
    expect(await isAsked(bob)).toBe(false);

    await setRole("bob", "viewer");
    const headers = { authorization: `Bearer ${tokens.access}`, "content-type": "application/json" };
    const late = await fetch(gateway.url("echo"), { method: "POST", headers, body: initialize() });
    expect([late.status, await servers()]).toEqual([401, undefined]);
    const viewer = await signInAgain("bob");
    expect(await isAsked(viewer)).toBe(true);
    await consent(viewer, client.authorizeUrl(), { echo: "careful" });
    expect(await servers()).toEqual({ echo: "careful" });
  });

  it("has no invitation out by which they come back as an admin", async () => {
    const invite = async (browser: BrowserSession): Promise<string> => {
      const { body } = await browser.api("POST", "/invitations", { role: "admin" });
      return new URL(textOf(body, "url")).searchParams.get("token") ?? "";
    };
    const accept = async (token: string): Promise<number> => {
      const person = { name: "Mal", email: "mal@example.com", password };
      return (await openBrowser(gateway.origin).post("/invitation", { token, ...person })).status;
    };
    const gone = await invite(await join(ada, "cleo", "admin"));
    const less = await invite(await join(ada, "dora", "admin"));
    await ada.api("DELETE", `/members/${await memberId("cleo")}`);
    await setRole("dora", "policy_manager");
    expect([await accept(gone), await accept(less)]).toEqual([404, 404]);
    const { body } = await ada.api("GET", "/admin-events?limit=5");
    expect(JSON.stringify(body)).toContain("invitation.withdraw");
  });
});

describe("an open invitation", () => {
  it("makes nobody the owner of grants by the address they say", async () => {
    const grant = { label: "of the boss", owner: "Boss@example.com", servers: { echo: "careful" } };
    expect((await ada.api("POST", "/grants", grant)).status).toBe(201);
    const invite = async (body: object): Promise<string> =>
      new URL(textOf((await ada.api("POST", "/invitations", body)).body, "url")).searchParams.get("token") ?? "";
    const accept = async (token: string): Promise<number> => {
      const person = { name: "Boss", email: "boss@example.com", password };
      return (await openBrowser(gateway.origin).post("/invitation", { token, ...person })).status;
    };
    expect(await accept(await invite({ role: "viewer" }))).toBe(400);
    expect(await accept(await invite({ role: "viewer", email: "boss@example.com" }))).toBe(303);
  });
});

describe("a form that anybody may send", () => {
  it.each(["/sign-in", "/setup", "/invitation"])("at %s is not read when it is large", async (path) => {
    const raw = openRaw(gateway.origin);
    const type = "application/x-www-form-urlencoded";
    const head = `POST ${path} HTTP/1.1\r\nHost: ${new URL(gateway.origin).host}\r\nOrigin: ${gateway.origin}\r\n`;
    raw.write(`${head}Content-Type: ${type}\r\nContent-Length: 1000000\r\n\r\nemail=a`);
    // Answered by its head alone: the rest of the body never comes.
    expect((await raw.response()).status).toBe(400);
    raw.close();
  });
});

describe("a stolen API token", () => {
  it("does not get what its member made by repeating the request", async () => {
    const eva = await join(ada, "eva", "admin");
    const stolen = textOf((await eva.api("POST", "/api-tokens", { label: "read", role: "viewer" })).body, "token");
    const headers = { "idempotency-key": "monday" };
    const made = await eva.api("POST", "/api-tokens", { label: "mighty" }, headers);
    expect(made.status).toBe(201);
    const again = await eva.api("POST", "/api-tokens", { label: "mighty" }, headers);
    expect(again.body).toEqual(made.body);
    const bearer = { authorization: `Bearer ${stolen}`, ...headers };
    const replayed = await openBrowser(gateway.origin).api("POST", "/api-tokens", { label: "mighty" }, bearer);
    expect(replayed.status).toBe(403);
    expect(JSON.stringify(replayed.body)).not.toContain(textOf(made.body, "token"));
    expect((await askApi(gateway.origin, stolen, "GET", "/session")).body).toMatchObject({ role: "viewer" });
  });
});

describe("what a client calls itself", () => {
  it.each([
    ["turned round", "\u202Edrowssap\u202C Claude", "drowssap Claude"],
    ["with what nobody sees", "Cl\u200Baude\u2060\uFEFF\u00AD", "Claude"],
    ["over lines", "Claude\r\n\u2028\u0085 checked\tby us", "Claude checked by us"],
    ["with colours of a terminal", "\u001B[31mClaude", "[31mClaude"],
    ["of nothing", " \u3164\u2800 ", "an unnamed client"],
  ])("is shown without tricks: %s", async (_, client_name, shown) => {
    const { body } = await register(gateway.origin, { client_name, redirect_uris: [plainRedirect] });
    const client = plainClient(gateway.origin, gateway.url("echo"), textOf(body, "client_id"), plainRedirect);
    const { text } = await askedPage(ada, client.authorizeUrl());
    expect(text).toContain(`<dd><strong>${shown}</strong></dd>`);
  });
});

describe("a registration", () => {
  it.each([5, {}, [], true])("whose way to authenticate is %j is refused as the client's mistake", async (method) => {
    const metadata = { redirect_uris: [plainRedirect], token_endpoint_auth_method: method };
    const { status, body } = await register(gateway.origin, metadata);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: "invalid_client_metadata" });
    expect(gateway.process.stderr()).not.toContain("the authorization server failed");
  });
});

describe("the document of a client", () => {
  it("is fetched for a stranger at the token endpoint no more often than an hour allows", async () => {
    let asked = 0;
    const site = await startTrustedSite((_, res) => {
      asked += 1;
      res.writeHead(404).end();
    });
    const open = await startServe({
      policies,
      grants: {},
      settings: { allow: { private_addresses: true } },
      env: site.env,
    });
    const statuses = new Set<number>();
    for (let count = 0; count < 210; count += 1) {
      const client = plainClient(open.origin, open.url(), `${site.origin}/${count}`, plainRedirect);
      statuses.add((await client.token({ grant_type: "refresh_token", refresh_token: "x" })).status);
    }
    expect([...statuses].every((status) => status === 400 || status === 401)).toBe(true);
    expect(asked).toBe(200);
  });
});
