import {
  Client,
  type OAuthClientInformationMixed,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type OAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { createServer } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { join as joinAs, openBrowser, password, setUp } from "../kit/browser-session.ts";
import { openChromium } from "../kit/chromium.ts";
import { openHttpLegacy } from "../kit/clients.ts";
import { legacyVersion } from "../kit/messages.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll, closeLater } from "../kit/opened.ts";
import {
  askedPage,
  consent,
  goOn,
  obtainTokens,
  plainClient,
  readTokens,
  registerPlain,
  step,
} from "../kit/oauth-client.ts";
import { startTrustedSite } from "../kit/trusted-site.ts";
import { until, within } from "../kit/wait.ts";

afterEach(closeAll);

const policies = {
  careful: { version: "1", default: "deny", tools: { send: {} } },
  generous: { version: "1", default: "allow" },
};

/** Where a client on the person's machine waits for its answer. */
async function listenForAnswer(): Promise<{ readonly url: string; readonly answer: () => URL | undefined }> {
  let seen: URL | undefined;
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? "", "http://127.0.0.1");
    if (url.pathname === "/callback") seen = url;
    res.end("done");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeLater(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { url: `http://127.0.0.1:${port}/callback`, answer: () => seen };
}

/** A page at `http://localhost:PORT/`. */
async function startSite(body: string): Promise<string> {
  const server = createServer((_, res) => res.setHeader("content-type", "text/html").end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeLater(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return `http://localhost:${port}/`;
}

/** What a client keeps of OAuth, and where it sends its person. */
class Memory implements OAuthClientProvider {
  readonly redirectUrl: string;
  sentTo: URL | undefined;
  kept: OAuthTokens | undefined;
  #client: OAuthClientInformationMixed | undefined;
  #verifier = "";
  #discovered: OAuthDiscoveryState | undefined;

  constructor(redirectUrl: string) {
    this.redirectUrl = redirectUrl;
  }

  get clientMetadata(): OAuthClientProvider["clientMetadata"] {
    return {
      client_name: "Field Notes",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    };
  }

  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.#client;
  }

  saveClientInformation(client: OAuthClientInformationMixed): void {
    this.#client = client;
  }

  tokens(): OAuthTokens | undefined {
    return this.kept;
  }

  saveTokens(tokens: OAuthTokens): void {
    this.kept = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.sentTo = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovered = state;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovered;
  }
}

/** A client that describes itself in a document, and registers nowhere. */
class Described extends Memory {
  readonly clientMetadataUrl: string;

  constructor(redirectUrl: string, clientMetadataUrl: string) {
    super(redirectUrl);
    this.clientMetadataUrl = clientMetadataUrl;
  }
}

function connectTo(url: string, authProvider: Memory): { client: Client; transport: StreamableHTTPClientTransport } {
  const client = new Client({ name: "field-notes", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider });
  return { client, transport };
}

async function statusOf(url: string, token: string): Promise<number> {
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

function readGrants(gateway: ServeGateway): readonly Record<string, unknown>[] {
  const db = new DatabaseSync(join(gateway.folder, "callgate.sqlite"), { readOnly: true });
  try {
    return db.prepare("SELECT owner, client, label, revoked_ms FROM grants").all();
  } finally {
    db.close();
  }
}

describe("a client that has nothing but the address", () => {
  it("[R34] finds out who signs people in, registers, is consented to, and calls tools under the grant", async () => {
    const gateway = await startServe({ policies, grants: {} });
    await setUp(gateway);
    const waiting = await listenForAnswer();
    const memory = new Memory(waiting.url);
    const first = connectTo(gateway.url(), memory);
    await expect(first.client.connect(first.transport)).rejects.toBeInstanceOf(UnauthorizedError);

    const browser = await openChromium();
    const page = await browser.newPage();
    const foreign: string[] = [];
    page.on("request", (request) => {
      const { origin } = new URL(request.url());
      if (origin !== gateway.origin && !request.url().startsWith(waiting.url)) foreign.push(request.url());
    });
    await page.goto(memory.sentTo?.href ?? "");
    await page.getByLabel("E-mail address").fill("ada@example.com");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Let Field Notes use your tools?" }).waitFor();
    const text = await page.locator("main").innerText();
    expect(text).toContain(new URL(waiting.url).host);
    expect(text).toContain("nobody checked");
    await page.getByLabel("What it may do on echo").selectOption("careful");
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    const answer = await until("the answer at the client", waiting.answer);
    expect(answer.searchParams.get("iss")).toBe(gateway.origin);
    expect(foreign).toEqual([]);

    await first.transport.finishAuth(answer.searchParams);
    const second = connectTo(gateway.url(), memory);
    await second.client.connect(second.transport);
    closeLater(() => second.client.close());
    expect((await second.client.listTools()).tools.map(({ name }) => name)).toEqual(["send"]);
    const called = await second.client.callTool({ name: "send", arguments: { to: "over the grant" } });
    expect(called.isError ?? false).toBe(false);
    expect(gateway.spy().calls().at(-1)).toContain("over the grant");

    expect(readGrants(gateway)).toMatchObject([{ owner: "ada@example.com", label: "Field Notes" }]);
    const { access_token: access = "", refresh_token: refresh = "" } = memory.kept ?? {};
    expect(access).toMatch(/^[A-Za-z0-9_-]{43}$/);
    for (const secret of [access, refresh]) expect(gateway.storeBytes().includes(secret)).toBe(false);

    // An access token that is no longer good is renewed by the client itself.
    memory.kept = { ...memory.kept, access_token: "A".repeat(43), token_type: "Bearer" };
    expect((await second.client.listTools()).tools).toHaveLength(1);
    expect(memory.kept?.refresh_token).not.toBe(refresh);

    const { client_id: clientId = "" } = memory.clientInformation() ?? {};
    const revoked = await plainClient(gateway.origin, "", clientId, "").revoke(memory.kept?.refresh_token ?? "");
    expect(revoked.status).toBe(200);
    expect(await statusOf(gateway.url(), memory.kept?.access_token ?? "")).toBe(401);
  });
});

describe("a client that describes itself in a document", () => {
  it("needs no registration, and is shown by the host of its document", async () => {
    const redirect = "http://127.0.0.1:4567/callback";
    const site = await startTrustedSite((req, res) => {
      const metadata = {
        client_id: `https://${req.headers.host}${req.url}`,
        client_name: "Field Notes",
        redirect_uris: [redirect],
        token_endpoint_auth_method: "none",
      };
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(metadata));
    });
    const settings = { allow: { private_addresses: true } };
    const gateway = await startServe({ policies, grants: {}, settings, env: site.env });
    const ada = await setUp(gateway);
    const memory = new Described(redirect, `${site.origin}/client.json`);
    const first = connectTo(gateway.everyUrl, memory);
    await expect(first.client.connect(first.transport)).rejects.toBeInstanceOf(UnauthorizedError);
    const url = memory.sentTo?.href ?? "";
    expect((await askedPage(ada, url)).text).toContain(new URL(site.origin).host);
    await first.transport.finishAuth((await consent(ada, url, { echo: "careful" })).searchParams);
    const second = connectTo(gateway.everyUrl, memory);
    await second.client.connect(second.transport);
    closeLater(() => second.client.close());
    expect((await second.client.listTools()).tools.map(({ name }) => name)).toEqual(["echo__send"]);
    expect(readGrants(gateway)).toMatchObject([{ client: `${site.origin}/client.json` }]);
  });
});

describe("a person whose client is another site", () => {
  it("is asked there and then, when they are signed in already", async () => {
    const gateway = await startServe({ policies, grants: {} });
    const ada = await setUp(gateway);
    const client = await registerPlain(gateway.origin, gateway.url());
    // The names differ, so the browser takes the two for different sites.
    const site = await startSite(`<a href="${client.authorizeUrl().replaceAll("&", "&amp;")}">Connect</a>`);
    const browser = await openChromium();
    await browser.addCookies(
      [...ada.cookies].map(([name, value]) => ({ name, value, url: gateway.origin, sameSite: "Strict" as const })),
    );
    const page = await browser.newPage();
    await page.goto(site);
    await page.getByRole("link", { name: "Connect" }).click();
    await page.getByRole("heading", { name: "Let Plain client use your tools?" }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/oauth\/consent\//);
  });
});

describe("a person who is no admin", () => {
  const grants = [{ role: "viewer", servers: { echo: ["careful"] } }];

  it("can give a client what the operator allows their role, and end it again", async () => {
    const gateway = await startServe({
      policies,
      grants: {},
      servers: { echo: [], other: [] },
      settings: { oauth: { grants } },
    });
    const ada = await setUp(gateway);
    const eve = await joinAs(ada, "eve", "viewer");
    const client = await registerPlain(gateway.origin, gateway.everyUrl);
    const { text } = await askedPage(eve, client.authorizeUrl());
    expect([...text.matchAll(/<option value="([^"]+)"/g)].map(([, policy]) => policy)).toEqual(["careful"]);
    expect(text).not.toContain("policy:other");
    const { access } = await obtainTokens(eve, client, { echo: "careful" });
    expect(await statusOf(gateway.everyUrl, access)).toBe(200);
    const page = await step(eve, "/account");
    expect(page.text).toContain("echo (careful)");
    const [, id = ""] = /name="client" value="([^"]+)"/.exec(page.text) ?? [];
    const mallory = await joinAs(ada, "mallory", "viewer");
    expect((await step(mallory, "/account/clients/end", { client: id })).status).toBe(404);
    expect(await statusOf(gateway.everyUrl, access)).toBe(200);
    expect((await step(eve, "/account/clients/end", { client: id })).status).toBe(303);
    expect(await statusOf(gateway.everyUrl, access)).toBe(401);
  });

  it("can give nothing where nothing was allowed", async () => {
    const gateway = await startServe({ policies, grants: {} });
    const eve = await joinAs(await setUp(gateway), "eve", "policy_manager");
    const client = await registerPlain(gateway.origin, gateway.url());
    const { text, at } = await askedPage(eve, client.authorizeUrl());
    expect(text).toContain("You cannot give a client the use of");
    expect(text).not.toContain('value="allow"');
    const forced = await step(eve, at, { decision: "allow", "policy:echo": "generous" });
    expect(forced.status).toBe(400);
    expect(readGrants(gateway)).toEqual([]);
  });

  it("is asked to sign in first, and comes back to the question", async () => {
    const gateway = await startServe({ policies, grants: {} });
    await setUp(gateway);
    const stranger = openBrowser(gateway.origin);
    const client = await registerPlain(gateway.origin, gateway.url());
    const asked = await askedPage(stranger, client.authorizeUrl());
    expect(asked.status).toBe(303);
    const signIn = new URL(asked.next ?? "");
    expect(signIn.pathname).toBe("/sign-in");
    const next = signIn.searchParams.get("next") ?? "";
    const back = await step(stranger, "/sign-in", { email: "ada@example.com", password, next });
    const page = await goOn(stranger, back);
    expect(page.text).toContain("Let Plain client use your tools?");
  });

  it("who is removed takes their clients along", async () => {
    const gateway = await startServe({ policies, grants: {}, settings: { oauth: { grants } } });
    const ada = await setUp(gateway);
    const eve = await joinAs(ada, "eve", "viewer");
    const client = await registerPlain(gateway.origin, gateway.url());
    const { access, refresh } = await obtainTokens(eve, client, { echo: "careful" });
    expect(await statusOf(gateway.url(), access)).toBe(200);
    const members = JSON.stringify((await ada.api("GET", "/members")).body);
    const [, id = ""] = /"id":"([^"]+)","email":"eve@example.com"/.exec(members) ?? [];
    expect((await ada.api("DELETE", `/members/${id}`, undefined, { "if-match": "*" })).status).toBeLessThan(300);
    expect(await statusOf(gateway.url(), access)).toBe(401);
    expect((await client.token({ grant_type: "refresh_token", refresh_token: refresh })).status).toBe(400);
  });
});

