import { createHash } from "node:crypto";
import type { Actor } from "../audit/admin-event.ts";
import { invalid } from "../control/control-context.ts";
import { originOf } from "../control/credentials.ts";
import { demandCredentials, serverOf } from "../control/upstream-credentials.ts";
import { AppError } from "../errors.ts";
import { newSecretText, sha256Hex } from "../identity/token.ts";
import type { ControlQueries } from "../store/control-database.ts";
import { clientFor } from "./client-identity.ts";
import { keepConnection } from "./connections.ts";
import { discover } from "./discover.ts";
import { redeemCode, revokeTokens } from "./issuer-requests.ts";
import { type ConnectionPlace, endpointRulesOf, type OAuthContext } from "./oauth-context.ts";
import { type Flow, readFlow, toSecret } from "./stored-texts.ts";

/** How long a person has from the question to the answer, milliseconds. */
export const flowLifetimeMs: number = 10 * 60_000;

/**
 * Begins a connection. The address it returns is the gateway's own: the same member opens it in a browser where they are
 * signed in, and is led to the authorization server from there. Throws `FORBIDDEN`, `NOT_FOUND`, `INPUT_INVALID`, and
 * `OAUTH_CONNECT_FAILED` with what is missing.
 */
export async function beginFlow(
  context: OAuthContext,
  actor: Actor,
  place: ConnectionPlace,
): Promise<{ readonly url: string; readonly expiresMs: number }> {
  const { control } = context;
  await demandCredentials(control, actor, place);
  if (actor.memberId === undefined) throw new AppError("FORBIDDEN", "a server is connected by a member, in a browser");
  const { access } = serverOf(control, place.server).settings;
  if (access.kind !== "url") {
    throw invalid([{ path: "", message: "a command has no OAuth", hint: "set its variables instead" }]);
  }
  const origin = originOf(access);
  const discovered = await discover(access.url, endpointRulesOf(context, place.server, origin), context.fetch);
  const client = await clientFor(context, actor, place.server, discovered);
  const { issuer, resource, scope } = discovered;
  const state = newSecretText();
  const flow: Flow = {
    server: place.server,
    ...(place.grantId === undefined ? {} : { grantId: place.grantId }),
    origin,
    memberId: actor.memberId,
    codeVerifier: newSecretText(),
    ...(scope === undefined ? {} : { scope }),
    resource,
    issuer,
    client,
  };
  const id = flowId(state);
  const sealed = control.vault.seal(toSecret(flow), flowBinding(id));
  const expiresMs = control.clock.wallMs() + flowLifetimeMs;
  await control.database.note(async (tx, nowMs) => {
    await tx
      .deleteFrom("sealed_values")
      .where("id", "like", `${flowPrefix}%`)
      .where("expires_ms", "<=", nowMs)
      .execute();
    await tx.insertInto("sealed_values").values({ id, sealed, version: 1, expires_ms: expiresMs }).execute();
  });
  return { url: `${context.publicOrigin()}/oauth/upstream/begin?flow=${state}`, expiresMs };
}

/**
 * Leads the member's browser to the authorization server: where to, and what to keep in a cookie, by which the browser is
 * known when it comes back. Throws `FORBIDDEN` for anybody else, and `NOT_FOUND` for a flow that is over.
 */
export async function enterFlow(
  { control }: OAuthContext,
  actor: Actor | undefined,
  state: string,
): Promise<{ readonly location: string; readonly cookie: string }> {
  const id = flowId(state);
  const cookie = newSecretText();
  const row = await findFlow(control.database.read, id, control.clock.wallMs());
  const flow = readFlow(control.vault.open(row.sealed, flowBinding(id)));
  if (actor?.memberId !== flow.memberId) {
    throw new AppError("FORBIDDEN", "sign in here as the member who began to connect this server, and open it again");
  }
  const sealed = control.vault.seal(toSecret({ ...flow, browserSha256: sha256Hex(cookie) }), flowBinding(id));
  await control.database.note((tx) => tx.updateTable("sealed_values").set({ sealed }).where("id", "=", id).execute());
  return { location: authorizationUrl(flow, state), cookie };
}

