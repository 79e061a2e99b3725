import type { Actor } from "../audit/admin-event.ts";
import { type ControlContext, invalid } from "../control/control-context.ts";
import { editWithin, insertGrant } from "../control/grants.ts";
import { newShortId, sha256Hex } from "../identity/token.ts";
import type { Change } from "../store/control-database.ts";
import { offersFor, type ServerOffer } from "./offers.ts";
import type { RedirectTarget } from "./redirect-rules.ts";

/** What a client asks a person for. */
export interface ConsentRequest {
  readonly clientId: string;
  /** As the client calls itself: anybody can claim any name. */
  readonly clientName: string;
  /** The host whose own document describes the client; undefined for a client that registered itself. */
  readonly verifiedHost: string | undefined;
  readonly redirectUri: string;
  readonly target: RedirectTarget;
  /** The resource indicator of the request. */
  readonly resource: string;
  /** The server that it names, `""` for all. */
  readonly server: string;
  /** The client wants the person to be asked, whatever was decided before. */
  readonly mustAsk: boolean;
}

/** What a person grants: server to policy, at least one. */
export type ConsentChoice = ReadonlyMap<string, string>;

/** Who decides: a signed-in member. */
export type Person = Actor & { readonly memberId: string };

/** What this person may give to a client that asks for this. */
export function offersOf(
  { state, rules }: ControlContext,
  person: Person,
  request: ConsentRequest,
): readonly ServerOffer[] {
  return offersFor(state(), rules().oauth, person.role, request.server);
}

/** What this client holds of this person already: server to policy. */
export function heldByClient({ state, clock }: ControlContext, person: Person, clientId: string): ConsentChoice {
  const nowMs = clock.wallMs();
  const mine = [...state().grants.values()].find(
    ({ client, createdBy, revokedMs, expiresMs }) =>
      client === clientId &&
      createdBy === person.memberId &&
      revokedMs === undefined &&
      (expiresMs === undefined || expiresMs > nowMs),
  );
  return new Map(
    [...(mine?.servers ?? [])].flatMap(([server, policy]) => (policy === undefined ? [] : [[server, policy]])),
  );
}

/**
 * The grant of an earlier consent to the same: person, client, redirect and resource. Only where the redirect leads to a
 * site: any program on a person's machine can call itself by a client's name and wait at its address (RFC 8252 §8.6).
 */
export async function rememberedGrant(
  control: ControlContext,
  person: Person,
  request: ConsentRequest,
): Promise<string | undefined> {
  const { database, clock, state } = control;
  if (request.mustAsk || request.target.kind !== "site") return undefined;
  const row = await database.read
    .selectFrom("oauth_objects")
    .innerJoin("grants", "grants.id", "oauth_objects.grant_key")
    .select(["grants.id", "grants.expires_ms"])
    .where("oauth_objects.model", "=", "Consent")
    .where("oauth_objects.id_sha256", "=", consentKey(person, request))
    .where("grants.revoked_ms", "is", null)
    .executeTakeFirst();
  if (row === undefined || (row.expires_ms ?? Infinity) <= clock.wallMs()) return undefined;
  const servers = state().grants.get(row.id)?.servers ?? new Map<string, string | undefined>();
  const isCovered = request.server === "" ? servers.size > 0 : servers.has(request.server);
  // What was consented to as an admin is not given again as a viewer without a question.
  const isTheirs = isOnOffer(control, person, servers);
  return isCovered && isTheirs ? row.id : undefined;
}

/**
 * Writes down what a person granted and answers the grant's id: one grant for each person and client, which is widened
 * and prolonged when the client asks again. Throws `INPUT_INVALID` for anything that is not on offer.
 */
