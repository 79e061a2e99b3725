import { afterEach, describe, expect, it } from "vitest";
import { type AdminGateway, type ApiAnswer, startAdmin, textAt } from "../kit/admin.ts";
import { openHttpModern } from "../kit/clients.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";

afterEach(closeAll);

const allowAll = '{"version":"1","default":"allow"}';

async function start(): Promise<AdminGateway> {
  const admin = await startAdmin({ servers: { echo: [], other: [] } });
  await admin.as.admin("POST", "/policies", { body: { id: "open", document: allowAll } });
  return admin;
}

function mint({ as }: AdminGateway, more: Readonly<Record<string, unknown>> = {}): Promise<ApiAnswer> {
  return as.admin("POST", "/grants", { body: { label: "laptop", servers: { echo: "open" }, ...more } });
}

/** The status of a message with that token. */
async function statusOf({ gateway }: AdminGateway, token: string): Promise<number> {
  const response = await fetch(gateway.url("echo"), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} }),
  });
  await response.arrayBuffer();
  return response.status;
}

describe("a grant", () => {
  it("is minted with a token that is shown once and stored as its digest [R26]", async () => {
    const admin = await start();
    const made = await mint(admin);
    expect(made.status).toBe(201);
    const [id, token] = [textAt(made, "grant", "id"), textAt(made, "token")];
    expect(token).toMatch(new RegExp(`^cg_${id}_[\\w-]{43}$`));
    expect(await statusOf(admin, token)).toBe(200);
    for (const path of [`/grants/${id}`, "/grants", "/admin-events", `/grants/${id}/effective`, "/calls", "/events"]) {
      expect((await admin.as.admin("GET", path)).text).not.toContain(token.slice(-43));
    }
    expect(admin.gateway.storeBytes().includes(token.slice(-43))).toBe(false);
    expect(admin.gateway.process.stderr()).not.toContain(token.slice(-43));
  });

  it("goes on under the same id with a new token when it is rotated, the old one failing or overlapping [R27]", async () => {
    const admin = await start();
    const made = await mint(admin);
    const [id, first] = [textAt(made, "grant", "id"), textAt(made, "token")];
    const rotate = (overlapMs: number) => admin.as.admin("POST", `/grants/${id}/rotate`, { body: { overlapMs } });
    const second = textAt(await rotate(3_600_000), "token");
    expect([await statusOf(admin, first), await statusOf(admin, second)]).toEqual([200, 200]);
    const rotated = await rotate(0);
    expect(rotated.body).toMatchObject({ grant: { id, label: "laptop", servers: { echo: "open" } } });
    const third = textAt(rotated, "token");
    const statuses = await Promise.all([first, second, third].map((token) => statusOf(admin, token)));
    expect(statuses).toEqual([401, 401, 200]);
  });

  it("is revoked, alone or with all of its owner's, in one action [R33]", async () => {
    const admin = await start();
    const owner = "bob@example.com";
    const both = { owner, servers: { echo: "open", other: "open" } };
    const [one, two, else_] = [await mint(admin, both), await mint(admin, { owner }), await mint(admin)];
    const listed = await admin.as.viewer("GET", `/grants?owner=${owner}`);
    expect(listed.body).toMatchObject({ items: { length: 2 } });
    expect((await admin.as.viewer("GET", "/grants?server=other")).body).toMatchObject({ items: { length: 1 } });
    const revoked = await admin.as.admin("POST", "/grants/revoke", { body: { owner: "Bob@Example.com" } });
    const ids = [textAt(one, "grant", "id"), textAt(two, "grant", "id")].toSorted();
    expect(revoked.body).toEqual({ revoked: ids, readOnly: [] });
    const tokens = [one, two, else_].map((answer) => textAt(answer, "token"));
    expect(await Promise.all(tokens.map((token) => statusOf(admin, token)))).toEqual([401, 401, 200]);
    const events = await admin.as.admin("GET", "/admin-events?action=grant.revoke");
    expect(events.body).toMatchObject({ items: { length: 2 } });
    expect((await admin.as.admin("POST", "/grants/revoke", { body: { owner } })).body).toMatchObject({ revoked: [] });
    const last = textAt(else_, "grant", "id");
    expect((await admin.as.admin("POST", `/grants/${last}/revoke`)).body).not.toMatchObject({ revokedAt: null });
    expect(await statusOf(admin, textAt(else_, "token"))).toBe(401);
  });

  it("shows when it was used last, and how its calls were decided [R32]", async () => {
    const admin = await start();
    const made = await mint(admin);
    const id = textAt(made, "grant", "id");
    expect((await admin.as.viewer("GET", `/grants/${id}`)).body).toMatchObject({
      lastUsedAt: null,
      calls: { allowed: 0, denied: 0 },
    });
    const client = openHttpModern(admin.gateway.url("echo"), textAt(made, "token"));
    await client.call("safe");
    await client.call("safe");
    await client.call("nope");
    const seen = async (): Promise<true | undefined> => {
      const { body } = await admin.as.viewer("GET", "/grants");
      return JSON.stringify(body).includes('"calls":{"allowed":2,"denied":1}') ? true : undefined;
    };
    let isSeen: true | undefined;
    await until("the use of the grant to be noted", () => {
      void seen().then((found) => (isSeen = found));
      return isSeen;
    });
    const { body } = await admin.as.viewer("GET", `/grants/${id}`);
    expect(body).toMatchObject({ lastUsedAt: expect.stringMatching(/^20/) });
  });

  it("ends when the operator's longest life says, whatever is asked for", async () => {
    const admin = await start();
    const tooLong = await mint(admin, { expiresAt: new Date(Date.now() + 400 * 86_400_000).toISOString() });
    expect([tooLong.status, tooLong.body]).toMatchObject([400, { problems: [{ path: "/expiresAt" }] }]);
    expect((await mint(admin, { expiresAt: "2020-01-01T00:00:00Z" })).status).toBe(400);
    expect((await mint(admin, { servers: { nowhere: null } })).body).toMatchObject({
      problems: [{ path: "/servers/nowhere" }],
    });
  });

  it("says what it sees and may call on each of its servers", async () => {
    const admin = await start();
    await admin.as.policy_manager("POST", "/servers/echo/tools/fetch");
    const document = '{"version":"1","default":"deny","tools":{"safe":{}},"hide":["evil"]}';
    await admin.as.policy_manager("POST", "/policies", { body: { id: "some", document } });
    const made = await mint(admin, { servers: { echo: "some", other: null }, showDenied: true });
    const effective = await admin.as.viewer("GET", `/grants/${textAt(made, "grant", "id")}/effective`);
    const tool = (name: string, isListed: boolean, isCallable: boolean, visibility: string) =>
      expect.objectContaining({ name, isListed, isCallable, visibility });
    expect(effective.body).toMatchObject({
      servers: [
        {
          server: "echo",
          policy: "some",
          closedBecause: null,
          tools: expect.arrayContaining([
            tool("safe", true, true, "listed"),
            tool("evil", false, false, "hidden"),
            tool("refund", true, false, "denied"),
          ]),
        },
        { server: "other", policy: null, fetchedAt: null, tools: [] },
      ],
    });
    // The lists that its client gets say the same.
    const client = openHttpModern(admin.gateway.url("echo"), textAt(made, "token"));
    const names = await client.list();
    expect(names.includes("safe") && names.includes("refund") && !names.includes("evil")).toBe(true);
  });
});