/** Pure. RFC 6749 §4.1.1 with RFC 7636 (S256, always) and RFC 8707. */
function authorizationUrl({ issuer, client, scope, resource, codeVerifier }: Flow, state: string): string {
  const url = new URL(issuer.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: client.id,
    redirect_uri: client.redirectUri,
    state,
    code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
    code_challenge_method: "S256",
    resource,
    ...(scope === undefined ? {} : { scope }),
    // OpenID Connect Core §11: without consent there is no offline access.
    ...(scope?.split(" ").includes("offline_access") === true ? { prompt: "consent" } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * Takes the authorization server's answer from the browser, once: checks that it is the same browser, that the member may
 * still do this and the server is still the same, redeems the code and keeps the connection. Rejects with
 * `OAUTH_CONNECT_FAILED`, `FORBIDDEN` and `NOT_FOUND`.
 */
export async function finishFlow(
  context: OAuthContext,
  answer: URLSearchParams,
  cookie: string | undefined,
): Promise<ConnectionPlace> {
  const { control } = context;
  const states = answer.getAll("state");
  const [state = ""] = states.length === 1 ? states : [];
  const id = flowId(state);
  // INVARIANT: whatever comes of it, one answer is all that a flow takes.
  const row = await control.database.note(async (tx, nowMs) => {
    const found = await findFlow(tx, id, nowMs);
    await tx.deleteFrom("sealed_values").where("id", "=", id).execute();
    return found;
  });
  const flow = readFlow(control.vault.open(row.sealed, flowBinding(id)));
  if (cookie === undefined || flow.browserSha256 !== sha256Hex(cookie)) {
    throw new AppError("FORBIDDEN", "this is another browser than the one that asked: connect the server again, here");
  }
  const place = { server: flow.server, grantId: flow.grantId };
  const actor = await memberOf(control.database.read, flow.memberId);
  await demandCredentials(control, actor, place);
  if (originOf(serverOf(control, flow.server).settings.access) !== flow.origin) {
    throw failed("the server got another address meanwhile: connect it again");
  }
  const way = { fetch: context.fetch, rules: endpointRulesOf(context, flow.server, flow.origin) };
  const redeemed = await redeemCode(way, flow, answer, state, control.clock.wallMs());
  if (redeemed.kind !== "given") throw failed(`the authorization server gave no tokens: ${redeemed.problem}`);
  try {
    // Asking took a while: the member may be another role by now, or gone.
    const current = await memberOf(control.database.read, flow.memberId);
    await keepConnection(context, current, place, flow.origin, redeemed.tokens);
  } catch (error) {
    await revokeTokens(way, redeemed.tokens);
    throw error;
  }
  return place;
}

async function memberOf(read: ControlQueries, id: string): Promise<Actor> {
  const member = await read.selectFrom("members").selectAll().where("id", "=", id).executeTakeFirst();
  if (member === undefined) throw new AppError("FORBIDDEN", "the member who began to connect this server is gone");
  const { email: name, role } = member;
  return { kind: "member", memberId: id, name, role, address: undefined };
}

async function findFlow(read: ControlQueries, id: string, nowMs: number): Promise<{ readonly sealed: string }> {
  const row = await read
    .selectFrom("sealed_values")
    .select("sealed")
    .where("id", "=", id)
    .where("expires_ms", ">", nowMs)
    .executeTakeFirst();
  if (row !== undefined) return row;
  throw new AppError("NOT_FOUND", "this connection was finished before, or took over ten minutes: begin it again");
}

const flowPrefix = "upstream-oauth-flow:";

/** The state itself is in no row: who reads the store cannot go on with a flow. */
function flowId(state: string): string {
  return `${flowPrefix}${sha256Hex(state)}`;
}

function flowBinding(recordId: string) {
  return { recordId, version: 1, origin: "callgate" } as const;
}

function failed(message: string): AppError {
  return new AppError("OAUTH_CONNECT_FAILED", message);
}
