import { type Actor, gatewayActor } from "../audit/admin-event.ts";
import { demand, invalid, notFound } from "../control/control-context.ts";
import { originOf } from "../control/credentials.ts";
import { oauthNames } from "../control/load-state.ts";
import { findSecret, serverOf, writeSecret } from "../control/upstream-credentials.ts";
import { AppError } from "../errors.ts";
import type { SecretRow } from "../store/control-tables.ts";
import type { Secret } from "../vault/secret.ts";
import { type Discovered, discover } from "./discover.ts";
import { registerClient, secretMethod } from "./issuer-requests.ts";
import { endpointRulesOf, type OAuthContext, redirectUriOf } from "./oauth-context.ts";
import { type OAuthClient, readClient, toSecret } from "./stored-texts.ts";

/** The address of the gateway's client metadata document, which is its client id (Client ID Metadata Documents). */
export function clientDocumentUrl(publicOrigin: string): string {
  return `${publicOrigin}/oauth/upstream/client.json`;
}

/** Pure. The document at {@link clientDocumentUrl}. */
export function clientDocument(publicOrigin: string): Readonly<Record<string, unknown>> {
  return {
    client_id: clientDocumentUrl(publicOrigin),
    client_name: "Callgate",
    client_uri: publicOrigin,
    redirect_uris: [redirectUriOf(publicOrigin)],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
}

/**
 * The client that the gateway is at an issuer: one that was entered for this server, the gateway's own document where the
 * issuer reads it and can reach it, one that was registered before, or a new one. Rejects with `OAUTH_CONNECT_FAILED`.
 */
export async function clientFor(
  context: OAuthContext,
  actor: Actor,
  server: string,
  discovered: Discovered,
): Promise<OAuthClient> {
  const { issuer, registrationEndpoint, readsClientDocuments } = discovered;
  const publicOrigin = context.publicOrigin();
  const redirectUri = redirectUriOf(publicOrigin);
  const row = await clientRow(context, server);
  const known = row === undefined ? undefined : openClient(context, row);
  // INVARIANT: a client's id and secret go to the issuer they belong to, whatever the server says now.
  const fits = known?.issuer === issuer.issuer ? known : undefined;
  if (fits?.origin === "entered") return { ...fits, redirectUri };
  if (readsClientDocuments && publicOrigin.startsWith("https:")) {
    const id = clientDocumentUrl(publicOrigin);
    return { issuer: issuer.issuer, id, method: "none", origin: "document", redirectUri };
  }
  const nowMs = context.control.clock.wallMs();
  if (fits?.redirectUri === redirectUri && nowMs < (fits.secretExpiresMs ?? Infinity)) return fits;
  if (registrationEndpoint === undefined) {
    throw new AppError(
      "OAUTH_CONNECT_FAILED",
      `the authorization server registers no clients: make one there with the redirect address \`${redirectUri}\` and enter its id`,
    );
  }
  const { access } = serverOf(context.control, server).settings;
  const way = { fetch: context.fetch, rules: endpointRulesOf(context, server, originOf(access)) };
  const client = await registerClient(way, issuer, registrationEndpoint, redirectUri);
  await writeClient(context, actor, server, client);
  return client;
}

/**
 * Stores a client that a person made at the server's authorization server, which is looked up now: the secret never goes to
 * another. Throws `FORBIDDEN`, `NOT_FOUND`, `INPUT_INVALID`, and `OAUTH_CONNECT_FAILED`.
 */
export async function enterClient(
  context: OAuthContext,
  actor: Actor,
  server: string,
  { id, secret }: { readonly id: string; readonly secret: Secret | undefined },
): Promise<void> {
  demand(actor, "credentials.write");
  const { access } = serverOf(context.control, server).settings;
  if (access.kind !== "url") {
    throw invalid([{ path: "", message: "a command has no OAuth", hint: "set its variables instead" }]);
  }
  const { issuer } = await discover(access.url, endpointRulesOf(context, server, originOf(access)), context.fetch);
  const client: OAuthClient = {
    issuer: issuer.issuer,
    id,
    ...(secret === undefined ? {} : { secret: secret.reveal() }),
    method: secret === undefined ? "none" : secretMethod(issuer),
    origin: "entered",
    redirectUri: redirectUriOf(context.publicOrigin()),
  };
  await writeClient(context, actor, server, client);
}

/** Forgets the client of a server; connections that were made with it go on. Throws `FORBIDDEN` and `NOT_FOUND`. */
export async function removeClient({ control }: OAuthContext, actor: Actor, server: string): Promise<void> {
  demand(actor, "credentials.write");
  await control.database.change(actor, async ({ tx, record }) => {
    const row = await findSecret(tx, clientPlace(server));
    if (row === undefined) throw notFound("client at the server", server);
    await tx.deleteFrom("secrets").where("id", "=", row.id).execute();
    record({ action: "credential.remove", objectId: server, before: { kind: "oauth", name: "client" } });
  });
}

/**
 * Forgets a client that the gateway registered, and that its issuer does not know any more: whoever connects the server
 * next registers a new one. One that a person entered stays.
 */
export async function forgetRegistration(context: OAuthContext, server: string, id: string): Promise<void> {
  const row = await clientRow(context, server);
  const client = row === undefined ? undefined : openClient(context, row);
  if (row === undefined || client?.origin !== "registered" || client.id !== id) return;
  await context.control.database.change(gatewayActor, async ({ tx, record }) => {
    await tx.deleteFrom("secrets").where("id", "=", row.id).execute();
    record({ action: "credential.remove", objectId: server, before: { kind: "oauth", name: "client", id } });
  });
}

/** A client as it may be shown. */
export interface ClientView {
  readonly issuer: string;
  readonly id: string;
  readonly origin: OAuthClient["origin"];
  readonly hasSecret: boolean;
  readonly setBy: string;
  readonly setAtMs: number;
}

/** The client that is stored for a server; undefined when there is none, or none that opens. */
export async function clientView(context: OAuthContext, server: string): Promise<ClientView | undefined> {
  const row = await clientRow(context, server);
  const client = row === undefined ? undefined : openClient(context, row);
  if (row === undefined || client === undefined) return undefined;
  const { issuer, id, origin, secret } = client;
  return { issuer, id, origin, hasSecret: secret !== undefined, setBy: row.set_by, setAtMs: row.updated_ms };
}

function clientPlace(server: string) {
  return { server, grantId: undefined, kind: "oauth", name: oauthNames.client } as const;
}

function clientRow({ control }: OAuthContext, server: string): Promise<SecretRow | undefined> {
  return findSecret(control.database.read, clientPlace(server));
}

function openClient({ control, logger }: OAuthContext, row: SecretRow): OAuthClient | undefined {
  try {
    const { id: recordId, version, origin, sealed } = row;
    return readClient(control.vault.open(sealed, { recordId, version, origin }));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    logger.error({ server: row.server, reason: error.message }, "a stored OAuth client cannot be read");
    return undefined;
  }
}

async function writeClient(context: OAuthContext, actor: Actor, server: string, client: OAuthClient): Promise<void> {
  const { control } = context;
  const secret = { ...clientPlace(server), origin: client.issuer, value: toSecret(client) };
  await control.database.change(actor, async (change) => {
    await writeSecret(control, change, actor, secret, await findSecret(change.tx, clientPlace(server)));
    const { issuer, id, origin } = client;
    const after = { kind: "oauth", name: "client", issuer, id, origin };
    change.record({ action: "credential.set", objectId: server, after });
  });
}
