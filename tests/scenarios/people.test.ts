import { existsSync, readFileSync, statSync } from "node:fs";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  apiToken,
  askApi,
  type BrowserSession,
  join,
  openBrowser,
  password,
  setUp,
  setupLink,
  textOf,
} from "../kit/browser-session.ts";
import { startServe, type ServeGateway } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { runCommand } from "../kit/run-command.ts";

const policies = { all: { version: "1", default: "allow" } };

describe("people of a gateway", () => {
  let gateway: ServeGateway;
  let ada: BrowserSession;
  let setup: URL;
  beforeAll(async () => {
    gateway = await startServe({ policies });
    setup = await setupLink(gateway);
    const file = joinPath(gateway.folder, "setup-link.txt");
    expect(readFileSync(file, "utf8").trim()).toBe(setup.href);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    ada = await setUp(gateway);
  });
  afterAll(closeAll);

  const browser = (): BrowserSession => openBrowser(gateway.origin);
  const signIn = (who: BrowserSession, email: string, more: Record<string, string> = {}): Promise<Response> =>
    who.post("/sign-in", { email, password, ...more });
  const memberId = async (email: string): Promise<string> => {
    const { body } = await ada.api("GET", "/members");
    const items: unknown = typeof body === "object" && body !== null && "items" in body ? body.items : [];
    const list: readonly unknown[] = Array.isArray(items) ? items : [];
    return textOf(
      list.find((item) => textOf(item, "email") === email),
      "id",
    );
  };

  it("[R1] the first user makes an organisation by a link that works once, and is its admin", async () => {
    const organisation = await ada.api("GET", "/organisation");
    expect(organisation).toMatchObject({ status: 200, body: { name: "Engines" } });
    const members = await ada.api("GET", "/members");
    expect(members.body).toMatchObject({ items: [{ email: "ada@example.com", name: "Ada", role: "admin" }] });
    expect(await (await ada.get("/")).text()).toContain("You are signed in as ada@example.com, admin");
    const again = await browser().get(setup.pathname + setup.search);
    expect(again.status).toBe(404);
    const token = setup.searchParams.get("token") ?? "";
    const person = { organisation: "Other", name: "Eve", email: "eve@example.com", password };
    expect((await browser().post("/setup", { token, ...person })).status).toBe(404);
  });

  it("[R2] an invited member accepts and has the role given, once, at the address it is for", async () => {
    const invited = await ada.api("POST", "/invitations", { email: "Bob@example.com", role: "policy_manager" });
    expect(invited).toMatchObject({ status: 201, body: { email: "bob@example.com", role: "policy_manager" } });
    const link = new URL(textOf(invited.body, "url"));
    const token = link.searchParams.get("token") ?? "";
    const bob = browser();
    const shown = await (await bob.get(link.pathname + link.search)).text();
    expect(shown).toContain("Join Engines");
    expect(shown).toContain('value="bob@example.com"');
    const other = await bob.post("/invitation", { token, name: "Eve", email: "eve@example.com", password });
    expect(other.status).toBe(400);
    const asked = { token, name: "Bob", email: "bob@example.com", password, role: "admin" };
    expect((await bob.post("/invitation", asked)).status).toBe(303);
    expect((await bob.api("GET", "/session")).body).toMatchObject({ name: "bob@example.com", role: "policy_manager" });
    expect((await bob.api("GET", "/organisation")).body).toMatchObject({ name: "Engines" });
    expect((await browser().get(link.pathname + link.search)).status).toBe(404);
    expect((await bob.api("POST", "/invitations", { role: "viewer" })).status).toBe(403);
  });

  it("takes an invitation back", async () => {
    const { body } = await ada.api("POST", "/invitations", { role: "viewer" });
    const link = new URL(textOf(body, "url"));
    expect((await browser().get(link.pathname + link.search)).status).toBe(200);
    expect((await ada.api("DELETE", `/invitations/${textOf(body, "id")}`)).status).toBe(204);
    expect((await browser().get(link.pathname + link.search)).status).toBe(404);
  });

  it("[R6] [B390] a changed role holds from the next request on, and an old cookie has nothing any more", async () => {
    const cleo = await join(ada, "cleo", "viewer");
    const token = await apiToken(cleo);
    const made = await cleo.api("POST", "/api-tokens", { label: "too much", role: "admin" });
    expect(made.status).toBe(400);
    const id = await memberId("cleo@example.com");
    expect((await askApi(gateway.origin, token, "GET", "/session")).body).toMatchObject({ role: "viewer" });
    const etag = (await ada.api("GET", `/members/${id}`)).headers.get("etag") ?? "";
    const change = (role: string, tag = etag): Promise<{ readonly status: number }> =>
      ada.api("PATCH", `/members/${id}`, { role }, { "if-match": tag });
    expect((await change("policy_manager")).status).toBe(200);
    expect((await change("admin")).status).toBe(412);
    expect((await cleo.api("GET", "/session")).status).toBe(401);
    expect((await signIn(cleo, "cleo@example.com")).status).toBe(303);
    expect((await cleo.api("GET", "/session")).body).toMatchObject({ role: "policy_manager" });
    expect((await change("viewer", "*")).status).toBe(200);
    const strong = await askApi(gateway.origin, token, "GET", "/session");
    expect(strong.body).toMatchObject({ kind: "api_token", role: "viewer" });
  });

  it("[R7] a removed member has nothing any more, and the grants they minted can be revoked with them", async () => {
    const dan = await join(ada, "dan", "admin");
    const token = await apiToken(dan);
    expect((await askApi(gateway.origin, token, "GET", "/members")).status).toBe(200);
    const id = await memberId("dan@example.com");
    const minted = await dan.api("POST", "/grants", { label: "dans", servers: { echo: "all" } });
    expect(minted.status).toBe(201);
    const asAgent = async (): Promise<number> => {
      const response = await fetch(gateway.url(), {
        method: "POST",
        headers: {
          authorization: `Bearer ${textOf(minted.body, "token")}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
      });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await asAgent()).not.toBe(401);
    const removed = await ada.api("DELETE", `/members/${id}?grants=revoke`);
    const grants = [{ label: "dans", owner: null }];
    expect(removed).toMatchObject({ status: 200, body: { grants, areRevoked: true } });
    expect(await asAgent()).toBe(401);
    expect((await dan.api("GET", "/session")).status).toBe(401);
    expect((await askApi(gateway.origin, token, "GET", "/members")).status).toBe(401);
    expect((await signIn(browser(), "dan@example.com")).status).toBe(401);
    expect((await ada.api("GET", `/members/${id}`)).status).toBe(404);
  });

  it("[R8] [B402] the last admin can be neither removed nor demoted, by themself or another", async () => {
    const id = await memberId("ada@example.com");
    const demoted = await ada.api("PATCH", `/members/${id}`, { role: "viewer" }, { "if-match": "*" });
    expect(demoted).toMatchObject({ status: 409, body: { code: "LAST_ADMIN" } });
    expect(await ada.api("DELETE", `/members/${id}`)).toMatchObject({ status: 409, body: { code: "LAST_ADMIN" } });
    expect((await ada.api("GET", "/session")).body).toMatchObject({ role: "admin" });
  });

  it("[B178] [B396] an agent's token opens neither API nor pages, an admin's cookie no server", async () => {
    const authorization = `Bearer ${gateway.token()}`;
    for (const path of ["/members", "/session", "/grants", "/openapi.json"]) {
      expect((await browser().api("GET", path, undefined, { authorization })).status, path).toBe(403);
    }
    for (const path of ["/", "/account", "/sign-in", "/setup"]) {
      expect((await browser().get(path, { authorization })).status, path).toBe(403);
    }
    const [name, id] = [...ada.cookies][0] ?? [];
    const mcp = await fetch(gateway.url(), {
      method: "POST",
      headers: {
        cookie: `${name}=${id}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
    expect(mcp.status).toBe(401);
    const token = await apiToken(ada);
    const byToken = await fetch(gateway.url(), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
    expect(byToken.status).toBe(401);
  });

  it("[B180] members that nobody asked for are refused", async () => {
    for (const extra of [{ isAdmin: true }, { ownerId: "x" }, { scopes: ["*"] }]) {
      expect((await ada.api("POST", "/api-tokens", { label: "x", ...extra })).status).toBe(400);
      expect((await ada.api("POST", "/invitations", { role: "viewer", ...extra })).status).toBe(400);
    }
    const erin = await join(ada, "erin", "viewer");
    const id = await memberId("erin@example.com");
    expect((await erin.api("PATCH", `/members/${id}`, { role: "admin" }, { "if-match": "*" })).status).toBe(403);
  });

  it("[B381] a change that another site sends is refused, whatever its shape", async () => {
    const [name, id] = [...ada.cookies][0] ?? [];
    const cookie = `${name}=${id}`;
    const change = (headers: Record<string, string>, path = "/api/v1/invitations"): Promise<Response> =>
      fetch(gateway.origin + path, {
        method: "POST",
        headers: { cookie, ...headers },
        body: path.startsWith("/api") ? '{"role":"admin"}' : "label=x",
      });
    const { body } = await ada.api("GET", "/session");
    const csrf = textOf(body, "csrfToken");
    const json = { "content-type": "application/json" };
    const own = { origin: gateway.origin };
    const foreign = { origin: "https://evil.example" };
    const refused: readonly Record<string, string>[] = [
      json,
      { ...json, ...foreign },
      { ...json, ...foreign, "x-csrf-token": csrf },
      { ...json, origin: "null", "x-csrf-token": csrf },
      { ...json, "x-csrf-token": csrf },
      { ...json, ...own },
      { ...json, ...own, "x-csrf-token": `${csrf}x` },
      { ...json, ...own, "x-csrf-token": csrf, "sec-fetch-site": "cross-site" },
      { ...json, ...own, "x-csrf-token": csrf, "sec-fetch-site": "same-site" },
      { "content-type": "text/plain", ...foreign },
      { "content-type": "application/x-www-form-urlencoded", ...foreign },
    ];
    for (const headers of refused) expect((await change(headers)).status, JSON.stringify(headers)).toBe(403);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    for (const path of ["/account/tokens", "/account/sign-out", "/account/password"]) {
      expect((await change({ ...form, ...own }, path)).status, path).toBe(403);
      expect((await change({ ...form, ...foreign }, path)).status, path).toBe(403);
    }
    expect((await change({ ...json, ...own, "x-csrf-token": csrf })).status).toBe(201);
  });

  it("[B382] nobody is signed in or out by another site", async () => {
    const form = { email: "ada@example.com", password };
    const stranger = browser();
    for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      expect((await stranger.post("/sign-in", form, headers)).status).toBe(403);
    }
    expect(stranger.cookies.size).toBe(0);
    expect((await ada.post("/account/sign-out", {}, { origin: "https://evil.example" })).status).toBe(403);
    expect((await ada.get("/account/sign-out")).status).toBe(404);
    expect((await ada.api("GET", "/session")).status).toBe(200);
  });

  it("[B384] text of people is shown as text", async () => {
    const evil = '<img src=x onerror="alert(1)">';
    await ada.api("POST", "/api-tokens", { label: evil });
    const text = await (await ada.get("/account")).text();
    expect(text).not.toContain("<img");
    expect(text).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
    const failed = await browser().post("/sign-in", { email: `"><script>alert(1)</script>`, password });
    expect(await failed.text()).not.toContain("<script");
  });

  it("[B388] goes on to own paths only after signing in", async () => {
    const evil = [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "javascript:alert(1)",
      "\\\\evil",
      "/\t/evil",
    ];
    for (const next of evil) {
      const who = browser();
      const shown = await (await who.get(`/sign-in?next=${encodeURIComponent(next)}`)).text();
      expect(shown, next).toContain('name="next" value="/"');
      const response = await signIn(who, "ada@example.com", { next });
      expect([response.status, response.headers.get("location")], next).toEqual([303, "/"]);
    }
    const response = await signIn(browser(), "ada@example.com", { next: "/account?x=1#y" });
    expect(response.headers.get("location")).toBe("/account?x=1#y");
  });

  it("[B389] a session id that was there before is another after signing in, and ends", async () => {
    const who = browser();
    who.cookies.set("callgate", "planted-by-somebody-else");
    expect((await signIn(who, "ada@example.com")).status).toBe(303);
    const first = who.cookies.get("callgate") ?? "";
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const old = browser();
    old.cookies.set("callgate", first);
    expect((await signIn(who, "ada@example.com")).status).toBe(303);
    expect(who.cookies.get("callgate")).not.toBe(first);
    expect((await old.api("GET", "/session")).status).toBe(401);
  });

  it("[B390] a cookie is worth nothing after signing out and after another password", async () => {
    const fay = await join(ada, "fay", "viewer");
    const elsewhere = browser();
    expect((await signIn(elsewhere, "fay@example.com")).status).toBe(303);
    const before = openBrowser(gateway.origin);
    before.cookies.set("callgate", fay.cookies.get("callgate") ?? "");
    const next = "another long password";
    expect((await fay.post("/account/password", { current: "wrong password", next })).status).toBe(400);
    expect((await fay.post("/account/password", { current: password, next })).status).toBe(303);
    for (const old of [elsewhere, before]) expect((await old.api("GET", "/session")).status).toBe(401);
    expect((await fay.api("GET", "/session")).status).toBe(200);
    const after = openBrowser(gateway.origin);
    after.cookies.set("callgate", fay.cookies.get("callgate") ?? "");
    expect((await fay.post("/account/sign-out", {})).status).toBe(303);
    expect(fay.cookies.size).toBe(0);
    expect((await after.api("GET", "/session")).status).toBe(401);
    expect((await signIn(browser(), "fay@example.com")).status).toBe(401);
  });

  it("lists where somebody is signed in, and signs out from afar", async () => {
    const gil = await join(ada, "gil", "viewer");
    const phone = browser();
    await phone.post("/sign-in", { email: "gil@example.com", password }, { "user-agent": "a phone" });
    const { body } = await gil.api("GET", "/sessions");
    expect(body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ userAgent: "a phone" })]) });
    const { body: own } = await phone.api("GET", "/sessions");
    const items: unknown = typeof own === "object" && own !== null && "items" in own ? own.items : [];
    const list: readonly unknown[] = Array.isArray(items) ? items : [];
    const mine = list.find((item) => JSON.stringify(item).includes('"isThis":true'));
    expect((await gil.api("DELETE", `/sessions/${textOf(mine, "id")}`)).status).toBe(204);
    expect((await phone.api("GET", "/session")).status).toBe(401);
    expect((await ada.api("DELETE", `/sessions/${textOf(mine, "id")}`)).status).toBe(404);
  });

  it("[B394] a password that is too long is not looked at", async () => {
    const long = await browser().post("/sign-in", { email: "ada@example.com", password: "x".repeat(1_025) });
    expect(long.status).toBe(400);
    const huge = await browser().post("/sign-in", { email: "ada@example.com", password: "x".repeat(1_100_000) });
    expect(huge.status).toBe(400);
  });

  it("[B400] keeps no page, and says so to browsers and proxies", async () => {
    for (const path of ["/", "/account", "/sign-in", "/nothing"]) {
      const { headers } = await ada.get(path);
      expect(headers.get("cache-control"), path).toBe("no-store");
      expect(headers.get("content-security-policy"), path).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(headers.get("content-security-policy"), path).not.toContain("unsafe");
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    }
  });

  it("says what a session's cookie is for: this host, no script, no other site", async () => {
    const [line = ""] = (await signIn(browser(), "ada@example.com")).headers.getSetCookie();
    expect(line).toMatch(/^callgate=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  });

  it("leaves an event of every change, and no secret in the store", async () => {
    const bytes = gateway.storeBytes();
    for (const secret of [password, setup.searchParams.get("token") ?? "", ...ada.cookies.values()]) {
      expect(bytes.includes(secret)).toBe(false);
    }
    expect(gateway.process.stderr()).not.toContain(password);
    const said = bytes.toString("latin1");
    for (const action of ["organisation.create", "member.create", "invitation.accept", "session.create"]) {
      expect(said).toContain(action);
    }
  });
});

