import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccessTokens } from "../../src/authorization-server/access-tokens.ts";
import { pruneObjects, revokeAuthorization } from "../../src/authorization-server/authorizations.ts";
import {
  type ConsentRequest,
  type Person,
  recordConsent,
  rememberedGrant,
} from "../../src/authorization-server/consent.ts";
import { createObjectStore } from "../../src/authorization-server/object-store.ts";
import { loadServerKeys } from "../../src/authorization-server/sealed-keys.ts";
import type { ControlPlane } from "../../src/control/control-plane.ts";
import { createPolicy } from "../../src/control/policies.ts";
import { registerServer } from "../../src/control/servers.ts";
import { newSecretText, sha256Hex } from "../../src/identity/token.ts";
import { closeAll } from "../kit/opened.ts";
import { addMember, openPlane } from "../people/open-plane.ts";
import type { FakeClock } from "../store/fake-clock.ts";

afterEach(closeAll);

const origin = "https://mcp.example.com";
const hourMs = 3_600_000;

let plane: ControlPlane;
let clock: FakeClock;
const lost = new Error("used before");
const storeOf = (model: string) => createObjectStore(plane, model, () => lost);

beforeEach(async () => {
  ({ plane, clock } = await openPlane());
});

/** An admin with a server and two policies to give. */
async function openOffice(): Promise<Person> {
  const actor = await addMember(plane, "ada", "admin");
  const access = { kind: "url", url: "https://notes.example/mcp", transport: "streamable-http" } as const;
  for (const id of ["notes", "wiki"]) await registerServer(plane, actor, id, { title: id, access, settings: {} });
  for (const id of ["careful", "open"]) {
    await createPolicy(plane, actor, id, { title: id, document: '{"version":"1","default":"deny"}', note: "" });
  }
  return { ...actor, memberId: "ada" };
}

function requestFor(server: string, changes: Partial<ConsentRequest> = {}): ConsentRequest {
  return {
    clientId: "client_1",
    clientName: "Field Notes",
    verifiedHost: undefined,
    redirectUri: "https://client.example/callback",
    target: { kind: "site", name: "client.example" },
    resource: `${origin}/mcp${server === "" ? "" : `/${server}`}`,
    server,
    mustAsk: false,
    ...changes,
  };
}

async function rowsOf(model: string): Promise<readonly { readonly id_sha256: string; readonly payload: string }[]> {
  return plane.database.read.selectFrom("oauth_objects").selectAll().where("model", "=", model).execute();
}

