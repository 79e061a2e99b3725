import { afterEach, describe, expect, it } from "vitest";
import type { Row } from "../../src/audit/row.ts";
import type { ControlPlane } from "../../src/control/control-plane.ts";
import { type GrantInput, mintGrant, revokeGrants, rotateGrant } from "../../src/control/grants.ts";
import { createPolicy } from "../../src/control/policies.ts";
import { admin, nameFileServers, openBeside } from "../kit/beside.ts";
import { openHttpLegacy, openHttpModern } from "../kit/clients.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { initialize } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { openNews } from "../kit/streams.ts";
import { until, within } from "../kit/wait.ts";

// Grants are made, rotated and revoked by another process on the same store: the gateway notices by itself.

afterEach(closeAll);

const allowAll = '{"version":"1","default":"allow"}';

function opening(servers: readonly string[], changes: Partial<GrantInput> = {}): GrantInput {
  const opened = new Map(servers.map((server) => [server, "open"] as const));
  return {
    label: "bob",
    owner: "bob@example.com",
    tags: {},
    servers: opened,
    showDenied: false,
    expiresMs: undefined,
    ...changes,
  };
}

async function start(): Promise<{ readonly gateway: ServeGateway; readonly plane: ControlPlane }> {
  const gateway = await startServe({ policies: { p: allowAll }, servers: { echo: [], other: [] } });
  const plane = await openBeside(gateway.folder);
  nameFileServers(plane, ["echo", "other"]);
  await createPolicy(plane, admin, "open", { title: "Open", document: allowAll, note: "" });
  return { gateway, plane };
}

/** The status of a handshake with that token. */
async function status(gateway: ServeGateway, token: string, server = "echo"): Promise<number> {
  const response = await fetch(gateway.url(server), {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    },
    body: initialize(),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Resolves when a handshake with that token has that status; the test's own time limit is the end of the patience. */
async function untilStatus(gateway: ServeGateway, token: string, expected: number): Promise<void> {
  while ((await status(gateway, token)) !== expected) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe("a grant in the database", () => {
  it("opens its servers and no other, as soon as it was made", async () => {
    const { gateway, plane } = await start();
    const { token } = await mintGrant(plane, admin, opening(["echo"]));
    await untilStatus(gateway, token, 200);
    expect(await status(gateway, token, "other")).toBe(404);
    const client = openHttpModern(gateway.url(), token);
    expect((await client.call("safe")).isError).toBe(false);
    expect(gateway.process.stderr()).not.toContain(token);
    expect(gateway.storeBytes().includes(token)).toBe(false);
  });

  it("goes on with the new token when it is rotated, and with the old one only while they overlap", async () => {
    const { gateway, plane } = await start();
    const first = await mintGrant(plane, admin, opening(["echo"]));
    await untilStatus(gateway, first.token, 200);
    const second = await rotateGrant(plane, admin, first.id, 3_600_000);
    await untilStatus(gateway, second.token, 200);
    expect(await status(gateway, first.token)).toBe(200);
    const third = await rotateGrant(plane, admin, first.id, 0);
    await untilStatus(gateway, third.token, 200);
    expect(await status(gateway, first.token)).toBe(401);
    expect(await status(gateway, second.token)).toBe(401);
    const short = await rotateGrant(plane, admin, first.id, 1_000);
    await untilStatus(gateway, short.token, 200);
    await untilStatus(gateway, third.token, 401);
    expect(await status(gateway, short.token)).toBe(200);
  });

  it.each(["legacy", "modern"] as const)(
    "that is revoked fails with its next request, and its open streams end, in the %s era [B172]",
    async (era) => {
      const { gateway, plane } = await start();
      const kept = await mintGrant(plane, admin, opening(["echo"]));
      const { id, token } = await mintGrant(plane, admin, opening(["echo"]));
      await untilStatus(gateway, token, 200);
      const open = era === "legacy" ? openHttpLegacy : openHttpModern;
      // The server takes no subscriptions: in the modern era only the gateway's own address has streams.
      const urls = era === "legacy" ? [gateway.url(), gateway.everyUrl] : [gateway.everyUrl];
      const streams = await Promise.all(urls.map(async (url) => openNews(url, token, await open(url, token))));
      const other = await openNews(gateway.everyUrl, kept.token, await open(gateway.everyUrl, kept.token));
      let isOtherOver = false;
      void other.ended.then(() => (isOtherOver = true));
      await revokeGrants(plane, admin, [id]);
      await within("the revoked grant's streams to end", Promise.all(streams.map(({ ended }) => ended)));
      expect(await status(gateway, token)).toBe(401);
      expect(await status(gateway, kept.token)).toBe(200);
      expect(isOtherOver).toBe(false);
    },
  );

  it("that was rotated without overlap ends the streams of the old token", async () => {
    const { gateway, plane } = await start();
    const { id, token } = await mintGrant(plane, admin, opening(["echo"]));
    await untilStatus(gateway, token, 200);
    const stream = await openNews(gateway.everyUrl, token, openHttpModern(gateway.everyUrl, token));
    await until("the stream to begin", () => (stream.text().includes("acknowledged") ? true : undefined));
    const next = await rotateGrant(plane, admin, id, 0);
    await within("the old token's stream to end", stream.ended);
    await untilStatus(gateway, next.token, 200);
  });

  it("stops at the instant of its expiry", async () => {
    const { gateway, plane } = await start();
    const { token } = await mintGrant(plane, admin, opening(["echo"], { expiresMs: Date.now() + 2_500 }));
    await untilStatus(gateway, token, 200);
    await untilStatus(gateway, token, 401);
    const isExpired = (row: Row): boolean => row.kind === "event" && row.reason === "grant_expired";
    expect(await gateway.rows.waitFor(1, isExpired)).not.toEqual([]);
  });

  it("tells when it was last used and how its calls were decided", async () => {
    const { gateway, plane } = await start();
    await createPolicy(plane, admin, "closed", {
      title: "Closed",
      document: '{"version":"1","default":"deny","tools":{"safe":{}}}',
      note: "",
    });
    const servers = new Map([["echo", "closed"]]);
    const { id, token } = await mintGrant(plane, admin, opening([], { servers }));
    await untilStatus(gateway, token, 200);
    const beforeMs = Date.now();
    const client = openHttpModern(gateway.url(), token);
    await client.call("safe");
    await client.call("danger");
    const usage = () =>
      plane.database.read.selectFrom("grant_usage").selectAll().where("grant_id", "=", id).executeTakeFirst();
    let found = await usage();
    await until("the use to be noted", () => {
      void usage().then((now) => (found = now));
      return found?.denied === 1 ? true : undefined;
    });
    expect(found).toMatchObject({ allowed: 1, denied: 1 });
    expect(found?.last_used_ms).toBeGreaterThanOrEqual(beforeMs);
  });
});
