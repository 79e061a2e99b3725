import type { Actor } from "../audit/admin-event.ts";
import type { CredentialEntry } from "../control/state.ts";
import type { Secret } from "../vault/secret.ts";
import { clientDocument, type ClientView, clientView, enterClient, removeClient } from "./client-identity.ts";
import { ConnectionTokens } from "./connection-tokens.ts";
import { type ConnectionView, connectionViews, disconnect } from "./connections.ts";
import { beginFlow, enterFlow, finishFlow } from "./flows.ts";
import type { ConnectionPlace, OAuthContext } from "./oauth-context.ts";

/** The gateway as an OAuth client of the servers behind it. Nothing to close. */
export interface UpstreamOAuth {
  /** See `beginFlow`. */
  begin(actor: Actor, place: ConnectionPlace): Promise<{ readonly url: string; readonly expiresMs: number }>;
  /** See `enterFlow`. */
  enter(actor: Actor | undefined, state: string): Promise<{ readonly location: string; readonly cookie: string }>;
  /** See `finishFlow`. */
  finish(answer: URLSearchParams, cookie: string | undefined): Promise<ConnectionPlace>;
  /** See `disconnect`. */
  disconnect(actor: Actor, place: ConnectionPlace): Promise<boolean>;
  /** See `connectionViews`. */
  connections(actor: Actor, server: string): Promise<readonly ConnectionView[]>;
  /** See `clientView`. */
  client(server: string): Promise<ClientView | undefined>;
  /** See `enterClient`. */
  enterClient(
    actor: Actor,
    server: string,
    client: { readonly id: string; readonly secret: Secret | undefined },
  ): Promise<void>;
  /** See `removeClient`. */
  removeClient(actor: Actor, server: string): Promise<void>;
  /** What an authorization server reads to know the gateway. */
  clientDocument(): Readonly<Record<string, unknown>>;
  /** The tokens of a connection, for whoever sends requests with them. Throws `STORE_CORRUPT`. */
  tokensOf(entry: CredentialEntry): ConnectionTokens;
}

/** Binds the operations to what they work with. */
export function createUpstreamOAuth(context: OAuthContext): UpstreamOAuth {
  return {
    begin: (actor, place) => beginFlow(context, actor, place),
    enter: (actor, state) => enterFlow(context, actor, state),
    finish: (answer, cookie) => finishFlow(context, answer, cookie),
    disconnect: (actor, place) => disconnect(context, actor, place),
    connections: (actor, server) => connectionViews(context, actor, server),
    client: (server) => clientView(context, server),
    enterClient: (actor, server, client) => enterClient(context, actor, server, client),
    removeClient: (actor, server) => removeClient(context, actor, server),
    clientDocument: () => clientDocument(context.publicOrigin()),
    tokensOf: (entry) => new ConnectionTokens(context, entry),
  };
}
