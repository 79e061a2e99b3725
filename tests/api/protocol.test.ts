import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statuses } from "../../src/api/problem-details.ts";
import { type AdminGateway, type ApiAnswer, startAdmin, textAt } from "../kit/admin.ts";
import { closeAll } from "../kit/opened.ts";

let admin: AdminGateway;

const document = '{"version":"1","default":"deny"}';
const access = { kind: "url", url: "https://mcp.example.com/mcp", transport: "streamable-http" };

beforeAll(async () => {
  admin = await startAdmin({
    servers: { echo: [] },
    policies: { p: document },
    grants: { g: { servers: { echo: "p" } } },
  });
});

afterAll(closeAll);

function expectProblem(answer: ApiAnswer, status: number, code: string): void {
  expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
  expect(answer.body).toMatchObject({ status, code, type: `urn:callgate:error:${code}` });
  expect(textAt(answer, "requestId")).toMatch(/^req_/);
  expect(textAt(answer, "detail")).toMatch(/^[^A-Z\n]/);
}

describe("an edit", () => {
  it("of the same version by two admins is made once: the second is refused [B398]", async () => {
    const { as } = admin;
    await as.admin("POST", "/policies", { body: { id: "twice", document } });
    const read = await as.policy_manager("GET", "/policies/twice");
    const revision = Number(read.headers.get("etag")?.replaceAll('"', ""));
    const first = await as.policy_manager("PATCH", "/policies/twice", { revision, body: { title: "first" } });
    expect([first.status, first.headers.get("etag")]).toEqual([200, `"${revision + 1}"`]);
    const second = await as.admin("PATCH", "/policies/twice", { revision, body: { title: "second" } });
    expectProblem(second, 412, "REVISION_STALE");
    expect((await as.viewer("GET", "/policies/twice")).body).toMatchObject({ title: "first" });
    const both = await Promise.all(
      ["a", "b"].map((title) => as.admin("PATCH", "/policies/twice", { revision: revision + 1, body: { title } })),
    );
    expect(both.map(({ status }) => String(status)).toSorted()).toEqual(["200", "412"]);
  });

  it("says which version it was made from, or that it does not matter", async () => {
    const { as } = admin;
    await as.admin("POST", "/servers", { body: { id: "edited", access } });
    const edit = (headers: Readonly<Record<string, string>>) =>
      as.admin("PATCH", "/servers/edited", { body: { title: "x" }, headers });
    expectProblem(await edit({}), 428, "REVISION_MISSING");
    expectProblem(await edit({ "if-match": "1" }), 400, "INPUT_INVALID");
    expectProblem(await edit({ "if-match": 'W/"1"' }), 400, "INPUT_INVALID");
    expectProblem(await edit({ "if-match": '"2"' }), 412, "REVISION_STALE");
    expect((await edit({ "if-match": "*" })).status).toBe(200);
    expectProblem(await as.admin("DELETE", "/servers/edited"), 428, "REVISION_MISSING");
    expect((await as.admin("DELETE", "/servers/edited", { revision: 2 })).status).toBe(204);
  });

  it("is not made of what the operator's files say", async () => {
    const { as } = admin;
    const edit = (path: string, body: unknown) => as.admin("PATCH", path, { body, headers: { "if-match": "*" } });
    expectProblem(await edit("/servers/echo", { title: "x" }), 409, "READ_ONLY");
    expectProblem(await edit("/policies/p", { title: "x" }), 409, "READ_ONLY");
    expectProblem(await edit("/grants/g", { label: "x" }), 409, "READ_ONLY");
    expectProblem(await as.admin("POST", "/grants/g/revoke"), 409, "READ_ONLY");
  });
});

