import { type Actor, gatewayActor } from "../audit/admin-event.ts";
import { demand, notFound } from "../control/control-context.ts";
import { originOf } from "../control/credentials.ts";
import { oauthNames } from "../control/load-state.ts";
import {
  demandCredentials,
  demandCredentialsWithin,
  findSecret,
  serverOf,
  writeSecret,
} from "../control/upstream-credentials.ts";
import { AppError } from "../errors.ts";
import type { Change } from "../store/control-database.ts";
import type { SecretRow } from "../store/control-tables.ts";
import { revokeTokens } from "./issuer-requests.ts";
import { type ConnectionAlert, type ConnectionPlace, endpointRulesOf, type OAuthContext } from "./oauth-context.ts";
import { readTokens, type Tokens, toSecret } from "./stored-texts.ts";

/** A connection as it may be shown. Times in milliseconds since 1970. */
export interface ConnectionView {
  readonly grantId: string | undefined;
  readonly issuer: string;
  readonly scope: string;
  /** `other_address`: the server was edited since, and the tokens are not sent to its new address. */
  readonly status: ConnectionAlert["status"] | "other_address" | "unreadable";
  /** What is wrong and what to do. */
  readonly problem: string | undefined;
  /** Of the access token; undefined when the issuer does not say. */
  readonly expiresMs: number | undefined;
  readonly connectedBy: string;
  readonly updatedMs: number;
}

/** The connections of a server. Throws `FORBIDDEN` and `NOT_FOUND`. */
export async function connectionViews(
  { control }: OAuthContext,
  actor: Actor,
  server: string,
): Promise<readonly ConnectionView[]> {
  demand(actor, "servers.read");
  const origin = originOf(serverOf(control, server).settings.access);
  const rows = await control.database.read
    .selectFrom("upstream_connections")
    .selectAll()
    .where("server", "=", server)
    .orderBy("grant_id")
    .execute();
  const tokens = control.state().credentials.filter((entry) => entry.server === server && entry.kind === "oauth");
  return rows.map((row) => {
    const grantId = row.grant_id === "" ? undefined : row.grant_id;
    const entry = tokens.find((one) => one.grantId === grantId);
    const isMoved = entry !== undefined && entry.origin !== origin;
    return {
      grantId,
      issuer: row.issuer,
      scope: row.scope,
      status: isMoved ? "other_address" : entry?.value === undefined ? "unreadable" : row.status,
      problem: isMoved ? "the server has another address now: connect it again" : (row.problem ?? undefined),
      expiresMs: row.expires_ms ?? undefined,
      connectedBy: row.connected_by,
      updatedMs: row.updated_ms,
    };
  });
}

/**
 * Keeps the tokens of a new connection, in place of one before. Throws as `demandCredentialsWithin`: the authorization
 * server may have taken its time, and nobody comes to act as the person who signed in but whom they signed in for.
 */
export async function keepConnection(
  { control }: OAuthContext,
  actor: Actor,
  place: ConnectionPlace,
  origin: string,
  tokens: Tokens,
): Promise<void> {
  const { server, grantId } = place;
  await control.database.change(actor, async (change) => {
    const { tx, nowMs } = change;
    await demandCredentialsWithin(control, change, actor, { ...place, origin });
    const old = await findSecret(tx, tokensPlace(place));
    // A new record: who consented now may be another person upstream, so sessions begin anew.
    if (old !== undefined) await tx.deleteFrom("secrets").where("id", "=", old.id).execute();
    await writeSecret(control, change, actor, { ...tokensPlace(place), origin, value: toSecret(tokens) }, undefined);
    await tx
      .deleteFrom("upstream_connections")
      .where("server", "=", server)
      .where("grant_id", "=", grantId ?? "")
      .execute();
    await tx
      .insertInto("upstream_connections")
      .values({
        server,
        grant_id: grantId ?? "",
        status: "connected",
        issuer: tokens.issuer.issuer,
        scope: tokens.scope,
        problem: null,
        expires_ms: tokens.expiresMs ?? null,
        connected_by: actor.name,
        renewing_until_ms: 0,
        updated_ms: nowMs,
      })
      .execute();
    const { issuer, scope, client } = tokens;
    const after = { ...shownPlace(place), issuer: issuer.issuer, scope, client: client.id };
    change.record({ action: "connection.create", objectId: server, after });
  });
}

/**
 * Ends a connection: its tokens are gone here, and revoked at the issuer if that can be had. Whether it could. Throws
 * `FORBIDDEN` and `NOT_FOUND`.
 */
export async function disconnect(context: OAuthContext, actor: Actor, place: ConnectionPlace): Promise<boolean> {
  const { control } = context;
  await demandCredentials(control, actor, place);
  const { server, grantId } = place;
  const row = await control.database.change(actor, async ({ tx, record }) => {
    const found = await findSecret(tx, tokensPlace(place));
    if (found === undefined) throw notFound("connection of the server", server);
    await tx.deleteFrom("secrets").where("id", "=", found.id).execute();
    await tx
      .deleteFrom("upstream_connections")
      .where("server", "=", server)
      .where("grant_id", "=", grantId ?? "")
      .execute();
    record({ action: "connection.remove", objectId: server, before: shownPlace(place) });
    return found;
  });
  const tokens = openTokens(context, row);
  if (tokens === undefined) return false;
  return revokeTokens({ fetch: context.fetch, rules: endpointRulesOf(context, server, row.origin) }, tokens);
}

/** The tokens of a row; undefined when it does not open. */
export function openTokens({ control }: OAuthContext, row: SecretRow): Tokens | undefined {
  try {
    const { id: recordId, version, origin, sealed } = row;
    return readTokens(control.vault.open(sealed, { recordId, version, origin }));
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/**
 * Notes how a connection stands, and says so once: with an admin event, an alert and a line in the log when it is not what
 * it was.
 */
export async function noteStatus({ control, alert, logger }: OAuthContext, standing: ConnectionAlert): Promise<void> {
  const { server, grantId, status, problem } = standing;
  const place = { server, grant_id: grantId ?? "" };
  const row = await control.database.read
    .selectFrom("upstream_connections")
    .select(["status", "problem"])
    .where("server", "=", place.server)
    .where("grant_id", "=", place.grant_id)
    .executeTakeFirst();
  if (row === undefined || row.status === status) return;
  await control.database.change(gatewayActor, async (change) => {
    await setStatus(change, place, status, problem);
    const after = { ...shownPlace(standing), status, ...(problem === undefined ? {} : { problem }) };
    change.record({ action: `connection.${status}`, objectId: server, before: { status: row.status }, after });
  });
  logger.warn({ server, grant: grantId, status, problem }, "an OAuth connection changed how it stands");
  alert(standing);
}

async function setStatus(
  { tx, nowMs }: Change,
  place: { readonly server: string; readonly grant_id: string },
  status: ConnectionAlert["status"],
  problem: string | undefined,
): Promise<void> {
  await tx
    .updateTable("upstream_connections")
    .set({ status, problem: problem ?? null, updated_ms: nowMs })
    .where("server", "=", place.server)
    .where("grant_id", "=", place.grant_id)
    .execute();
}

function tokensPlace({ server, grantId }: ConnectionPlace) {
  return { server, grantId, kind: "oauth", name: oauthNames.tokens } as const;
}

function shownPlace({ grantId }: ConnectionPlace): Record<string, string> {
  return grantId === undefined ? {} : { grant: grantId };
}