describe("guessing passwords", () => {
  let gateway: ServeGateway;
  beforeAll(async () => {
    gateway = await startServe({ policies });
    await setUp(gateway);
  });
  afterAll(closeAll);

  const attempt = (email: string, number: number): Promise<Response> =>
    openBrowser(gateway.origin).post(
      "/sign-in",
      { email, password: `wrong password ${number}` },
      { "x-forwarded-for": `192.0.2.${number}`, forwarded: `for=192.0.2.${number}` },
    );

  it("[B393] answers an unknown address as a wrong password", async () => {
    const known = await attempt("ada@example.com", 1);
    const unknown = await attempt("nobody@example.com", 1);
    expect([known.status, unknown.status]).toEqual([401, 401]);
    const text = async (response: Response): Promise<string> =>
      (await response.text()).replaceAll(/ada@example\.com|nobody@example\.com/g, "");
    expect(await text(known)).toBe(await text(unknown));
  });

  it("[B392] waits longer and longer for an account, and no address makes many, whatever it says of itself", async () => {
    const statuses: number[] = [];
    for (let number = 2; number < 12; number += 1) {
      statuses.push((await attempt("ada@example.com", number)).status);
    }
    expect(statuses.slice(0, 4)).toEqual([401, 401, 401, 401]);
    const late = await attempt("ada@example.com", 12);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    for (let number = 0; number < 25; number += 1) await attempt(`person${number}@example.com`, number);
    const sprayed = await attempt("another@example.com", 99);
    expect(sprayed.status).toBe(429);
    expect(Number(sprayed.headers.get("retry-after"))).toBeGreaterThan(0);
    expect([401, 429]).toContain(late.status);
  });
});

