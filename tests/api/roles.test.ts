import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contract } from "../../src/api/contract/contract.ts";
import { includesRole, roles } from "../../src/values/roles.ts";
import { type AdminGateway, startAdmin } from "../kit/admin.ts";
import { closeAll } from "../kit/opened.ts";
import { roleRows } from "./role-rows.ts";

let admin: AdminGateway;

beforeAll(async () => {
  admin = await startAdmin({
    servers: { echo: [] },
    policies: { p: { version: "1", default: "allow" } },
    grants: { g: { servers: { echo: "p" } } },
  });
});

afterAll(closeAll);

describe("who may do what", () => {
  it("is said of every operation", () => {
    expect(Object.keys(roleRows).toSorted()).toEqual(contract.map(({ id }) => id).toSorted());
  });

  const rows = contract.map(({ id, method, revision }) => ({ id, method, revision, ...roleRows[id] }));
  it.each(rows)("$id asks for $least [R3]", async ({ method, path = "", body, least = "admin", status, revision }) => {
    const input = { ...(body === undefined ? {} : { body }), ...(revision === "demanded" ? { revision: 1 } : {}) };
    const stranger = await admin.stranger(method, path, input);
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get("www-authenticate")).toBe('Bearer realm="callgate"');
    expect(stranger.body).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
    for (const role of roles) {
      const answer = await admin.as[role](method, path, input);
      expect([role, answer.status]).toEqual([role, includesRole(role, least) ? status : 403]);
      if (answer.status === 403) expect(answer.body).toMatchObject({ code: "FORBIDDEN" });
    }
  });

  it("leaves grants' tokens and upstream credentials to admins, also for reading [R5]", async () => {
    const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
      ["POST", "/grants", { label: "b", servers: { echo: "p" } }],
      ["POST", "/grants/g/rotate", { overlapMs: 0 }],
      ["POST", "/grants/g/revoke"],
      ["POST", "/grants/revoke", { owner: "nobody" }],
      ["GET", "/servers/echo/credentials"],
      ["PUT", "/servers/echo/credentials/environment/NAME", { value: "x" }],
      ["DELETE", "/servers/echo/credentials/environment/NAME"],
      ["POST", "/servers/echo/connection"],
      ["PUT", "/servers/echo/oauth-client", { clientId: "c" }],
    ];
    for (const [method, path, body] of requests) {
      const answer = await admin.as.policy_manager(method, path, body === undefined ? {} : { body });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.body).toMatchObject({ code: "FORBIDDEN" });
    }
  });

  it("is nothing for a grant's token, which opens MCP servers only [B178] [B396]", async () => {
    const authorization = `Bearer ${admin.gateway.token("g")}`;
    for (const { id, method } of contract) {
      const { path = "" } = roleRows[id] ?? {};
      const answer = await admin.stranger(method, path, { headers: { authorization } });
      expect([id, answer.status]).toEqual([id, 403]);
    }
  });

  it("is nothing at MCP for an API token [B178]", async () => {
    const response = await fetch(admin.gateway.url("echo"), {
      method: "POST",
      headers: { authorization: `Bearer ${admin.tokens.admin}`, "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
    expect(response.status).toBe(401);
    await response.arrayBuffer();
  });
});
