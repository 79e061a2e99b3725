import { afterEach, describe, expect, it } from "vitest";
import { type AdminGateway, startAdmin, textAt } from "../kit/admin.ts";
import { openHttpModern } from "../kit/clients.ts";
import { closeAll } from "../kit/opened.ts";

afterEach(closeAll);

const allowAll = '{"version":"1","default":"allow"}';
const denyAll = '{"version":"1","default":"deny"}';
const safeOnly = '{\n  "version": "1",\n  "default": "deny",\n  "tools": { "safe": {} }\n}\n';

function start(): Promise<AdminGateway> {
  return startAdmin({ servers: { echo: [], other: [] } });
}

async function grantWith({ as }: AdminGateway, policy: string | null, server = "echo") {
  const made = await as.admin("POST", "/grants", { body: { label: "a", servers: { [server]: policy } } });
  return { id: textAt(made, "grant", "id"), token: textAt(made, "token") };
}

describe("a policy", () => {
  it("is made, edited, attached and deleted by a policy manager [R4]", async () => {
    const admin = await start();
    const { as, gateway } = admin;
    const manager = as.policy_manager;
    const { id, token } = await grantWith(admin, null);
    const client = openHttpModern(gateway.url("echo"), token);
    expect((await client.call("safe")).decision).toMatchObject({ outcome: "deny", rule: "(no policy)" });
    const made = await manager("POST", "/policies", { body: { id: "team", title: "Team", document: denyAll } });
    expect([made.status, made.headers.get("etag")]).toEqual([201, '"1"']);
    const attached = await manager("PATCH", `/grants/${id}`, { revision: 1, body: { servers: { echo: "team" } } });
    expect(attached.body).toMatchObject({ servers: { echo: "team" } });
    expect((await client.call("safe")).decision).toMatchObject({ outcome: "deny", rule: "(default deny)" });
    const saved = await manager("PATCH", "/policies/team", { revision: 1, body: { document: safeOnly } });
    expect(saved.body).toMatchObject({ policy: { version: 2, revision: 2, grants: [id] } });
    expect(await client.call("safe")).toMatchObject({ isError: false });
    const wider = { servers: { echo: "team", other: "team" } };
    expect((await manager("PATCH", `/grants/${id}`, { revision: 2, body: wider })).status).toBe(403);
    expect((await manager("DELETE", "/policies/team?detach=true", { revision: 2 })).status).toBe(200);
    expect((await client.call("safe")).decision).toMatchObject({ rule: "(no policy)" });
  });

  it("is not saved with an unknown key, and says everything that is wrong with pointers, lines and hints", async () => {
    const { as } = await start();
    const document = '{\n  "version": "2",\n  "default": "maybe",\n  "tols": {}\n}';
    const made = await as.policy_manager("POST", "/policies", { body: { id: "bad", document } });
    expect(made.status).toBe(400);
    expect(made.body).toMatchObject({
      code: "INPUT_INVALID",
      problems: [
        { path: "/version", line: 2 },
        { path: "/default", line: 3 },
        { path: "/tols", line: 4, hint: "did you mean `tools`?" },
      ],
    });
    const checked = await as.viewer("POST", "/policies/validate", { body: { document } });
    expect(checked.body).toMatchObject({ isValid: false, problems: { length: 3 } });
  });

  it("keeps every version readable, shows what changed, and restores one as the next [R38]", async () => {
    const { as } = await start();
    await as.policy_manager("POST", "/policies", { body: { id: "p", document: safeOnly, note: "first" } });
    const second = safeOnly.replace('"safe": {}', '"safe": {}, "fetch": {}');
    await as.policy_manager("PATCH", "/policies/p", { revision: 1, body: { document: second, note: "fetch too" } });
    const restored = await as.policy_manager("POST", "/policies/p/versions/1/restore", { revision: 2 });
    expect(restored.body).toMatchObject({ policy: { version: 3, document: safeOnly } });
    const list = await as.viewer("GET", "/policies/p/versions?limit=2");
    expect(list.body).toMatchObject({ items: [{ version: 3 }, { version: 2, note: "fetch too" }] });
    const rest = await as.viewer("GET", `/policies/p/versions?cursor=${textAt(list, "nextCursor")}`);
    expect(rest.body).toMatchObject({ items: [{ version: 1, note: "first" }], nextCursor: null });
    expect((await as.viewer("GET", "/policies/p/versions/2")).body).toMatchObject({ document: second });
    expect(textAt(await as.viewer("GET", "/policies/p/diff?from=1&to=2"), "diff")).toContain(
      '-  "tools": { "safe": {} }\n+  "tools": { "safe": {}, "fetch": {} }\n',
    );
    await as.policy_manager("DELETE", "/policies/p", { revision: 3 });
    expect((await as.viewer("GET", "/policies/p")).status).toBe(404);
    expect((await as.viewer("GET", "/policies/p/versions/1")).body).toMatchObject({ document: safeOnly });
  });

  it("is in force from the next request on, without a new connection [R39]", async () => {
    const admin = await start();
    await admin.as.policy_manager("POST", "/policies", { body: { id: "p", document: denyAll } });
    const { token } = await grantWith(admin, "p");
    const client = openHttpModern(admin.gateway.url("echo"), token);
    for (const [revision, document, isError] of [
      [1, allowAll, false],
      [2, denyAll, true],
      [3, safeOnly, false],
    ] as const) {
      await admin.as.policy_manager("PATCH", "/policies/p", { revision, body: { document } });
      expect(await client.call("safe")).toMatchObject({ isError });
    }
  });

  it("is attached to many grants of a server in one step, all or none [R40]", async () => {
    const admin = await start();
    const { as } = admin;
    await as.policy_manager("POST", "/policies", { body: { id: "p", document: safeOnly } });
    const grants = [await grantWith(admin, null), await grantWith(admin, null), await grantWith(admin, null)];
    const elsewhere = await grantWith(admin, null, "other");
    const ids = grants.map(({ id }) => id);
    const attach = (body: unknown) => as.policy_manager("POST", "/policies/p/attach", { body });
    const refused = await attach({ server: "echo", grants: [...ids, elsewhere.id] });
    expect([refused.status, refused.body]).toMatchObject([400, { problems: [{ path: "/grants/3" }] }]);
    expect((await as.viewer("GET", "/policies/p")).body).toMatchObject({ grants: [] });
    expect((await attach({ server: "echo", grants: ids })).status).toBe(200);
    expect((await as.viewer("GET", "/policies/p")).body).toMatchObject({ grants: ids.toSorted() });
    for (const { token } of grants) {
      expect(await openHttpModern(admin.gateway.url("echo"), token).call("safe")).toMatchObject({ isError: false });
    }
  });

  it("is not deleted under its grants without a word [R41]", async () => {
    const admin = await start();
    const { as } = admin;
    await as.policy_manager("POST", "/policies", { body: { id: "p", document: allowAll } });
    const { id, token } = await grantWith(admin, "p");
    const refused = await as.policy_manager("DELETE", "/policies/p", { revision: 1 });
    expect([refused.status, refused.body]).toMatchObject([409, { code: "IN_USE" }]);
    const done = await as.policy_manager("DELETE", "/policies/p?detach=true", { revision: 1 });
    expect([done.status, done.body]).toEqual([200, { grantsWithoutPolicy: [id] }]);
    const { decision } = await openHttpModern(admin.gateway.url("echo"), token).call("safe");
    expect(decision).toMatchObject({ outcome: "deny", rule: "(no policy)" });
  });

  it("is held against the server's tools: names it does not list, tools that nothing selects [R44]", async () => {
    const { as } = await start();
    await as.policy_manager("POST", "/servers/echo/tools/fetch");
    const document = '{"version":"1","default":"deny","tools":{"safe":{},"gone":{}}}';
    const checked = await as.viewer("POST", "/policies/validate", { body: { document, server: "echo" } });
    expect(checked.body).toMatchObject({ isValid: true });
    expect(checked.text).toContain("`gone` matches none of the server's tools");
    expect(checked.text).toContain("the agent will not see `evil`");
    const blind = await as.viewer("POST", "/policies/validate", { body: { document, server: "other" } });
    expect(blind.text).not.toContain("gone");
  });

  it("says of an imagined call what it would do, and why, and counts nothing", async () => {
    const { as } = await start();
    const document = JSON.stringify({
      version: "1",
      default: "deny",
      tools: { refund: { limits: [{ counter: "refunds", window: "hour", max: 1, scope: "grant" }] } },
    });
    const call = { tool: "refund", arguments: { amount: 5, currency: "EUR" } };
    const explained = await as.viewer("POST", "/policies/explain", { body: { document, server: "echo", call } });
    expect(explained.body).toMatchObject({ decision: { outcome: "allow" }, steps: { length: 5 } });
    for (let round = 0; round < 2; round += 1) {
      const tested = await as.viewer("POST", "/policies/test", {
        body: { document, server: "echo", calls: [call, call, { tool: "safe", arguments: {} }] },
      });
      expect(tested.body).toMatchObject({
        decisions: [{ outcome: "allow" }, { outcome: "deny", code: "limit_reached" }, { rule: "(default deny)" }],
      });
    }
    expect((await as.viewer("GET", "/calls")).body).toMatchObject({ items: [] });
  });
});
