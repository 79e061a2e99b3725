import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdminGateway, type ApiAnswer, startAdmin, textAt } from "../kit/admin.ts";
import { openHttpModern } from "../kit/clients.ts";
import { closeAll } from "../kit/opened.ts";

let admin: AdminGateway;
let id: string;

const document = '{"version":"1","default":"deny","tools":{"safe":{},"fetch":{}}}';

beforeAll(async () => {
  admin = await startAdmin({ servers: { echo: [], other: [] } });
  await admin.as.admin("POST", "/policies", { body: { id: "some", document } });
  const body = { label: "laptop", owner: "bob@example.com", servers: { echo: "some", other: "some" } };
  const made = await admin.as.admin("POST", "/grants", { body });
  id = textAt(made, "grant", "id");
  const client = openHttpModern(admin.gateway.url("echo"), textAt(made, "token"));
  await client.call("safe", { text: "the-argument" });
  await client.call("refund", { amount: 1, currency: "EUR" });
  await client.call("fetch", { url: "https://example.com/" });
  await openHttpModern(admin.gateway.url("other"), textAt(made, "token")).call("safe");
});

afterAll(closeAll);

function toolsOf({ body, text }: ApiAnswer): readonly string[] {
  const items: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "items") : undefined;
  if (!Array.isArray(items)) throw new Error(`no items in ${text}`);
  return items.map((item: unknown) =>
    String(typeof item === "object" && item !== null ? Reflect.get(item, "tool") : ""),
  );
}

describe("calls", () => {
  it("are listed latest first with how they ended, and hold no value of an argument", async () => {
    const listed = await admin.as.viewer("GET", "/calls");
    expect(toolsOf(listed)).toEqual(["safe", "fetch", "refund", "safe"]);
    expect(listed.body).toMatchObject({
      nextCursor: null,
      items: [
        { server: "other", outcome: "allow", end: { status: "completed" } },
        { argumentKeys: ["url"] },
        { outcome: "deny", rule: "(default deny)", code: "default_deny", end: null },
        { grant: { id, owner: "bob@example.com" }, policy: { id: "some", version: 1 }, argumentKeys: ["text"] },
      ],
    });
    expect(listed.text).not.toContain("the-argument");
  });

  const searches: readonly (readonly [query: string, tools: readonly string[]])[] = [
    ["grant=none", []],
    ["owner=bob@example.com&tool=safe", ["safe", "safe"]],
    ["server=other", ["safe"]],
    ["outcome=deny", ["refund"]],
    ["outcome=allow&limit=2", ["safe", "fetch"]],
    ["code=default_deny", ["refund"]],
    ["rule=(default%20deny)", ["refund"]],
    ["since=2100-01-01T00:00:00Z", []],
    ["until=2001-01-01T00:00:00Z", []],
    ["since=2001-01-01T00:00:00Z&until=2100-01-01T00:00:00Z&tool=fetch", ["fetch"]],
  ];
  it.each(searches)("are found by %s", async (query, tools) => {
    expect(toolsOf(await admin.as.viewer("GET", `/calls?${query}`))).toEqual(tools);
  });

  it("come part by part, each once", async () => {
    const tools: string[] = [];
    let cursor = "";
    for (let part = 0; part < 10; part += 1) {
      const answer = await admin.as.viewer("GET", `/calls?limit=1${cursor}`);
      tools.push(...toolsOf(answer));
      if (answer.text.endsWith('"nextCursor":null}')) break;
      cursor = `&cursor=${textAt(answer, "nextCursor")}`;
    }
    expect(tools).toEqual(["safe", "fetch", "refund", "safe"]);
  });

  it("are read one by one", async () => {
    const requestId = textAt(await admin.as.viewer("GET", "/calls?tool=fetch"), "items", "0", "requestId");
    const call = await admin.as.viewer("GET", `/calls/${requestId}`);
    expect(call.body).toMatchObject({ requestId, tool: "fetch", end: { status: "completed" } });
  });

  it("leave what else happened to the events", async () => {
    await fetch(admin.gateway.url("echo"), { method: "POST", headers: { authorization: "Bearer nobody" }, body: "{}" });
    const events = await admin.as.viewer("GET", "/events");
    expect(events.text).toContain('"event":"upstream_started"');
  });
});

describe("admin events", () => {
  it("tell of every change who made it, from where, and what was before and after [R132]", async () => {
    await admin.as.policy_manager("PATCH", "/policies/some", { revision: 1, body: { title: "Some tools" } });
    const { body } = await admin.as.admin("GET", "/admin-events?objectKind=policy");
    expect(body).toMatchObject({
      items: [
        {
          action: "policy.save",
          object: { kind: "policy", id: "some" },
          actor: { kind: "api_token", id: "policy_manager", address: "127.0.0.1" },
          before: { title: "some" },
          after: { title: "Some tools" },
        },
        { action: "policy.create", before: null, after: { version: 1 } },
      ],
    });
    expect((await admin.as.admin("GET", "/admin-events?action=grant.create")).body).toMatchObject({
      items: [{ object: { id } }],
    });
    const all = await admin.as.admin("GET", "/admin-events?limit=200");
    for (const action of [
      "policy.create",
      "grant.create",
      "member.create",
      "api_token.create",
      "organisation.create",
    ]) {
      expect(all.text).toContain(`"action":"${action}"`);
    }
  });
});