describe("a create with an `Idempotency-Key`", () => {
  const key = (value: string) => ({ "idempotency-key": value });

  it("is done once, and gives the same answer again, a token too, which is nowhere in the store", async () => {
    const { as } = admin;
    const body = { label: "once", servers: { echo: "p" } };
    const first = await as.admin("POST", "/grants", { body, headers: key("k1") });
    const second = await as.admin("POST", "/grants", { body, headers: key("k1") });
    expect([second.status, second.text, second.headers.get("etag")]).toEqual([201, first.text, '"1"']);
    expect(admin.gateway.storeBytes().includes(textAt(first, "token"))).toBe(false);
    const rows = await admin.plane.database.read.selectFrom("idempotency_keys").selectAll().execute();
    expect(rows.filter(({ answer }) => answer.startsWith("cgv1."))).toHaveLength(1);
    const all = await as.admin("GET", "/grants?limit=200");
    expect(all.text.match(/"label":"once"/g)).toHaveLength(1);
  });

  it("is refused for another request, and belongs to its actor", async () => {
    const { as } = admin;
    const create = (id: string, role: "admin" | "policy_manager") =>
      as[role]("POST", "/policies", { body: { id, document }, headers: key("k2") });
    expect((await create("one", "admin")).status).toBe(201);
    expectProblem(await create("two", "admin"), 422, "IDEMPOTENCY_MISMATCH");
    expect((await create("three", "policy_manager")).status).toBe(201);
    for (const bad of ["", "with space", "x".repeat(201)]) {
      const made = await as.admin("POST", "/policies", { body: { id: "four", document }, headers: key(bad) });
      expect([bad, made.status]).toEqual([bad, 400]);
    }
  });

  it("is not done beside itself: of many at once one is done, and the others wait or are told", async () => {
    const { as } = admin;
    const body = { label: "beside", servers: { echo: "p" } };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => as.admin("POST", "/grants", { body, headers: key("k3") })),
    );
    const done = answers.filter(({ status }) => status === 201);
    const pending = answers.filter(({ status }) => status === 409);
    expect(done.length + pending.length).toBe(8);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    for (const answer of pending) expectProblem(answer, 409, "IDEMPOTENCY_PENDING");
    expect((await as.admin("GET", "/grants?limit=200")).text.match(/"label":"beside"/g)).toHaveLength(1);
  });

  it("can be sent again after an error", async () => {
    const { as } = admin;
    const send = (body: unknown) => as.admin("POST", "/servers", { body, headers: key("k4") });
    expect((await send({ id: "con", access })).status).toBe(400);
    expect((await send({ id: "fine", access })).status).toBe(201);
  });
});

