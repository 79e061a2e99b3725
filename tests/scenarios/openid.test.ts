import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { readFileSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { type BrowserSession, join, openBrowser, password, setUp, setupLink, textOf } from "../kit/browser-session.ts";
import { hasChromium, openChromium } from "../kit/chromium.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import { startOpenIdProvider, type TestProvider } from "../servers/openid-provider.ts";

afterEach(closeAll);

/** A port that was free a moment ago: the provider has to know the gateway's address before it starts. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

interface World {
  readonly gateway: ServeGateway;
  readonly provider: TestProvider;
}

async function start(
  section: Readonly<Record<string, unknown>> = {},
  oidc: Readonly<Record<string, unknown>> = {},
  claimsIn?: "id_token" | "userinfo",
): Promise<World> {
  const port = await freePort();
  const provider = await startOpenIdProvider(`http://127.0.0.1:${port}/sign-in/openid/return`, claimsIn);
  const provided = {
    issuer: provider.issuer,
    client_id: provider.clientId,
    client_secret: provider.clientSecret,
    scopes: ["openid", "email", "profile", "groups"],
    roles: { admins: "admin", writers: "policy_manager", everyone: "viewer" },
    private_address: true,
    ...oidc,
  };
  const gateway = await startServe({
    policies: { all: { version: "1", default: "allow" } },
    settings: { listen: `127.0.0.1:${port}`, sign_in: { ...section, oidc: provided } },
  });
  return { gateway, provider };
}

/** Goes to the provider, which the gateway names, and signs in there; the address that leads back to the gateway. */
async function goToProvider({ provider }: World, browser: BrowserSession, sub: string, next = "/"): Promise<URL> {
  const atProvider = openBrowser(provider.issuer);
  const begun = await browser.get(`/sign-in/openid?next=${encodeURIComponent(next)}`);
  let address = new URL(begun.headers.get("location") ?? "");
  while (address.origin === provider.issuer) {
    if (address.pathname.startsWith("/interaction/")) address.searchParams.set("as", sub);
    const response = await atProvider.get(address.href);
    const location = response.headers.get("location");
    if (location === null) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
    address = new URL(location, provider.issuer);
  }
  return address;
}

function comeBack(browser: BrowserSession, { pathname, search }: URL): Promise<Response> {
  return browser.get(pathname + search, { "sec-fetch-site": "cross-site" });
}

async function signIn(world: World, browser: BrowserSession, sub: string, next = "/"): Promise<Response> {
  return comeBack(browser, await goToProvider(world, browser, sub, next));
}

const ada = { email: "Ada@example.com", emailVerified: true, name: "Ada" };

describe("signing in at an OpenID provider", () => {
  it.each(["id_token", "userinfo"] as const)(
    "[R9] takes the role from a group, anew each time (claims in %s)",
    async (claimsIn) => {
      const world = await start({}, {}, claimsIn);
      world.provider.people.set("ada", { ...ada, groups: ["everyone", "admins", "others"] });
      const browser = openBrowser(world.gateway.origin);
      const response = await signIn(world, browser, "ada", "/account");
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('http-equiv="refresh" content="0;url=/account"');
      expect((await browser.api("GET", "/session")).body).toMatchObject({ name: "ada@example.com", role: "admin" });
      expect((await browser.api("GET", "/organisation")).body).toMatchObject({ name: "example.com" });
      const members = await browser.api("GET", "/members");
      expect(members.body).toMatchObject({ items: [{ name: "Ada", signIn: { password: false, oidc: true } }] });

      world.provider.people.set("bob", { email: "bob@example.com", groups: "writers" });
      const bob = openBrowser(world.gateway.origin);
      await signIn(world, bob, "bob");
      expect((await bob.api("GET", "/session")).body).toMatchObject({ role: "policy_manager" });
      world.provider.people.set("bob", { email: "bob@example.com", groups: ["everyone"] });
      const again = openBrowser(world.gateway.origin);
      await signIn(world, again, "bob");
      expect((await again.api("GET", "/session")).body).toMatchObject({ role: "viewer" });
      expect((await bob.api("GET", "/session")).status).toBe(401);
    },
  );

  it.skipIf(!hasChromium)("leads a real browser to the provider and back, signed in", async () => {
    const world = await start();
    world.provider.people.set("ada", { ...ada, groups: "admins" });
    const page = await (await openChromium()).newPage();
    await page.goto(`${world.gateway.origin}/account`);
    expect(page.url()).toBe(`${world.gateway.origin}/sign-in?next=/account`);
    await page.getByRole("link", { name: "Sign in with OpenID Connect" }).click();
    await page.getByRole("link", { name: "ada" }).click();
    await page.waitForURL(`${world.gateway.origin}/account`);
    expect(await page.textContent("h1")).toBe("Ada");
    const cookies = await page.context().cookies(world.gateway.origin);
    expect(cookies.map(({ name, sameSite }) => [name, sameSite])).toEqual([["callgate", "Strict"]]);
    await page.reload();
    expect(await page.textContent("h1")).toBe("Ada");
  });

  it("keeps the session's cookie strict, and the other only for the way back", async () => {
    const world = await start();
    world.provider.people.set("ada", { ...ada, groups: "admins" });
    const browser = openBrowser(world.gateway.origin);
    const begun = await browser.get("/sign-in/openid");
    expect(begun.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^callgate-openid=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ]);
    const url = new URL(begun.headers.get("location") ?? "");
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const response = await signIn(world, browser, "ada");
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^callgate-openid=; .*Max-Age=0/),
      expect.stringMatching(/^callgate=[\w-]{43}; .*SameSite=Strict$/),
    ]);
  });

  it("refuses who is in no group with a role, and ends what they had", async () => {
    const world = await start();
    world.provider.people.set("ada", { ...ada, groups: "admins" });
    world.provider.people.set("eve", { email: "eve@example.com", groups: ["strangers"] });
    await signIn(world, openBrowser(world.gateway.origin), "ada");
    const eve = openBrowser(world.gateway.origin);
    expect((await signIn(world, eve, "eve")).status).toBe(403);
    expect((await eve.api("GET", "/session")).status).toBe(401);

    world.provider.people.set("eve", { email: "eve@example.com", groups: ["everyone"] });
    await signIn(world, eve, "eve");
    const made = await eve.api("POST", "/api-tokens", { label: "mine" });
    const authorization = `Bearer ${textOf(made.body, "token")}`;
    const asked = (): Promise<{ readonly status: number }> =>
      openBrowser(world.gateway.origin).api("GET", "/session", undefined, { authorization });
    expect((await asked()).status).toBe(200);
    world.provider.people.set("eve", { email: "eve@example.com", groups: [] });
    expect((await signIn(world, openBrowser(world.gateway.origin), "eve")).status).toBe(403);
    expect([(await asked()).status, (await eve.api("GET", "/session")).status]).toEqual([401, 401]);
  });

  it("gives who is in no group the role that the operator chose for all", async () => {
    const world = await start({}, { roles: {}, default_role: "viewer" });
    world.provider.people.set("ada", ada);
    const browser = openBrowser(world.gateway.origin);
    await signIn(world, browser, "ada");
    expect((await browser.api("GET", "/session")).body).toMatchObject({ role: "viewer" });
  });

  it("takes nothing back that another browser began, that came twice, or that was changed on the way", async () => {
    const world = await start();
    world.provider.people.set("ada", { ...ada, groups: "admins" });
    const { origin } = world.gateway;
    const codes: string[] = [];
    const statusAfter = async (change: (back: URL, browser: BrowserSession) => void): Promise<number> => {
      const browser = openBrowser(origin);
      const back = await goToProvider(world, browser, "ada");
      codes.push(back.searchParams.get("code") ?? "");
      change(back, browser);
      const { status } = await comeBack(browser, back);
      expect(browser.cookies.has("callgate")).toBe(status === 200);
      return status;
    };
    const other = await goToProvider(world, openBrowser(origin), "ada");
    expect(await statusAfter((_, browser) => browser.cookies.clear())).toBe(400);
    expect(await statusAfter((_, browser) => browser.cookies.set("callgate-openid", "x".repeat(43)))).toBe(400);
    expect(await statusAfter(({ searchParams }) => searchParams.set("state", "x".repeat(43)))).toBe(400);
    expect(await statusAfter(({ searchParams }) => searchParams.set("iss", "https://evil.example"))).toBe(400);
    expect(await statusAfter(({ searchParams }) => searchParams.delete("iss"))).toBe(400);
    expect(
      await statusAfter(({ searchParams }) => searchParams.set("code", other.searchParams.get("code") ?? "")),
    ).toBe(400);
    expect(await statusAfter((back) => (back.search = other.search))).toBe(400);
    expect(await statusAfter(() => {})).toBe(200);
    const browser = openBrowser(origin);
    const back = await goToProvider(world, browser, "ada");
    const { cookies } = browser;
    const cookie = cookies.get("callgate-openid") ?? "";
    expect((await comeBack(browser, back)).status).toBe(200);
    cookies.set("callgate-openid", cookie);
    expect((await comeBack(browser, back)).status).toBe(400);
    for (const code of codes) expect(world.gateway.process.stderr()).not.toContain(code);
  });

  it("knows a member by address only when the provider has made sure of it", async () => {
    const world = await start();
    const admin = await setUp(world.gateway);
    await join(admin, "cleo", "viewer");
    world.provider.people.set("c1", { email: "cleo@example.com", groups: "writers" });
    const stranger = openBrowser(world.gateway.origin);
    expect((await signIn(world, stranger, "c1")).status).toBe(409);
    world.provider.people.set("c2", { email: "cleo@example.com", emailVerified: true, groups: "writers" });
    expect((await signIn(world, stranger, "c2")).status).toBe(200);
    expect((await stranger.api("GET", "/session")).body).toMatchObject({
      name: "cleo@example.com",
      role: "policy_manager",
    });
    world.provider.people.set("c3", { email: "cleo@example.com", emailVerified: true, groups: "writers" });
    expect((await signIn(world, openBrowser(world.gateway.origin), "c3")).status).toBe(409);
  });

  it("leaves nothing to who joined with somebody else's address and waited for them", async () => {
    const world = await start();
    const admin = await setUp(world.gateway);
    const waiting = await join(admin, "cleo", "viewer");
    const made = await waiting.api("POST", "/api-tokens", { label: "waiting" });
    const authorization = `Bearer ${textOf(made.body, "token")}`;
    world.provider.people.set("cleo", { email: "cleo@example.com", emailVerified: true, groups: "admins" });
    const cleo = openBrowser(world.gateway.origin);
    expect((await signIn(world, cleo, "cleo")).status).toBe(200);
    expect((await cleo.api("GET", "/session")).body).toMatchObject({ role: "admin" });
    const stranger = openBrowser(world.gateway.origin);
    expect((await waiting.api("GET", "/session")).status).toBe(401);
    expect((await stranger.api("GET", "/session", undefined, { authorization })).status).toBe(401);
    expect((await stranger.post("/sign-in", { email: "cleo@example.com", password })).status).toBe(401);
  });

  it("leaves the setup link to the first admin when somebody less came before", async () => {
    const world = await start();
    world.provider.people.set("bob", { email: "bob@example.com", emailVerified: true, groups: "everyone" });
    const bob = openBrowser(world.gateway.origin);
    expect((await signIn(world, bob, "bob")).status).toBe(200);
    const admin = await setUp(world.gateway);
    expect((await admin.api("GET", "/session")).body).toMatchObject({ name: "ada@example.com", role: "admin" });
    expect((await admin.api("GET", "/organisation")).body).toMatchObject({ name: "Engines" });
    expect((await bob.api("GET", "/session")).body).toMatchObject({ role: "viewer" });
    const setup = await setupLink(world.gateway);
    expect((await openBrowser(world.gateway.origin).get(setup.pathname + setup.search)).status).toBe(404);
  });

  it("takes no invitation and no setup link any more once the operator wants no passwords", async () => {
    const world = await start();
    const { gateway, provider } = world;
    const setup = await setupLink(gateway);
    provider.people.set("ada", { ...ada, groups: "admins" });
    const file = joinPath(gateway.folder, "callgate.yaml");
    const withPasswords = readFileSync(file, "utf8");
    const without = withPasswords.replace('"sign_in": {', '"sign_in": { "password": false,');
    let reloads = 0;
    const use = async (text: string): Promise<void> => {
      writeFileSync(file, text);
      reloads += 1;
      const count = (): number => (gateway.process.stderr().match(/reloaded/g) ?? []).length;
      await until("the gateway reads its file", () => (count() >= reloads ? true : undefined));
    };
    await use(without);
    expect((await openBrowser(gateway.origin).get(setup.pathname + setup.search)).status).toBe(404);

    await use(withPasswords);
    const admin = await setUp(gateway);
    const invited = await admin.api("POST", "/invitations", { role: "admin" });
    const { pathname, search, searchParams } = new URL(textOf(invited.body, "url"));
    await use(without);
    const stranger = openBrowser(gateway.origin);
    expect((await stranger.get(pathname + search)).status).toBe(404);
    const person = { name: "Mal", email: "mal@example.com", password, token: searchParams.get("token") ?? "" };
    expect((await stranger.post("/invitation", person)).status).toBe(404);
  });

  it("never takes the role from the last admin", async () => {
    const world = await start();
    world.provider.people.set("ada", { ...ada, groups: "admins" });
    const browser = openBrowser(world.gateway.origin);
    await signIn(world, browser, "ada");
    world.provider.people.set("ada", { ...ada, groups: "everyone" });
    expect((await signIn(world, openBrowser(world.gateway.origin), "ada")).status).toBe(409);
    expect((await browser.api("GET", "/session")).body).toMatchObject({ role: "admin" });
  });

  it("leaves no password where the operator wants none: no setup link, no form, no invitations", async () => {
    const world = await start({ password: false });
    world.provider.people.set("ada", { ...ada, groups: "admins" });
    const browser = openBrowser(world.gateway.origin);
    const shown = await (await browser.get("/sign-in")).text();
    expect(shown).toContain("Sign in with OpenID Connect");
    expect(shown).not.toContain('type="password"');
    expect(world.gateway.process.stderr()).not.toContain("become the admin");
    expect((await browser.post("/sign-in", { email: "ada@example.com", password })).status).toBe(403);
    await signIn(world, browser, "ada");
    expect((await browser.api("POST", "/invitations", { role: "viewer" })).status).toBe(400);
  });

  it("asks no provider at a private address that the operator did not mark as one", async () => {
    const world = await start({}, { private_address: false, issuer: "https://provider.localhost" }).catch(String);
    expect(world).toMatch(/the address is not a public one/);
  });
});