describe("what the authorization server keeps", () => {
  it("holds no token, code or id, wherever it stands in what is kept", async () => {
    const id = newSecretText();
    const interactions = storeOf("Interaction");
    const payload = { kind: "Interaction", jti: id, returnTo: `${origin}/oauth/authorize/${id}`, exp: 1 };
    await interactions.upsert(id, payload, 60);
    const [row] = await rowsOf("Interaction");
    expect(row?.id_sha256).toBe(sha256Hex(id));
    expect(row?.payload).not.toContain(id);
    expect(await interactions.find(id)).toEqual(payload);
    expect(await interactions.find(`${id}x`)).toBeUndefined();
  });

  it("remembers of a browser's session neither who signed in nor what was granted", async () => {
    const sessions = storeOf("Session");
    await sessions.upsert("s1", { kind: "Session", jti: "s1", accountId: "ada", authorizations: {}, loginTs: 1 }, 60);
    expect(await sessions.find("s1")).toEqual({ kind: "Session", jti: "s1" });
  });

  it("lets a client that nobody consented to go after a day, and one that somebody did stay", async () => {
    const person = await openOffice();
    const clients = storeOf("Client");
    for (const id of ["client_1", "client_2"]) await clients.upsert(id, { client_id: id }, undefined);
    await recordConsent(plane, person, requestFor("notes"), new Map([["notes", "careful"]]));
    clock.pass(24 * hourMs);
    expect(await clients.find("client_2")).toBeUndefined();
    expect(await clients.find("client_1")).toEqual({ client_id: "client_1" });
    await pruneObjects(plane);
    expect(await rowsOf("Client")).toHaveLength(1);
  });

  it("gives a code to one of two, and ends the authorization for both", async () => {
    const person = await openOffice();
    const grantId = await recordConsent(plane, person, requestFor("notes"), new Map([["notes", "careful"]]));
    const codes = storeOf("AuthorizationCode");
    await codes.upsert("code", { kind: "AuthorizationCode", jti: "code", grantId }, 60);
    const results = await Promise.allSettled([codes.consume("code"), codes.consume("code")]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(plane.state().grants.get(grantId)?.revokedMs).toBeDefined();
    expect(await codes.find("code")).toBeUndefined();
  });

  it("finds nothing of a grant that has expired, or whose person is gone", async () => {
    const person = await openOffice();
    const tokens = storeOf("RefreshToken");
    const grantId = await recordConsent(plane, person, requestFor("notes"), new Map([["notes", "careful"]]));
    await tokens.upsert("r1", { kind: "RefreshToken", jti: "r1", grantId }, 400 * 86_400);
    expect(await tokens.find("r1")).toBeDefined();
    await plane.database.note((tx) => tx.deleteFrom("members").where("id", "=", "ada").execute());
    expect(await tokens.find("r1")).toBeUndefined();
    await addMember(plane, "ada", "admin");
    expect(await tokens.find("r1")).toBeDefined();
    clock.pass(plane.rules().grantLifetimeMs);
    expect(await tokens.find("r1")).toBeUndefined();
    await pruneObjects(plane);
    expect(await rowsOf("RefreshToken")).toEqual([]);
  });

  it("has keys of its own, sealed, the same each time", async () => {
    const keys = await loadServerKeys(plane);
    expect(await loadServerKeys(plane)).toEqual(keys);
    const row = await plane.database.read.selectFrom("sealed_values").selectAll().executeTakeFirstOrThrow();
    expect(row.id).toBe("oauth.keys");
    for (const secret of [keys.cookieKey, keys.signingKey.d ?? "?"]) expect(row.sealed).not.toContain(secret);
  });
});

describe("a consent", () => {
  it("is one grant for a person and a client, widened and prolonged when the client asks for more", async () => {
    const person = await openOffice();
    const first = await recordConsent(plane, person, requestFor("notes"), new Map([["notes", "careful"]]));
    clock.pass(hourMs);
    const second = await recordConsent(plane, person, requestFor("wiki"), new Map([["wiki", "open"]]));
    expect(second).toBe(first);
    const grant = plane.state().grants.get(first);
    expect(Object.fromEntries(grant?.servers ?? [])).toEqual({ notes: "careful", wiki: "open" });
    expect(grant).toMatchObject({ owner: "ada@example.com", client: "client_1", label: "Field Notes" });
    expect(grant?.expiresMs).toBe(clock.wallMs() + plane.rules().grantLifetimeMs);
    const other = requestFor("notes", { clientId: "client_2" });
    expect(await recordConsent(plane, person, other, new Map([["notes", "open"]]))).not.toBe(first);
  });

  it("is written down with who gave it", async () => {
    const person = await openOffice();
    const id = await recordConsent(plane, person, requestFor("notes"), new Map([["notes", "careful"]]));
    const event = await plane.database.read
      .selectFrom("admin_events")
      .selectAll()
      .where("object_id", "=", id)
      .executeTakeFirstOrThrow();
    expect(event).toMatchObject({ action: "grant.create", actor_kind: "member", actor_id: "ada" });
  });

  it("is remembered while its grant lives and still opens what is asked for", async () => {
    const person = await openOffice();
    const request = requestFor("notes");
    const id = await recordConsent(plane, person, request, new Map([["notes", "careful"]]));
    expect(await rememberedGrant(plane, person, request)).toBe(id);
    const others: readonly Partial<ConsentRequest>[] = [
      { mustAsk: true },
      { clientId: "client_2" },
      { redirectUri: "https://client.example/other" },
      { resource: `${origin}/mcp`, server: "" },
      { target: { kind: "this_machine", name: "127.0.0.1" }, redirectUri: "http://127.0.0.1:1/" },
    ];
    for (const changes of others)
      expect(await rememberedGrant(plane, person, { ...request, ...changes })).toBeUndefined();
    const somebody = await addMember(plane, "eve", "admin");
    expect(await rememberedGrant(plane, { ...somebody, memberId: "eve" }, request)).toBeUndefined();
    await revokeAuthorization(plane, id);
    expect(await rememberedGrant(plane, person, request)).toBeUndefined();
  });
});

describe("an access token", () => {
  async function issue(
    resource: string,
  ): Promise<{ readonly token: string; readonly sha256: string; readonly grantId: string }> {
    const person = await openOffice();
    const grantId = await recordConsent(plane, person, requestFor(""), new Map([["notes", "careful"]]));
    const token = newSecretText();
    await storeOf("AccessToken").upsert(token, { kind: "AccessToken", jti: token, grantId, aud: resource }, 3_600);
    return { token, sha256: sha256Hex(token), grantId };
  }

  const resources: readonly (readonly [resource: string, server: string | undefined])[] = [
    [`${origin}/mcp`, undefined],
    [`${origin}/mcp/notes`, "notes"],
  ];
  it.each(resources)("for %s is known from its first use to its end", async (resource, server) => {
    const tokens = new AccessTokens({ control: plane, publicOrigin: () => origin });
    const { token, sha256, grantId } = await issue(resource);
    expect(tokens.get(sha256)).toBeUndefined();
    await tokens.introduce(token, sha256);
    expect(tokens.get(sha256)).toMatchObject({ kind: "access", grantId, ...(server === undefined ? {} : { server }) });
    expect(tokens.introduce(token, sha256)).toBeUndefined();
    clock.pass(hourMs);
    expect(tokens.get(sha256)).toBeUndefined();
    await tokens.introduce(token, sha256);
    expect(tokens.get(sha256)).toBeUndefined();
  });

  it("for another gateway's address is not known", async () => {
    const tokens = new AccessTokens({ control: plane, publicOrigin: () => "https://other.example.com" });
    const { token, sha256 } = await issue(`${origin}/mcp`);
    await tokens.introduce(token, sha256);
    expect(tokens.get(sha256)).toBeUndefined();
  });

  it("is looked at again after a change, and is gone when the person is", async () => {
    const tokens = new AccessTokens({ control: plane, publicOrigin: () => origin });
    const { token, sha256 } = await issue(`${origin}/mcp`);
    await tokens.introduce(token, sha256);
    await plane.database.note((tx) => tx.deleteFrom("members").where("id", "=", "ada").execute());
    tokens.doubt();
    // A request that is on its way has been introduced before.
    expect(tokens.get(sha256)).toBeDefined();
    await tokens.introduce(token, sha256);
    expect(tokens.get(sha256)).toBeUndefined();
  });

  it("that is unknown is asked for once in a while, and one of another shape never", async () => {
    const tokens = new AccessTokens({ control: plane, publicOrigin: () => origin });
    const made = newSecretText();
    await tokens.introduce(made, sha256Hex(made));
    expect(tokens.introduce(made, sha256Hex(made))).toBeUndefined();
    clock.pass(5_000);
    expect(tokens.introduce(made, sha256Hex(made))).toBeInstanceOf(Promise);
    for (const other of ["cg_abc_def", "", "x".repeat(44)]) {
      expect(tokens.introduce(other, sha256Hex(other))).toBeUndefined();
    }
  });
});
