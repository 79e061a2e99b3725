import { mintGrant } from "../../src/control/grants.ts";
import { createPolicy } from "../../src/control/policies.ts";
import { registerServer } from "../../src/control/servers.ts";
import type { ControlPlane } from "../../src/control/control-plane.ts";
import { type Browser, openBrowser, type Page } from "../kit/browser.ts";
import { type HttpClient, openHttpModern } from "../kit/clients.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { type ApiAnswer, askApi, type SignedIn, signIn } from "../kit/members.ts";
import type { ProviderOptions } from "../servers/oauth-provider.ts";
import { type OAuthServer, startOAuthServer } from "../servers/oauth-server.ts";
import { admin, openVaultPlane } from "./open-vault-plane.ts";

/** A gateway before a server that demands OAuth, registered as `notes`, with an admin who is signed in. */
export interface OAuthWorld {
  readonly gateway: ServeGateway;
  readonly plane: ControlPlane;
  readonly server: OAuthServer;
  readonly ada: SignedIn;
  readonly browser: Browser;
  api(method: string, path: string, body?: unknown, who?: SignedIn): Promise<ApiAnswer>;
  /** Begins to connect, for all grants or one; the address that a browser has to open. */
  begin(grantId?: string, who?: SignedIn): Promise<string>;
  /** Connects as that person of the server's. The page at the end. */
  connect(person: string, grantId?: string, who?: SignedIn, browser?: Browser): Promise<Page>;
  /** A browser in which somebody is signed in. */
  browserOf(who: SignedIn): Browser;
  /** A client of a new grant. */
  newClient(owner?: string): Promise<{ readonly client: HttpClient; readonly grantId: string; readonly token: string }>;
}

const allowAll = '{"version":"1","default":"allow"}';

/** The settings that such a gateway has. */
export const worldSettings = { allow: { private_addresses: true } } as const;

/** Starts one. Closed by `closeAll`. */
export async function startOAuthWorld(
  options: ProviderOptions = {},
  settings: Readonly<Record<string, unknown>> = {},
): Promise<OAuthWorld> {
  const gateway = await startServe({ policies: { p: allowAll }, settings: { ...worldSettings, ...settings } });
  const plane = await openVaultPlane(gateway.folder);
  const server = await startOAuthServer(options);
  const access = { kind: "url", url: server.url, transport: "streamable-http" } as const;
  await registerServer(plane, admin, "notes", { title: "Notes", access, settings: {} });
  await createPolicy(plane, admin, "open", { title: "Open", document: allowAll, note: "" });
  const ada = await signIn(plane, "ada", "admin");
  await settle();
  const { origin } = gateway;
  const browserOf = (who: SignedIn): Browser => {
    const opened = openBrowser();
    opened.keep(new URL(origin).host, who.cookie);
    return opened;
  };
  const browser = browserOf(ada);
  const api: OAuthWorld["api"] = (method, path, body, who = ada) => askApi(origin, who, method, path, body);
  const begin: OAuthWorld["begin"] = async (grantId, who = ada) => {
    const query = grantId === undefined ? "" : `?grantId=${grantId}`;
    const { status, text, body } = await api("POST", `/servers/notes/connection${query}`, undefined, who);
    if (status !== 201) throw new Error(`not begun: ${status} ${text}`);
    return String(Object.getOwnPropertyDescriptor(body, "url")?.value);
  };
  return {
    gateway,
    plane,
    server,
    ada,
    browser,
    api,
    begin,
    browserOf,
    connect: async (person, grantId, who = ada, own = browserOf(who)) => {
      server.person = person;
      const page = await own.visit(await begin(grantId, who));
      await settle();
      return page;
    },
    newClient: async (owner) => {
      const servers = new Map([["notes", "open"]]);
      const grant = { label: "a", owner, tags: {}, showDenied: false, expiresMs: undefined, servers };
      const { id: grantId, token } = await mintGrant(plane, admin, grant);
      await settle();
      return { client: openHttpModern(gateway.url("notes"), token), grantId, token };
    },
  };
}

/** Longer than a process takes to look for what others changed. */
export function settle(ms: number = 700): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
