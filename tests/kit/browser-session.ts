import type { ServeGateway } from "./gateway.ts";

/** A browser as far as a gateway can tell: it keeps cookies, says its origin, sends forms. It follows no redirects. */
export interface BrowserSession {
  readonly origin: string;
  /** Cookies by name. */
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Sends a form as a page of the gateway does; the session's CSRF token is added when there is one. */
  post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  /** A request to the HTTP API as a script of a page sends it. `path` is below `/api/v1`. */
  api(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly body: unknown }>;
}

/** The password of every person in tests. */
export const password = "correct horse battery staple";

/** A browser without a session. */
export function openBrowser(origin: string): BrowserSession {
  const cookies = new Map<string, string>();
  let csrf: string | undefined;
  const send = async (method: string, path: string, headers: Readonly<Record<string, string>>, body?: string) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(new URL(path, origin), {
      method,
      redirect: "manual",
      headers: { ...(cookie === "" ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
      csrf = undefined;
    }
    return response;
  };
  const csrfToken = async (): Promise<string | undefined> => {
    if (cookies.size === 0) return undefined;
    if (csrf === undefined) {
      const response = await send("GET", "/api/v1/session", {});
      const who: unknown = await response.json();
      csrf = typeof who === "object" && who !== null && "csrfToken" in who ? String(who.csrfToken) : undefined;
    }
    return csrf;
  };
  return {
    origin,
    cookies,
    get: (path, headers = {}) => send("GET", path, { accept: "text/html", ...headers }),
    post: async (path, fields, headers = {}) => {
      const token = await csrfToken();
      const form = new URLSearchParams({ ...fields, ...(token === undefined ? {} : { csrf: token }) });
      const type = "application/x-www-form-urlencoded";
      return send("POST", path, { accept: "text/html", origin, "content-type": type, ...headers }, form.toString());
    },
    api: async (method, path, body, headers = {}) => {
      const token = method === "GET" ? undefined : await csrfToken();
      const response = await send(
        method,
        `/api/v1${path}`,
        {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(token === undefined ? {} : { origin, "x-csrf-token": token }),
          ...headers,
        },
        body === undefined ? undefined : JSON.stringify(body),
      );
      const text = await response.text();
      const parsed: unknown = text === "" ? undefined : JSON.parse(text);
      return { status: response.status, headers: response.headers, body: parsed };
    },
  };
}

/** The setup link that a gateway printed. */
export async function setupLink({ process }: Pick<ServeGateway, "process">): Promise<URL> {
  const [, link = ""] = await process.sees(/become the admin within 15 minutes at\s+(\S+\/setup\?token=\S+)\n/);
  return new URL(link);
}

/** Makes `ada@example.com` the first admin; a browser in which she is signed in. */
export async function setUp(gateway: Pick<ServeGateway, "process" | "origin">): Promise<BrowserSession> {
  const browser = openBrowser(gateway.origin);
  const token = (await setupLink(gateway)).searchParams.get("token") ?? "";
  const person = { organisation: "Engines", name: "Ada", email: "ada@example.com", password };
  const response = await browser.post("/setup", { token, ...person });
  if (response.status !== 303) throw new Error(`setup answered ${response.status}: ${await response.text()}`);
  return browser;
}

/** Invites `<name>@example.com` as an admin does; a browser in which they are signed in. */
export async function join(admin: BrowserSession, name: string, role: string): Promise<BrowserSession> {
  const invited = await admin.api("POST", "/invitations", { role });
  const token = new URL(textOf(invited.body, "url")).searchParams.get("token") ?? "";
  const browser = openBrowser(admin.origin);
  const response = await browser.post("/invitation", { token, name, email: `${name}@example.com`, password });
  if (response.status !== 303) throw new Error(`joining answered ${response.status}: ${await response.text()}`);
  return browser;
}

/** An API token of who is signed in. */
export async function apiToken(browser: BrowserSession, role?: string): Promise<string> {
  const made = await browser.api("POST", "/api-tokens", { label: "test", ...(role === undefined ? {} : { role }) });
  return textOf(made.body, "token");
}

/** Asks the HTTP API by a bearer token. `path` is below `/api/v1`. */
export function askApi(
  origin: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): ReturnType<BrowserSession["api"]> {
  return openBrowser(origin).api(method, path, body, { authorization: `Bearer ${token}` });
}

/** A member of an answer that is a text. */
export function textOf(body: unknown, name: string): string {
  const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
  if (typeof value !== "string") throw new Error(`no text \`${name}\` in ${JSON.stringify(body)}`);
  return value;
}
