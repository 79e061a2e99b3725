import type { IncomingMessage, ServerResponse } from "node:http";
import type { Provider } from "oidc-provider";
import { mcpScope, routes } from "./metadata.ts";
import type { ProviderParts } from "./provider.ts";
import { countClients, pruneObjects } from "./authorizations.ts";
import { RequestLimit } from "./request-limit.ts";

/** What an {@link AuthorizationServer} works with. The issuer is known when the gateway listens. */
export interface AuthorizationServerParts extends Omit<ProviderParts, "issuer" | "errorPage" | "mayFetchDocument"> {
  readonly publicOrigin: () => string;
}

/** How one request is answered. */
export interface HandleOptions {
  /** The network address that it comes from. */
  readonly address: string | undefined;
  /** A page for a person whose request cannot go on, whatever its status says. */
  readonly errorPage: (message: string) => Promise<Response>;
}

/** How many clients may be kept at a time, registered and not expired. */
const clientsMax = 5_000;

/** The longest query of an authorization request, characters, and the longest registration, bytes: both are kept. */
const queryLengthMax = 6_144;
const registrationBytesMax = 16_384;

/** Where an authorization request goes on after its consent. `/oauth/authorize/` is none: to the library it begins one. */
const resumePath = /^\/oauth\/authorize\/[A-Za-z0-9_-]+$/;

/** How often what has expired is removed, milliseconds. */
const pruneEveryMs = 3_600_000;

/** The parameters of an authorization request that mean something here; others are not looked at (RFC 6749 §3.1). */
const known: ReadonlySet<string> = new Set([
  "response_type",
  "client_id",
  "redirect_uri",
  "state",
  "code_challenge",
  "code_challenge_method",
  "resource",
  "prompt",
  "request",
  "request_uri",
]);

/** Issues tokens to MCP clients. The library that speaks the protocol is loaded with the first request. */
export class AuthorizationServer {
  readonly #parts: AuthorizationServerParts;
  readonly #registrations: RequestLimit;
  readonly #authorizations: RequestLimit;
  readonly #documents: RequestLimit;
  readonly #handled = new WeakMap<IncomingMessage, HandleOptions>();
  #provider: Promise<Provider> | undefined;
  #prunedMs = -Infinity;

  constructor(parts: AuthorizationServerParts) {
    this.#parts = parts;
    const { clock } = parts.control;
    this.#registrations = new RequestLimit({ clock, perAddress: 200, inAll: 1_000 });
    this.#authorizations = new RequestLimit({ clock, perAddress: 500, inAll: 5_000 });
    this.#documents = new RequestLimit({ clock, perAddress: 200, inAll: 2_000 });
  }

