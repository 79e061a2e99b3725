import { afterEach, describe, expect, it } from "vitest";
import { type OAuthWorld, settle, startOAuthWorld, worldSettings } from "../credentials/oauth-world.ts";
import { openHttpModern } from "../kit/clients.ts";
import { startServe } from "../kit/gateway.ts";
import { signIn } from "../kit/members.ts";
import { closeAll } from "../kit/opened.ts";

// Over a real gateway and a real authorization server; the browser is one that follows redirects and keeps cookies.

afterEach(closeAll);

const renewals = ({ server }: OAuthWorld): number =>
  server.tokenRequests.filter((body) => body.get("grant_type") === "refresh_token").length;

const view = async (world: OAuthWorld): Promise<unknown> => (await world.api("GET", "/servers/notes/credentials")).body;

describe("a server that demands OAuth", () => {
  it("is connected by an admin in a browser, and calls then carry its token [R20]", async () => {
    const world = await startOAuthWorld();
    const { client } = await world.newClient();
    expect(await client.request("tools/list", {})).toMatchObject({ error: { data: { code: "UPSTREAM_REFUSED" } } });
    const page = await world.connect("alice");
    expect([page.status, page.text]).toEqual([200, expect.stringContaining("is connected")]);
    expect((await client.call("safe")).isError).toBe(false);
    expect(new Set(world.server.callers)).toEqual(new Set(["alice"]));
    const [redeemed] = world.server.tokenRequests;
    expect(redeemed?.get("code_verifier")).toMatch(/^[\w-]{43}$/);
    expect(redeemed?.get("resource")).toBe(world.server.url);
    expect(redeemed?.get("redirect_uri")).toBe(`${world.gateway.origin}/oauth/upstream/callback`);
    expect(await view(world)).toMatchObject({
      credentials: [],
      connections: [
        {
          grantId: null,
          issuer: world.server.origin,
          status: "connected",
          problem: null,
          connectedBy: world.ada.email,
        },
      ],
      client: { issuer: world.server.origin, kind: "registered" },
    });
    expect((await world.api("GET", "/servers/notes")).body).toMatchObject({ authMode: "oauth", problem: null });
    const header = await world.api("PUT", "/servers/notes/credentials/header/Authorization", { value: "Bearer other" });
    expect([header.status, header.text]).toEqual([400, expect.stringContaining("disconnect it first")]);
  });

  it("never sees what the client sends to the gateway [B184]", async () => {
    const world = await startOAuthWorld();
    const { client, token } = await world.newClient();
    await world.connect("alice");
    await client.post(JSON.stringify({ jsonrpc: "2.0", id: 9, method: "ping" }), {
      cookie: "session=a-cookie-of-the-clients",
      "x-api-key": "a-key-of-the-clients",
    });
    await client.call("safe");
    const seen = JSON.stringify([world.server.echo.seen, world.server.shownTokens]);
    expect(seen).not.toMatch(/a-cookie-of-the-clients|a-key-of-the-clients/);
    expect(seen).not.toContain(token);
  });

  it("has its token renewed before it expires, once however many calls wait [R21]", async () => {
    const world = await startOAuthWorld({ tokenSeconds: 8 });
    const { client } = await world.newClient();
    await world.connect("alice");
    for (let round = 1; round <= 2; round += 1) {
      await settle(6_800);
      const before = renewals(world);
      const answers = await Promise.all(Array.from({ length: 25 }, () => client.call("safe")));
      expect(answers.filter(({ isError, error }) => isError || error !== undefined)).toEqual([]);
      expect(renewals(world) - before).toBe(1);
    }
    expect(new Set(world.server.callers)).toEqual(new Set(["alice"]));
  });

  it("keeps its rotated tokens across processes on one store", async () => {
    const world = await startOAuthWorld({ tokenSeconds: 8 });
    const { client, token } = await world.newClient();
    await world.connect("alice");
    const tokens = { p: world.gateway.token() };
    const { folder } = world.gateway;
    const second = await startServe({
      policies: { p: '{"version":"1","default":"allow"}' },
      settings: worldSettings,
      folder,
      tokens,
    });
    const other = openHttpModern(second.url("notes"), token);
    for (let round = 1; round <= 2; round += 1) {
      await settle(6_800);
      const before = renewals(world);
      const calls = Array.from({ length: 10 }, () => [client.call("safe"), other.call("safe")]).flat();
      expect((await Promise.all(calls)).filter(({ isError, error }) => isError || error !== undefined)).toEqual([]);
      expect(renewals(world) - before).toBe(1);
    }
  });

  it("has its renewed tokens written later, when they could not be written at once", async () => {
    const world = await startOAuthWorld({ tokenSeconds: 3 });
    const { client, token } = await world.newClient();
    await world.connect("alice");
    const row = () =>
      world.plane.database.read
        .selectFrom("secrets")
        .selectAll()
        .where("name", "=", "tokens")
        .executeTakeFirstOrThrow();
    const { version, sealed } = await row();
    await settle(2_600);
    await client.call("safe");
    expect((await row()).version).toBe(version + 1);
    // As a store leaves it that was full at that moment.
    await world.plane.database.note((tx) =>
      tx.updateTable("secrets").set({ version, sealed }).where("name", "=", "tokens").execute(),
    );
    await settle(2_600);
    expect((await client.call("safe")).error).toBeUndefined();
    expect((await row()).version).toBe(version + 2);
    await world.gateway.process.kill();
    const policies = { p: '{"version":"1","default":"allow"}' };
    const tokens = { p: world.gateway.token() };
    const { folder } = world.gateway;
    const again = await startServe({ policies, settings: worldSettings, folder, tokens });
    expect((await openHttpModern(again.url("notes"), token).call("safe")).error).toBeUndefined();
  });

  it("is said to fail while its tokens cannot be renewed, and goes on when they can [R21]", async () => {
    const world = await startOAuthWorld({ tokenSeconds: 3 });
    const { client } = await world.newClient();
    await world.connect("alice");
    world.server.faults.refusesRenewal = "down";
    await settle(3_200);
    const shown = world.server.shownTokens.length;
    const answer = await client.call("safe");
    expect(answer.error).toMatchObject({ code: -31009, data: { code: "UPSTREAM_CREDENTIALS" } });
    expect(answer.error?.message).toMatch(/could not be renewed just now.*try again later/);
    expect(world.server.shownTokens.length).toBe(shown);
    expect(await view(world)).toMatchObject({ connections: [{ status: "failing", problem: expect.any(String) }] });
    const events = await world.plane.database.read.selectFrom("admin_events").selectAll().execute();
    expect(events.map(({ action, actor_kind }) => [action, actor_kind])).toContainEqual([
      "connection.failing",
      "gateway",
    ]);
    const rows = await world.gateway.rows.waitFor(1, (row) => row.kind === "event" && row.reason === "oauth_failing");
    expect(rows).toMatchObject([{ event: "upstream_failed", server: "notes" }]);
    world.server.faults.refusesRenewal = undefined;
    await settle(5_200);
    expect((await client.call("safe")).error).toBeUndefined();
    expect(await view(world)).toMatchObject({ connections: [{ status: "connected", problem: null }] });
  });

  it("needs a person's consent again when its authorization server says no, and has it at once [R21]", async () => {
    const world = await startOAuthWorld({ tokenSeconds: 3 });
    const { client } = await world.newClient();
    await world.connect("alice");
    world.server.faults.refusesRenewal = "invalid_grant";
    await settle(3_200);
    const answers = await Promise.all([client.call("safe"), client.call("safe")]);
    expect(answers.map(({ error }) => error?.message)).toEqual([
      expect.stringMatching(/invalid_grant.*connect it again/),
      expect.stringMatching(/invalid_grant.*connect it again/),
    ]);
    expect(renewals(world)).toBe(1);
    expect(await view(world)).toMatchObject({ connections: [{ status: "consent_needed" }] });
    world.server.faults.refusesRenewal = undefined;
    await world.connect("alice");
    expect((await client.call("safe")).error).toBeUndefined();
    expect(await view(world)).toMatchObject({ connections: [{ status: "connected" }] });
  });

  it("is registered at anew when it has forgotten the gateway", async () => {
    const world = await startOAuthWorld({ tokenSeconds: 3 });
    const { client } = await world.newClient();
    await world.connect("alice");
    world.server.faults.refusesRenewal = "invalid_client";
    await settle(3_200);
    expect((await client.call("safe")).error?.message).toMatch(/invalid_client.*connect it again/);
    expect(await view(world)).toMatchObject({ client: null, connections: [{ status: "consent_needed" }] });
    world.server.faults.refusesRenewal = undefined;
    await world.connect("alice");
    expect((await client.call("safe")).error).toBeUndefined();
    expect(world.server.clientIds.size).toBe(2);
  });

  it("that refuses a token has the next call wait for another, and no call sent twice", async () => {
    const world = await startOAuthWorld();
    const { client } = await world.newClient();
    await world.connect("alice");
    await client.list();
    await settle(5_000);
    world.server.faults.refusesTokens = true;
    const before = world.server.shownTokens.length;
    expect((await client.call("safe")).error).toMatchObject({ data: { code: "UPSTREAM_REFUSED" } });
    expect(world.server.shownTokens.length).toBe(before + 1);
    world.server.faults.refusesTokens = false;
    expect((await client.call("safe")).error).toBeUndefined();
    expect(renewals(world)).toBe(1);
    expect(new Set(world.server.shownTokens).size).toBe(2);
  });

  it("is two people to two grants that were connected as two, each by its owner [R25]", async () => {
    const world = await startOAuthWorld();
    const [bob, eve] = [await signIn(world.plane, "bob", "viewer"), await signIn(world.plane, "eve", "viewer")];
    const one = await world.newClient(bob.email);
    const two = await world.newClient(eve.email);
    const rest = await world.newClient();
    await expect(world.begin(one.grantId, eve)).rejects.toThrow(/403.*FORBIDDEN/);
    await expect(world.begin(undefined, bob)).rejects.toThrow(/403.*FORBIDDEN/);
    await world.connect("bob", one.grantId, bob);
    await world.connect("eve", two.grantId, eve);
    const callsOf = async (client: typeof one.client): Promise<unknown> => {
      const before = world.server.callers.length;
      const { error } = await client.call("safe");
      return error ?? [...new Set(world.server.callers.slice(before))];
    };
    expect(await callsOf(one.client)).toEqual(["bob"]);
    expect(await callsOf(two.client)).toEqual(["eve"]);
    expect(await callsOf(rest.client)).toMatchObject({ data: { code: "UPSTREAM_REFUSED" } });
    await world.connect("alice");
    expect(await callsOf(rest.client)).toEqual(["alice"]);
    expect(await callsOf(one.client)).toEqual(["bob"]);
    expect(await callsOf(two.client)).toEqual(["eve"]);
  });

  it("stays connected over a restart", async () => {
    const world = await startOAuthWorld();
    const { token } = await world.newClient();
    await world.connect("alice");
    await world.gateway.process.kill();
    const tokens = { p: world.gateway.token() };
    const { folder } = world.gateway;
    const policies = { p: '{"version":"1","default":"allow"}' };
    const again = await startServe({ policies, settings: worldSettings, folder, tokens });
    expect((await openHttpModern(again.url("notes"), token).call("safe")).error).toBeUndefined();
    expect(renewals(world)).toBe(0);
  });

  it("is disconnected: the tokens are revoked, and no call carries them", async () => {
    const world = await startOAuthWorld();
    const { client } = await world.newClient();
    await world.connect("alice");
    await client.call("safe");
    const [token = ""] = world.server.shownTokens;
    expect(await world.server.isGood(token)).toBe(true);
    const { status, body } = await world.api("DELETE", "/servers/notes/connection");
    expect([status, body]).toEqual([200, { isRevoked: true }]);
    expect(await world.server.isGood(token)).toBe(false);
    const before = world.server.shownTokens.length;
    expect((await client.call("safe")).error).toMatchObject({ data: { code: "UPSTREAM_REFUSED" } });
    expect(world.server.shownTokens.length).toBe(before);
    expect((await world.api("DELETE", "/servers/notes/connection")).status).toBe(404);
  });

  it("that gets another address is not sent the tokens [B350]", async () => {
    const world = await startOAuthWorld();
    const { client } = await world.newClient();
    await world.connect("alice");
    const other = await startOAuthWorldServer();
    const access = JSON.stringify({ kind: "url", url: other.url, transport: "streamable-http", headers: {} });
    await world.plane.database.change({ ...(await actorOf(world)) }, async ({ tx, record }) => {
      await tx.updateTable("servers").set({ access }).where("id", "=", "notes").execute();
      record({ action: "server.edit", objectId: "notes" });
    });
    await settle();
    expect((await client.call("safe")).error).toMatchObject({ data: { code: "UPSTREAM_CREDENTIALS" } });
    expect(other.shownTokens).toEqual([]);
    expect(await view(world)).toMatchObject({ connections: [{ status: "other_address" }] });
    expect((await world.api("GET", "/servers/notes")).body).toMatchObject({
      problem: expect.stringMatching(/another address.*enter them again/),
      missingSteps: expect.arrayContaining(["enter_credentials"]),
    });
  });
});

async function startOAuthWorldServer() {
  const { startOAuthServer } = await import("../servers/oauth-server.ts");
  return startOAuthServer();
}

async function actorOf(world: OAuthWorld) {
  const { memberId, email: name } = world.ada;
  return { kind: "member", memberId, name, role: "admin", address: undefined } as const;
}
