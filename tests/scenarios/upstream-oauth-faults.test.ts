import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type OAuthWorld, settle, startOAuthWorld, worldSettings } from "../credentials/oauth-world.ts";
import { openBrowser } from "../kit/browser.ts";
import { startServe } from "../kit/gateway.ts";
import { type ApiAnswer, askApi, signIn } from "../kit/members.ts";
import { closeAll } from "../kit/opened.ts";
import { startRawServer } from "../servers/http-script.ts";
import { type OAuthFaults, startOAuthServer } from "../servers/oauth-server.ts";
import { editGrant } from "../../src/control/grants.ts";
import { registerServer } from "../../src/control/servers.ts";
import { admin, openVaultPlane } from "../credentials/open-vault-plane.ts";

// Servers and authorization servers that lie, and people who take part in what others began.

const none: OAuthFaults = {
  hasNoPkce: false,
  issuer: undefined,
  metadata: {},
  answers: undefined,
  refusesRenewal: undefined,
  refusesTokens: false,
  says: undefined,
};

describe("what a server says of its OAuth", () => {
  let world: OAuthWorld;
  beforeAll(async () => {
    world = await startOAuthWorld();
  });
  afterEach(() => Object.assign(world.server.faults, none));
  afterAll(closeAll);

  const endpoint = (url: string): Partial<OAuthFaults> => ({ metadata: { authorization_endpoint: url } });
  const cases: readonly (readonly [name: string, faults: Partial<OAuthFaults>, message: RegExp])[] = [
    ["no word of PKCE [B190]", { hasNoPkce: true }, /PKCE/],
    ["PKCE with plain only [B190]", { metadata: { code_challenge_methods_supported: ["plain"] } }, /PKCE/],
    ["another issuer's metadata [B189]", { issuer: "metadata" }, /another issuer/],
    ["javascript: [B193]", endpoint("javascript:alert(1)"), /`authorization_endpoint` is refused/],
    ["file: [B193]", endpoint("file:///etc/passwd"), /`authorization_endpoint` is refused/],
    ["a shell's words [B193]", endpoint("https://x.example/$(calc)"), /`authorization_endpoint` is refused/],
    ["a user in the address [B341]", endpoint("https://good.example@evil.example/"), /is refused/],
    ["another scheme [B340]", { metadata: { token_endpoint: "gopher://x.example/" } }, /`token_endpoint` is refused/],
    ["no token endpoint", { metadata: { token_endpoint: undefined } }, /not as it has to be/],
    ["a redirect within [B345]", { answers: "redirected" }, /redirects, which is not followed/],
    ["a gigabyte [B346]", { answers: "huge" }, /is over 1048576 bytes/],
    ["a byte a second [B346]", { answers: "slow" }, /did not answer within 10 s/],
  ];
  it.each(cases)("is refused for %s", async (_, faults, message) => {
    Object.assign(world.server.faults, faults);
    const { status, body } = await world.api("POST", "/servers/notes/connection");
    expect(status).toBe(502);
    expect(body).toMatchObject({ code: "OAUTH_CONNECT_FAILED", detail: expect.stringMatching(message) });
    expect(world.server.tokenRequests).toEqual([]);
  });

  it("that leads to a private address is refused unless the operator allows it [B336] [B337] [B338]", async () => {
    const inside = await startRawServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
    const port = new URL(inside.origin).port;
    // The operator's own file names the server, which therefore may be private; what it names may not.
    const servers = { notes: { url: world.server.url } };
    const gateway = await startServe({ policies: { p: '{"version":"1","default":"allow"}' }, servers });
    const ada = await signIn(await openVaultPlane(gateway.folder), "ada", "admin");
    const ask = (): Promise<ApiAnswer> => askApi(gateway.origin, ada, "POST", "/servers/notes/connection");
    for (const url of [
      inside.origin,
      `http://2130706433:${port}`,
      `http://[::1]:${port}`,
      `https://localhost:${port}`,
    ]) {
      Object.assign(world.server.faults, { metadata: { registration_endpoint: `${url}/register` } });
      const { status, body } = await ask();
      expect([url, status, body]).toEqual([
        url,
        502,
        expect.objectContaining({ detail: expect.stringMatching(/`registration_endpoint` is refused/) }),
      ]);
    }
    expect(inside.connectionCount()).toBe(0);
    Object.assign(world.server.faults, none);
    expect((await ask()).status).toBe(201);
  });
});

