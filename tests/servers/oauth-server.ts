import { createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Provider } from "oidc-provider";
import { closeLater } from "../kit/opened.ts";
import { type HttpEcho, startHttpEcho } from "./http-echo.ts";
import { createTestProvider, type ProviderOptions } from "./oauth-provider.ts";

/** What an authorization server, or the server before it, does wrong. Switched on and off while it runs. */
export interface OAuthFaults {
  /** Metadata without `code_challenge_methods_supported`. */
  hasNoPkce: boolean;
  /** The callback names another issuer, or the metadata does. */
  issuer: "callback" | "metadata" | undefined;
  /** Members of the metadata that are replaced. */
  metadata: Readonly<Record<string, unknown>>;
  /** Metadata of endless length, of a byte a second, or behind a redirect to the other document of this origin. */
  answers: "huge" | "slow" | "redirected" | undefined;
  /** Every renewal is answered with this. */
  refusesRenewal: "invalid_grant" | "invalid_client" | "down" | undefined;
  /** The server refuses every token. */
  refusesTokens: boolean;
  /** What tools answer in place of what they do, with `TOKEN` for the token that they were called with. */
  says: string | undefined;
}

/** An MCP server over HTTP that demands OAuth, with its authorization server at the same origin. Closed by `closeAll`. */
export interface OAuthServer {
  readonly origin: string;
  readonly url: string;
  readonly echo: HttpEcho;
  readonly faults: OAuthFaults;
  /** Who signs in and consents next. */
  person: string;
  /** What happens before the token endpoint answers. */
  beforeTokens: () => Promise<void>;
  /** Who each accepted MCP request was sent for, oldest first. */
  readonly callers: readonly string[];
  /** Bearer tokens that were shown at `/mcp`, accepted or not. */
  readonly shownTokens: readonly string[];
  /** Bodies of requests to the token endpoint, oldest first. */
  readonly tokenRequests: readonly URLSearchParams[];
  /** Answers of the token endpoint, oldest first. */
  readonly tokenAnswers: readonly string[];
  /** Whether a token is good. */
  isGood(token: string): Promise<boolean>;
  /** Ids of clients that asked for tokens or codes. */
  readonly clientIds: ReadonlySet<string>;
}

/** Starts one. */
export async function startOAuthServer(options: ProviderOptions = {}): Promise<OAuthServer> {
  const server = new RunningOAuthServer(options, await startHttpEcho());
  await server.listen();
  return server;
}

class RunningOAuthServer implements OAuthServer {
  readonly echo: HttpEcho;
  readonly faults: OAuthFaults = {
    hasNoPkce: false,
    issuer: undefined,
    metadata: {},
    answers: undefined,
    refusesRenewal: undefined,
    refusesTokens: false,
    says: undefined,
  };
  readonly callers: string[] = [];
  readonly shownTokens: string[] = [];
  readonly tokenRequests: URLSearchParams[] = [];
  readonly tokenAnswers: string[] = [];
  readonly clientIds = new Set<string>();
  person = "alice";
  beforeTokens: () => Promise<void> = () => Promise.resolve();
  origin = "";
  readonly #options: ProviderOptions;
  #provider: Provider | undefined;

  constructor(options: ProviderOptions, echo: HttpEcho) {
    this.#options = options;
    this.echo = echo;
  }

  get url(): string {
    return `${this.origin}/mcp`;
  }

  async listen(): Promise<void> {
    const server = createServer((req, res) => {
      this.#take(req, res).catch((error: unknown) => {
        if (!res.headersSent) res.writeHead(500);
        res.end(String(error));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closeLater(async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    this.origin = `http://127.0.0.1:${portOf(server.address())}`;
    this.#provider = createTestProvider(this.origin, this.#options);
  }

  async isGood(token: string): Promise<boolean> {
    const found = await this.#provider?.AccessToken.find(token);
    return found?.isValid === true;
  }

  async #take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? "/", this.origin);
    if (url.pathname === "/mcp") return this.#takeMcp(req, res);
    if (url.pathname.startsWith("/.well-known/")) return this.#takeWellKnown(url, res);
    if (url.pathname.startsWith("/interaction/")) return this.#consent(req, res);
    if (url.pathname === "/token") return this.#takeToken(req, res);
    return this.#provide(req, res);
  }

  async #provide(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (this.faults.issuer === "callback") this.#lieAboutIssuer(res);
    await this.#provider?.callback()(req, res);
  }

  #lieAboutIssuer(res: ServerResponse): void {
    const set = res.setHeader.bind(res);
    res.setHeader = (name, value) =>
      set(
        name,
        name.toLowerCase() === "location"
          ? String(value).replace(/iss=[^&]+/, "iss=https%3A%2F%2Fevil.example")
          : value,
      );
  }