  /** The library's server. Rejects with `SECRET_UNREADABLE`; the next call tries again. */
  provider(): Promise<Provider> {
    this.#provider ??= this.#load().catch((error: unknown) => {
      this.#provider = undefined;
      throw error;
    });
    return this.#provider;
  }

  /** Whether the gateway issues tokens itself. */
  get isIssuing(): boolean {
    return this.#parts.control.rules().oauth.issuer === undefined;
  }

  /** Who issues the tokens that open the gateway. */
  get issuer(): string {
    return this.#parts.control.rules().oauth.issuer?.issuer ?? this.#parts.publicOrigin();
  }

  /** Whether a request is for the protocol's own addresses. */
  isFor({ url = "", method }: IncomingMessage): boolean {
    if (!this.isIssuing) return false;
    const [path = ""] = url.split("?");
    if (path === routes.authorization || resumePath.test(path)) return method === "GET";
    if (path === routes.jwks) return method === "GET";
    return method === "POST" && [routes.token, routes.registration, routes.revocation].some((each) => each === path);
  }

  /** Answers such a request. */
  async handle(req: IncomingMessage, res: ServerResponse, options: HandleOptions): Promise<void> {
    const { address, errorPage } = options;
    const path = (req.url ?? "").split("?")[0];
    if (path === routes.registration && !isBounded(req)) {
      const error_description = `send the registration with its Content-Length, at most ${registrationBytesMax} bytes`;
      return sendJson(res, 400, { error: "invalid_client_metadata", error_description });
    }
    if (path === routes.registration && !(await this.#mayRegister(address))) {
      return sendJson(res, 429, { error: "temporarily_unavailable", error_description: "too many registrations" });
    }
    if (path === routes.authorization) {
      const isAllowed = this.#authorizations.allows(address);
      if (!isAllowed) return sendPage(res, 429, await errorPage("too many requests: try again in a while"));
      const fault = simplify(req);
      if (fault !== undefined) return sendPage(res, 400, await errorPage(fault));
    }
    const provider = await this.provider();
    this.#prune();
    this.#speakAs(req);
    this.#handled.set(req, options);
    await provider.callback()(req, res);
  }

  /**
   * Anybody may register a client: that is what dynamic registration is for. So it is counted, and clients that nobody
   * consents to do not stay.
   */
  async #mayRegister(address: string | undefined): Promise<boolean> {
    return this.#registrations.allows(address) && (await countClients(this.#parts.control)) < clientsMax;
  }

  /** The request as if it had come to the public origin itself, whatever a client or a proxy says of it. */
  #speakAs({ headers }: IncomingMessage): void {
    const { protocol, host } = new URL(this.#parts.publicOrigin());
    delete headers["forwarded"];
    headers["x-forwarded-proto"] = protocol.slice(0, -1);
    headers["x-forwarded-host"] = host;
  }

  #prune(): void {
    const { control, logger } = this.#parts;
    const nowMs = control.clock.monotonicMs();
    if (nowMs - this.#prunedMs < pruneEveryMs) return;
    this.#prunedMs = nowMs;
    void pruneObjects(control).catch((error: unknown) => {
      logger.error({ error: String(error) }, "what has expired of OAuth cannot be removed");
    });
  }

  async #load(): Promise<Provider> {
    const { createProvider } = await import("./provider.ts");
    return createProvider({
      ...this.#parts,
      issuer: this.#parts.publicOrigin(),
      errorPage: async (req, message) => (await this.#handled.get(req)?.errorPage(message)) ?? new Response(message),
      mayFetchDocument: (req) => this.#documents.allows(this.#handled.get(req)?.address),
    });
  }
}

function isBounded({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return length !== undefined && headers["transfer-encoding"] === undefined && Number(length) <= registrationBytesMax;
}

/**
 * Takes out of an authorization request what has no meaning here, so that no rarely used part of the protocol has a way
 * in. Returns why it is refused, or undefined.
 */
function simplify(req: IncomingMessage): string | undefined {
  const url = req.url ?? "";
  // Up to the first `?`: another one may stand in the query itself (RFC 3986 §3.4).
  const query = url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
  if (query.length > queryLengthMax) return "the request is too long";
  const given = new URLSearchParams(query);
  const kept = new URLSearchParams();
  for (const [name, value] of given) if (known.has(name)) kept.append(name, value);
  // RFC 6749 §3.1; several resources would need a token for each (RFC 8707 §2.2).
  if (kept.size !== new Set(kept.keys()).size) return "a parameter of the request stands there twice";
  const mode = given.get("response_mode") ?? "query";
  if (mode !== "query") return "the answer is given in the query alone: leave `response_mode` out";
  kept.set("scope", mcpScope);
  req.url = `${routes.authorization}?${kept.toString()}`;
  return undefined;
}

async function sendPage(res: ServerResponse, status: number, page: Response): Promise<void> {
  res.writeHead(status, Object.fromEntries(page.headers));
  res.end(await page.text());
}

function sendJson(res: ServerResponse, status: number, body: Readonly<Record<string, string>>): void {
  res.writeHead(status, { "content-type": "application/json", ...(status === 429 ? { "retry-after": "600" } : {}) });
  res.end(JSON.stringify(body));
}