export async function recordConsent(
  control: ControlContext,
  person: Person,
  request: ConsentRequest,
  choice: ConsentChoice,
): Promise<string> {
  demandOffered(offersOf(control, person, request), choice);
  return control.database.change(person, async (change) => {
    const id = await writeGrant(control, change, person, request, choice);
    const { tx, nowMs } = change;
    const expiresMs = nowMs + control.rules().grantLifetimeMs;
    await tx
      .insertInto("oauth_objects")
      .values({
        model: "Consent",
        id_sha256: consentKey(person, request),
        grant_key: id,
        uid: null,
        user_code: null,
        payload: "{}",
        consumed_ms: null,
        expires_ms: expiresMs,
      })
      .onConflict((conflict) =>
        conflict.columns(["model", "id_sha256"]).doUpdateSet({ grant_key: id, expires_ms: expiresMs }),
      )
      .execute();
    // A client that somebody consented to stays as long as what it was granted.
    await tx
      .updateTable("oauth_objects")
      .set({ expires_ms: expiresMs })
      .where("model", "=", "Client")
      .where("id_sha256", "=", sha256Hex(request.clientId))
      .execute();
    return id;
  });
}

async function writeGrant(
  control: ControlContext,
  change: Change,
  person: Person,
  request: ConsentRequest,
  choice: ConsentChoice,
): Promise<string> {
  const { clientId, clientName } = request;
  const expiresMs = change.nowMs + control.rules().grantLifetimeMs;
  const earlier = await change.tx
    .selectFrom("grants")
    .select("id")
    .where("client", "=", clientId)
    .where("created_by", "=", person.memberId)
    .where("revoked_ms", "is", null)
    .where("expires_ms", ">", change.nowMs)
    .executeTakeFirst();
  if (earlier === undefined) {
    const id = newShortId();
    const input = { label: clientName, owner: person.name, tags: {}, servers: choice, showDenied: false, expiresMs };
    await insertGrant(control, change, person, { ...input, id, client: clientId });
    return id;
  }
  const held = await change.tx
    .selectFrom("grant_servers")
    .select(["server", "policy_id"])
    .where("grant_id", "=", earlier.id)
    .execute();
  // Another address that was granted before stays granted, if the person could still give it; what this request names is
  // as it was chosen now.
  const kept = held.filter(
    ({ server, policy_id }) =>
      request.server !== "" &&
      server !== request.server &&
      isOnOffer(control, person, new Map([[server, policy_id ?? undefined]])),
  );
  const servers = new Map<string, string | undefined>([
    ...kept.map(({ server, policy_id }) => [server, policy_id ?? undefined] as const),
    ...choice,
  ]);
  await editWithin(control, change, earlier.id, { servers, expiresMs });
  return earlier.id;
}

/** Whether a person could give all of this now, whatever they could when they gave it. */
function isOnOffer(
  { state, rules }: ControlContext,
  { role }: Person,
  servers: ReadonlyMap<string, string | undefined>,
): boolean {
  const offers = offersFor(state(), rules().oauth, role, "");
  return [...servers].every(
    ([server, policy]) =>
      policy !== undefined && offers.some((offer) => offer.server === server && offer.policies.includes(policy)),
  );
}

function demandOffered(offers: readonly ServerOffer[], choice: ConsentChoice): void {
  const hint = "choose from what the page shows";
  if (choice.size === 0) throw invalid([{ path: "", message: "no server was chosen", hint }]);
  const wrong = [...choice].filter(
    ([server, policy]) => !offers.some((offer) => offer.server === server && offer.policies.includes(policy)),
  );
  const problems = wrong.map(([server]) => ({
    path: "",
    message: `\`${server}\` is not on offer under that policy`,
    hint,
  }));
  if (problems.length > 0) throw invalid(problems);
}

/** Names what was consented to. The port of a redirect to this machine is another each time. */
function consentKey({ memberId }: Person, { clientId, redirectUri, target, resource }: ConsentRequest): string {
  const redirect = new URL(redirectUri);
  if (target.kind === "this_machine") redirect.port = "";
  return sha256Hex(JSON.stringify([memberId, clientId, redirect.href, resource]));
}