  async #takeMcp(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const [, token] = /^Bearer (\S+)$/.exec(req.headers.authorization ?? "") ?? [];
    if (token !== undefined) this.shownTokens.push(token);
    const found = token === undefined ? undefined : await this.#provider?.AccessToken.find(token);
    if (found === undefined || !found.isValid || found.aud !== this.url || this.faults.refusesTokens) {
      const metadata = `${this.origin}/.well-known/oauth-protected-resource/mcp`;
      res.writeHead(401, { "www-authenticate": `Bearer resource_metadata="${metadata}", scope="notes"` }).end();
      return;
    }
    this.callers.push(found.accountId);
    const { method, headers } = req;
    if (this.faults.says !== undefined) return this.#say(this.faults.says.replaceAll("TOKEN", token ?? ""), req, res);
    const passed = send(this.echo.url, { method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    });
    passed.on("error", () => res.destroy());
    res.on("close", () => passed.destroy());
    req.pipe(passed);
  }

  async #say(text: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(Buffer.from(chunk));
    const { id }: { id?: unknown } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const result = { resultType: "complete", content: [{ type: "text", text }] };
    res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  }

  #takeWellKnown(url: URL, res: ServerResponse): void {
    if (url.pathname === "/.well-known/oauth-protected-resource/mcp") {
      const resource = { resource: this.url, authorization_servers: [this.origin], scopes_supported: ["notes"] };
      return void res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(resource));
    }
    if (url.pathname !== "/.well-known/oauth-authorization-server") return void res.writeHead(404).end();
    switch (this.faults.answers) {
      case "huge":
        return this.#answerWithoutEnd(res);
      case "slow":
        return this.#answerSlowly(res);
      case "redirected":
        return void res.writeHead(302, { location: `${this.origin}/.well-known/openid-configuration` }).end();
      case undefined:
        break;
    }
    res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.#metadata()));
  }

  #metadata(): Readonly<Record<string, unknown>> {
    const { hasNoPkce, issuer, metadata } = this.faults;
    return {
      issuer: issuer === "metadata" ? "https://evil.example" : this.origin,
      authorization_endpoint: `${this.origin}/auth`,
      token_endpoint: `${this.origin}/token`,
      revocation_endpoint: `${this.origin}/token/revocation`,
      ...(this.#options.registersClients === false ? {} : { registration_endpoint: `${this.origin}/reg` }),
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
      ...(hasNoPkce ? {} : { code_challenge_methods_supported: ["S256"] }),
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: this.#options.readDocument !== undefined,
      scopes_supported: ["notes", "offline_access"],
      ...metadata,
    };
  }

  #answerWithoutEnd(res: ServerResponse): void {
    res.writeHead(200, { "content-type": "application/json" });
    const piece = Buffer.alloc(64 * 1024, 0x20);
    const write = (): void => {
      while (!res.destroyed && res.write(piece));
      if (!res.destroyed) res.once("drain", write);
    };
    write();
  }

  #answerSlowly(res: ServerResponse): void {
    res.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => res.write(" "), 1_000);
    res.on("close", () => clearInterval(timer));
  }

  async #takeToken(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString("utf8");
    const body = new URLSearchParams(text);
    this.tokenRequests.push(body);
    await this.beforeTokens();
    const basic = /^Basic (.+)$/.exec(req.headers.authorization ?? "")?.[1];
    const clientId =
      body.get("client_id") ??
      Buffer.from(basic ?? "", "base64")
        .toString("utf8")
        .split(":")[0] ??
      "";
    this.clientIds.add(decodeURIComponent(clientId));
    const { refusesRenewal } = this.faults;
    if (body.get("grant_type") === "refresh_token" && refusesRenewal !== undefined) {
      if (refusesRenewal === "down") return void res.writeHead(503).end();
      const refusal = JSON.stringify({ error: refusesRenewal });
      const challenge = refusesRenewal === "invalid_client" ? { "www-authenticate": "Basic" } : {};
      const status = refusesRenewal === "invalid_client" ? 401 : 400;
      return void res.writeHead(status, { "content-type": "application/json", ...challenge }).end(refusal);
    }
    // The library takes a body that was read before.
    Object.assign(req, { body: Object.fromEntries(body) });
    const end = res.end.bind(res);
    const answers = this.tokenAnswers;
    Object.assign(res, {
      end: (...parameters: Parameters<typeof end>) => {
        answers.push(String(parameters[0]));
        return end(...parameters);
      },
    });
    await this.#provide(req, res);
  }

  /** Signs the person in and consents to everything, as a page would that they clicked through. */
  async #consent(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const provider = this.#provider;
    if (provider === undefined) return;
    const { prompt, params, grantId, session } = await provider.interactionDetails(req, res);
    if (prompt.name === "login") {
      await provider.interactionFinished(req, res, { login: { accountId: this.person } });
      return;
    }
    const accountId = session?.accountId ?? this.person;
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const grant = known ?? new provider.Grant({ accountId, clientId: String(params["client_id"]) });
    grant.addOIDCScope("openid notes offline_access");
    grant.addResourceScope(this.url, "notes offline_access");
    const result = { consent: { grantId: await grant.save() } };
    await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("the server has no port");
}