describe("a forgotten password", () => {
  afterAll(closeAll);

  it("is replaced on the gateway's own machine while it runs, and every browser is signed out", async () => {
    const gateway = await startServe({ policies });
    const ada = await setUp(gateway);
    const { body } = await ada.api("POST", "/api-tokens", { label: "cli", role: "admin" });
    const token = textOf(body, "token");
    expect((await askApi(gateway.origin, token, "GET", "/session")).status).toBe(200);
    const reset = await runCommand(["reset-password", "Ada@example.com"], gateway.folder);
    expect(reset).toMatchObject({ code: 0, out: expect.stringMatching(/^[\w-]{24}\n$/) });
    expect((await ada.api("GET", "/session")).status).toBe(401);
    expect((await askApi(gateway.origin, token, "GET", "/session")).status).toBe(401);
    const signIn = (secret: string): Promise<Response> =>
      ada.post("/sign-in", { email: "ada@example.com", password: secret });
    expect((await signIn(password)).status).toBe(401);
    expect((await signIn(reset.out.trim())).status).toBe(303);
    const unknown = await runCommand(["reset-password", "nobody@example.com"], gateway.folder);
    expect(unknown.code).not.toBe(0);
    expect(unknown.err).toContain("there is no member `nobody@example.com`");
  });
});