describe("what is sent", () => {
  it("has no member, parameter or value that the contract does not name [B180] [B397]", async () => {
    const { as } = admin;
    const body = { id: "x", access, role: "admin" };
    const paths = ["limit=1e9", "limit=0", "limit=-1", "limit=1&limit=2", "sort=name;drop", "filter[$ne]=", "cursor=x"];
    for (const query of paths) {
      for (const list of ["servers", "policies", "grants", "calls", "events", "admin-events", "counters", "members"]) {
        const answer = await as.admin("GET", `/${list}?${query}`);
        expect([list, query, answer.status]).toEqual([list, query, 400]);
      }
    }
    const refused = await as.admin("POST", "/servers", { body });
    expect(refused.body).toMatchObject({
      problems: [{ path: "/role", message: "the member `role` is not known here" }],
    });
    for (const extra of [{ role: "admin" }, { isAdmin: true }, { ownerId: "x" }, { scopes: ["all"] }]) {
      const renamed = await as.admin("PATCH", "/organisation", { revision: 1, body: { name: "x", ...extra } });
      expectProblem(renamed, 400, "INPUT_INVALID");
      const token = await as.viewer("POST", "/api-tokens", { body: { label: "x", ...extra, isAdmin: true } });
      expect(token.status).toBe(400);
    }
    const nested = { label: "x", servers: {}, __proto__: null, constructor: { prototype: { role: "admin" } } };
    expectProblem(await as.admin("POST", "/grants", { body: nested }), 400, "INPUT_INVALID");
  });

  it("is JSON that every reader reads alike, and says so", async () => {
    const send = async (body: string | Uint8Array<ArrayBuffer>, type = "application/json"): Promise<number> => {
      const response = await fetch(`${admin.gateway.origin}/api/v1/policies`, {
        method: "POST",
        headers: { authorization: `Bearer ${admin.tokens.admin}`, "content-type": type },
        body,
      });
      await response.arrayBuffer();
      return response.status;
    };
    const good = JSON.stringify({ id: "typed", document });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"]) {
      expect([type, await send(good, type)]).toEqual([type, 415]);
    }
    expect(await send('{"id":"a","id":"b","document":"{}"}')).toBe(400);
    expect(await send(`{"id":"a","document":${"[".repeat(100)}1${"]".repeat(100)}}`)).toBe(400);
    expect(await send(new Uint8Array([0x7b, 0xff, 0x7d]))).toBe(400);
    expect(await send("{} {}")).toBe(400);
    expect(await send(" ".repeat(1024 * 1024 + 1))).toBe(400);
    expect(await send(good, "application/json; charset=utf-8")).toBe(201);
  });

  it("opens as data and never as a page, whatever text is in it [B401]", async () => {
    const { as } = admin;
    const text = '<svg onload="alert(1)"><script>alert(1)</script>';
    await as.admin("POST", "/servers", { body: { id: "markup", title: text, access } });
    const grant = { label: text, owner: text, tags: { kind: text }, servers: { markup: null } };
    const made = await as.admin("POST", "/grants", { body: grant });
    const paths = ["/servers/markup", `/grants/${textAt(made, "grant", "id")}`, "/admin-events", `/servers/${text}`];
    for (const path of paths) {
      const { headers } = await as.admin("GET", path.replaceAll("<", "%3C"), { headers: { accept: "text/html" } });
      expect(headers.get("content-type")).toMatch(/^application\/(?:problem\+)?json$/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });

  it("may not be there for that method, or not be there at all", async () => {
    const { as } = admin;
    const answer = await as.admin("PUT", "/servers", { body: {} });
    expectProblem(answer, 405, "METHOD_NOT_ALLOWED");
    expect(answer.headers.get("allow")).toBe("GET, POST");
    expect((await as.admin("PUT", "/policies/validate", { body: {} })).headers.get("allow")).toBe("POST");
    expectProblem(await as.admin("GET", "/nothing/there"), 404, "NOT_FOUND");
    expectProblem(await as.admin("GET", "/servers/%2e%2e%2fetc"), 404, "NOT_FOUND");
  });
});

describe("lists", () => {
  it("come part by part, and take no cursor of another list", async () => {
    const { as } = admin;
    for (const id of ["page-a", "page-b", "page-c"]) await as.admin("POST", "/policies", { body: { id, document } });
    const seen: string[] = [];
    let query = "?limit=2";
    for (let part = 0; part < 20; part += 1) {
      const answer = await as.viewer("GET", `/policies${query}`);
      seen.push(...(answer.text.match(/"id":"[^"]+"/g) ?? []));
      if (answer.text.endsWith('"nextCursor":null}')) break;
      const cursor = textAt(answer, "nextCursor");
      query = `?limit=2&cursor=${cursor}`;
      expectProblem(await as.viewer("GET", `/grants?cursor=${cursor}`), 400, "INPUT_INVALID");
    }
    expect(seen).toEqual([...new Set(seen)].toSorted());
    expect(seen).toContain('"id":"page-c"');
  });
});

describe("errors", () => {
  it("have a page for every code, and no word of what went wrong inside", () => {
    const folder = join(fileURLToPath(new URL("../..", import.meta.url)), "docs", "errors");
    for (const code of Object.keys(statuses)) expect(readFileSync(join(folder, `${code}.md`), "utf8")).toContain(code);
  });
});