describe("the answer in the browser", () => {
  afterEach(closeAll);

  it("from another issuer ends it, and the code goes nowhere [B189]", async () => {
    const world = await startOAuthWorld();
    world.server.faults.issuer = "callback";
    const page = await world.connect("alice");
    expect(page.text).toMatch(/another issuer/);
    expect(page.status).toBe(500);
    expect(world.server.tokenRequests).toEqual([]);
    expect(page.text).not.toContain(String(new URL(page.url).searchParams.get("code")));
  });

  it("counts once, in ten minutes", async () => {
    const world = await startOAuthWorld();
    const browser = world.browserOf(world.ada);
    const page = await world.connect("alice", undefined, world.ada, browser);
    expect(page.text).toContain("Connected");
    expect((await browser.ask(page.url)).status).toBe(404);
    const late = await world.begin();
    await world.plane.database.note((tx) => tx.updateTable("sealed_values").set({ expires_ms: 1 }).execute());
    expect((await browser.visit(late)).status).toBe(404);
    expect(world.server.tokenRequests).toHaveLength(1);
  });

  it("counts in the browser that asked, and for the member who began", async () => {
    const world = await startOAuthWorld();
    const eve = await signIn(world.plane, "eve", "admin");
    const url = await world.begin();
    expect((await world.browserOf(eve).visit(url)).status).toBe(403);
    expect((await openBrowser().visit(url)).status).toBe(403);
    const mine = world.browserOf(world.ada);
    const { headers } = await mine.ask(url);
    expect(headers["set-cookie"]?.[0]).toMatch(
      /^callgate-connect=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
    );
    // Somebody else's browser is led through the consent, as whoever they are upstream.
    const page = await world.browserOf(eve).visit(headers.location ?? "");
    expect([page.status, page.text]).toEqual([403, expect.stringContaining("another browser")]);
    expect(world.server.tokenRequests).toEqual([]);
    expect((await world.plane.database.read.selectFrom("upstream_connections").selectAll().execute()).length).toBe(0);
  });

  it("is for the grant's owner alone, also when it gets another one while the tokens are asked for", async () => {
    const world = await startOAuthWorld();
    const bob = await signIn(world.plane, "bob", "viewer");
    const { grantId } = await world.newClient("bob@example.com");
    world.server.beforeTokens = () => editGrant(world.plane, admin, grantId, { owner: "eve@example.com" }, 1);
    const page = await world.connect("bob", grantId, bob);
    expect([page.status, world.server.tokenAnswers.length]).toEqual([403, 1]);
    const tables = ["upstream_connections", "secrets"] as const;
    for (const table of tables) {
      const rows = await world.plane.database.read.selectFrom(table).select("grant_id").execute();
      expect(rows.filter(({ grant_id }) => grant_id === grantId)).toEqual([]);
    }
    expect(world.server.callers).toEqual([]);
  });

  it("counts only while the member may do it", async () => {
    const world = await startOAuthWorld();
    const browser = world.browserOf(world.ada);
    const { headers } = await browser.ask(await world.begin());
    await world.plane.database.note((tx) => tx.updateTable("members").set({ role: "viewer" }).execute());
    const page = await browser.visit(headers.location ?? "");
    expect(page.status).toBe(403);
    expect(world.server.tokenRequests).toEqual([]);
  });
});

describe("who the gateway is at an authorization server", () => {
  afterEach(closeAll);

  it("is who was entered, where nobody is registered", async () => {
    // The redirect address has to be known beforehand, as in truth.
    const world = await startOAuthWorld();
    const redirectUri = `${world.gateway.origin}/oauth/upstream/callback`;
    const clients = [{ id: "by-hand", secret: "a-secret-that-was-made-by-hand", redirectUri }];
    const server = await startOAuthServer({ registersClients: false, clients, tokenSeconds: 3 });
    const access = { kind: "url", url: server.url, transport: "streamable-http" } as const;
    await registerServer(world.plane, admin, "strict", { title: "Strict", access, settings: {} });
    await settle();
    const refused = await world.api("POST", "/servers/strict/connection");
    expect(refused.body).toMatchObject({ detail: expect.stringContaining(redirectUri) });
    const client = { clientId: "by-hand", clientSecret: clients[0]?.secret };
    expect((await world.api("PUT", "/servers/strict/oauth-client", client)).status).toBe(204);
    const begun = await world.api("POST", "/servers/strict/connection");
    const page = await world.browserOf(world.ada).visit(String(Object(begun.body).url));
    expect(page.text).toContain("Connected");
    expect(server.clientIds).toEqual(new Set(["by-hand"]));
    const { body, text } = await world.api("GET", "/servers/strict/credentials");
    expect(body).toMatchObject({ client: { clientId: "by-hand", kind: "entered", hasSecret: true } });
    expect(text).not.toContain(client.clientSecret);
    // The server names another authorization server: what was entered for the first one does not go there.
    Object.assign(server.faults, { issuer: "metadata" });
    expect((await world.api("POST", "/servers/strict/connection")).status).toBe(502);
  });

  it("is its own document, where the authorization server reads such and reaches it", async () => {
    const name = "gateway.example.com";
    let origin = "";
    const readDocument = (url: string): Promise<Response> => readFrom(origin, name, url);
    const world = await startOAuthWorld(
      { readDocument },
      { ...worldSettings, public_url: `https://${name}`, behind_proxy: true },
    );
    ({ origin } = world.gateway);
    const browser = openBrowser({ [name]: origin });
    const ada = { ...world.ada, cookie: world.ada.cookie.replace("callgate=", "__Host-callgate=") };
    browser.keep(name, ada.cookie);
    const begun = await world.api("POST", "/servers/notes/connection", undefined, ada);
    expect(begun.text).toContain(`https://${name}/oauth/upstream/begin?flow=`);
    const page = await browser.visit(String(Object(begun.body).url));
    expect(page.text).toContain("Connected");
    expect(world.server.clientIds).toEqual(new Set([`https://${name}/oauth/upstream/client.json`]));
  });
});

async function readFrom(origin: string, host: string, url: string): Promise<Response> {
  const page = await openBrowser({ [host]: origin }).ask(url);
  return new Response(page.text, { status: page.status, headers: { "content-type": "application/json" } });
}