describe("a flood of sign-ins", () => {
  afterAll(closeAll);

  it("[B394] is turned away, while calls and other pages go on", async () => {
    const gateway = await startServe({ policies });
    await setUp(gateway);
    const flood = Array.from({ length: 500 }, async (_, number) => {
      const form = { email: `person${number}@example.com`, password: "some wrong password" };
      const { status } = await openBrowser(gateway.origin).post("/sign-in", form);
      return status;
    });
    const listed = await fetch(gateway.url(), {
      method: "POST",
      headers: {
        authorization: `Bearer ${gateway.token()}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
      }),
    });
    expect(listed.status).toBe(200);
    await listed.arrayBuffer();
    const statuses = await Promise.all(flood);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(20);
  });
});

describe("a gateway behind https", () => {
  afterAll(closeAll);

  it("has a cookie that is held to this host, and may be set up from elsewhere", async () => {
    const gateway = await startServe({
      policies,
      settings: { public_url: "https://mcp.example.com", behind_proxy: true },
    });
    const link = await setupLink(gateway);
    expect(link.origin).toBe("https://mcp.example.com");
    const browser = openBrowser(gateway.origin);
    const forwarded = { "x-forwarded-for": "192.0.2.1" };
    expect((await browser.get(link.pathname + link.search, forwarded)).status).toBe(200);
    const token = link.searchParams.get("token") ?? "";
    const person = { organisation: "Engines", name: "Ada", email: "ada@example.com", password };
    const made = await browser.post("/setup", { token, ...person }, forwarded);
    expect(made.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-callgate=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
      ),
    ]);
    expect(made.headers.get("strict-transport-security")).toBe("max-age=31536000");
    expect((await browser.api("GET", "/session")).body).toMatchObject({ role: "admin" });
    // The name without the prefix, which any host of the domain could have set, is nothing here.
    const other = openBrowser(gateway.origin);
    other.cookies.set("callgate", browser.cookies.get("__Host-callgate") ?? "");
    expect((await other.api("GET", "/session")).status).toBe(401);
  });
});

describe("the setup link", () => {
  afterAll(closeAll);

  it("is another at each start until somebody has used one, and is for this machine only", async () => {
    const first = await startServe({ policies });
    const early = await setupLink(first);
    const remote = await openBrowser(first.origin).get(early.pathname + early.search, {
      "x-forwarded-for": "192.0.2.1",
    });
    expect(remote.status).toBe(403);
    await first.process.kill();
    expect(existsSync(joinPath(first.folder, "setup-link.txt"))).toBe(false);
    const second = await startServe({ policies, folder: first.folder });
    const late = await setupLink(second);
    expect(late.searchParams.get("token")).not.toBe(early.searchParams.get("token"));
    expect((await openBrowser(second.origin).get(`/setup${early.search}`)).status).toBe(404);
    await setUp(second);
    await second.process.kill();
    const third = await startServe({ policies, folder: first.folder });
    expect(third.process.stderr()).not.toContain("become the admin");
    expect(existsSync(joinPath(first.folder, "setup-link.txt"))).toBe(false);
  });
});