describe("another process on the same store", () => {
  it("takes what one issued, and what one of them revokes ends in both", async () => {
    const one = await startServe({ policies, grants: {} });
    const ada = await setUp(one);
    // Both are the same gateway to clients, who know one address of it.
    const settings = { public_url: one.origin };
    const other = await startServe({ policies, grants: {}, folder: one.folder, settings });
    const client = await registerPlain(one.origin, `${one.origin}/mcp`);
    const tokens = await obtainTokens(ada, client, { echo: "generous" });
    expect(await statusOf(one.url(), tokens.access)).toBe(200);
    expect(await statusOf(other.url(), tokens.access)).toBe(200);
    const renewed = readTokens(
      await plainClient(other.origin, "", client.clientId, "").token({
        grant_type: "refresh_token",
        refresh_token: tokens.refresh,
      }),
    );
    expect(await statusOf(one.everyUrl, renewed.access)).toBe(200);
    const { sessionId = "" } = await openHttpLegacy(one.url(), renewed.access);
    const stream = await fetch(one.url(), {
      headers: {
        authorization: `Bearer ${renewed.access}`,
        accept: "text/event-stream",
        "mcp-session-id": sessionId,
        "mcp-protocol-version": legacyVersion,
      },
    });
    expect(stream.status).toBe(200);
    expect((await plainClient(other.origin, "", client.clientId, "").revoke(renewed.refresh)).status).toBe(200);
    expect(await statusOf(other.everyUrl, renewed.access)).toBe(401);
    // The stream that was open in the first process ends there.
    await within("the end of the stream", stream.text());
    for (const token of [tokens.access, renewed.access]) expect(await statusOf(one.url(), token)).toBe(401);
  });
});
