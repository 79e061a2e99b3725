import { createHash, randomBytes } from "node:crypto";
import type { BrowserSession } from "./browser-session.ts";
import { isObject, type JsonObject, type JsonValue } from "../../src/values/json.ts";

/** An OAuth client by hand, for requests that no proper one would send. */
export interface PlainOAuthClient {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string;
  /** The address that a browser is sent to; members replace or (undefined) remove parameters. */
  authorizeUrl(changes?: Readonly<Record<string, string | undefined>>): string;
  /** What the token endpoint says. */
  token(form: Readonly<Record<string, string>>): Promise<JsonAnswer>;
  /** Trades a code for tokens. */
  trade(code: string, changes?: Readonly<Record<string, string>>): Promise<JsonAnswer>;
  revoke(token: string): Promise<JsonAnswer>;
}

/** A JSON answer. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** One step of a browser. */
export interface Step {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it leads, by `Location` or by a page that goes on by itself; absolute. */
  readonly next: string | undefined;
}

/** A pair of tokens. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** Where a plain client has its answers sent. Nobody has to listen there. */
export const plainRedirect = "http://127.0.0.1:4567/callback";

/** Registers a client. */
export function register(origin: string, metadata: JsonObject): Promise<JsonAnswer> {
  return sendJson(`${origin}/oauth/register`, JSON.stringify(metadata), "application/json");
}

/** A client that is registered, with its own PKCE verifier. */
export async function registerPlain(
  origin: string,
  resource: string,
  redirectUri: string = plainRedirect,
): Promise<PlainOAuthClient> {
  const { status, body } = await register(origin, { client_name: "Plain client", redirect_uris: [redirectUri] });
  const { client_id: clientId } = body;
  if (status !== 201 || typeof clientId !== "string") throw new Error(`not registered: ${status}`);
  return plainClient(origin, resource, clientId, redirectUri);
}

/** A client with an id that it has from elsewhere. */
export function plainClient(origin: string, resource: string, clientId: string, redirectUri: string): PlainOAuthClient {
  const verifier = randomBytes(32).toString("base64url");
  const form = (path: string, fields: Readonly<Record<string, string>>): Promise<JsonAnswer> =>
    sendJson(
      `${origin}${path}`,
      new URLSearchParams({ client_id: clientId, ...fields }).toString(),
      "application/x-www-form-urlencoded",
    );
  return {
    clientId,
    redirectUri,
    verifier,
    authorizeUrl: (changes = {}) => {
      const parameters = Object.entries({
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
        state: "state-of-the-client",
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
        resource,
        ...changes,
      });
      const query = new URLSearchParams();
      for (const [name, value] of parameters) if (value !== undefined) query.append(name, value);
      return `${origin}/oauth/authorize?${query.toString()}`;
    },
    token: (fields) => form("/oauth/token", fields),
    trade: (code, changes = {}) =>
      form("/oauth/token", {
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...changes,
      }),
    revoke: (token) => form("/oauth/revoke", { token }),
  };
}

/** Goes to an address, or sends a form there as the gateway's own page does. */
export async function step(
  browser: BrowserSession,
  url: string,
  form?: Readonly<Record<string, string>>,
): Promise<Step> {
  const response = await (form === undefined ? browser.get(url) : browser.post(url, form));
  const text = await response.text();
  const next = response.headers.get("location") ?? /content="0;url=([^"]+)"/.exec(text)?.[1];
  return {
    status: response.status,
    headers: response.headers,
    text,
    next: next === undefined ? undefined : new URL(next.replaceAll("&amp;", "&"), browser.origin).href,
  };
}

/** Goes where a step leads. Throws when it leads nowhere. */
export function goOn(browser: BrowserSession, { next, status, text }: Step): Promise<Step> {
  if (next === undefined) throw new Error(`leads nowhere: ${status} ${text}`);
  return step(browser, next);
}

/** The page that asks a signed-in person about a request, or whatever is there instead. */
export async function askedPage(browser: BrowserSession, url: string): Promise<Step & { readonly at: string }> {
  const first = await step(browser, url);
  return { ...(await goOn(browser, first)), at: first.next ?? "" };
}

/** Goes through consent with a signed-in browser; answers the address at the client that it ends at. */
export async function consent(
  browser: BrowserSession,
  url: string,
  choice: Readonly<Record<string, string>>,
  decision: "allow" | "deny" = "allow",
): Promise<URL> {
  const { at } = await askedPage(browser, url);
  const decided = await step(browser, at, { decision, ...policyFields(choice) });
  return new URL((await goOn(browser, decided)).next ?? "about:blank");
}

/** The fields of the page for a choice: server to policy. */
export function policyFields(choice: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(choice).map(([server, policy]) => [`policy:${server}`, policy]));
}

/** Everything up to the tokens. */
export async function obtainTokens(
  browser: BrowserSession,
  client: PlainOAuthClient,
  choice: Readonly<Record<string, string>>,
): Promise<Tokens> {
  const back = await consent(browser, client.authorizeUrl(), choice);
  return readTokens(await client.trade(back.searchParams.get("code") ?? ""));
}

/** The tokens of an answer. Throws when there are none. */
export function readTokens({ status, body }: JsonAnswer): Tokens {
  const { access_token: access, refresh_token: refresh } = body;
  if (typeof access === "string" && typeof refresh === "string") return { access, refresh };
  throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`);
}

async function sendJson(url: string, body: string, type: string): Promise<JsonAnswer> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": type }, body });
  const text = await response.text();
  const value: JsonValue = text === "" ? {} : JSON.parse(text);
  return { status: response.status, body: isObject(value) ? value : {} };
}
