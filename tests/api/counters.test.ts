import { afterEach, describe, expect, it } from "vitest";
import { type AdminGateway, startAdmin, textAt } from "../kit/admin.ts";
import { openHttpModern } from "../kit/clients.ts";
import { closeAll } from "../kit/opened.ts";

afterEach(closeAll);

const limited = JSON.stringify({
  version: "1",
  default: "deny",
  tools: {
    safe: { limits: [{ counter: "reads", window: "hour", max: 2, scope: "grant" }] },
    refund: {
      limits: [{ counter: "paid", window: "day", max: 100, increment_from: "args.amount", by: "args.currency" }],
    },
  },
  all_tools: { limits: [{ counter: "all", window: "month", max: 1000, scope: "server" }] },
});

/** A gateway with a grant under these limits, and its client. */
async function start() {
  const admin: AdminGateway = await startAdmin({ servers: { echo: [] } });
  await admin.as.admin("POST", "/policies", { body: { id: "limited", document: limited } });
  const made = await admin.as.admin("POST", "/grants", { body: { label: "a", servers: { echo: "limited" } } });
  const id = textAt(made, "grant", "id");
  return { admin, id, client: openHttpModern(admin.gateway.url("echo"), textAt(made, "token")) };
}

describe("counters", () => {
  it("are shown with what is used of each limit, and one is reset by an admin, with an event [R95]", async () => {
    const { admin, id, client } = await start();
    await client.call("safe");
    await client.call("safe");
    expect((await client.call("safe")).decision).toMatchObject({ code: "limit_reached" });
    const listed = await admin.as.admin("GET", `/counters?grant=${id}&limit=10`);
    expect(listed.body).toMatchObject({
      items: [
        { counter: "all", max: "1000", window: "month", scope: { kind: "server" }, counters: [{ used: "2" }] },
        { counter: "paid", max: "100", hasBy: true, counters: [] },
        {
          server: "echo",
          policy: "limited",
          rule: "/tools/safe/limits/0",
          counter: "reads",
          scope: { kind: "grant", value: id },
          window: "hour",
          max: "2",
          counters: [{ used: "2", inFlight: 0, by: null }],
        },
      ],
    });
    const counterId = textAt(listed, "items", "2", "counters", "0", "id");
    const reset = await admin.as.admin("POST", "/counters/reset", { body: { id: counterId } });
    expect([reset.status, reset.body]).toEqual([200, { before: "2", after: "0" }]);
    expect(await client.call("safe")).toMatchObject({ isError: false });
    const events = await admin.as.admin("GET", "/admin-events?action=counter.reset");
    expect(events.body).toMatchObject({
      items: [{ actor: { kind: "api_token" }, before: { used: "2" }, after: { used: "0" } }],
    });
    const again = await admin.as.admin("POST", "/counters/reset", { body: { id: "bm9uZQ" } });
    expect(again.status).toBe(404);
  });

  it("of values of an argument are told one by one, and the value to nobody but who may reset it", async () => {
    const { admin, id, client } = await start();
    await client.call("refund", { amount: 30, currency: "EUR" });
    await client.call("refund", { amount: 12.5, currency: "USD" });
    const path = `/counters?grant=${id}`;
    const shown = await admin.as.admin("GET", path);
    expect(shown.body).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({
          counter: "paid",
          counters: [
            expect.objectContaining({ by: "EUR", used: "30" }),
            expect.objectContaining({ by: "USD", used: "12.5" }),
          ],
        }),
      ]),
    });
    const seen = await admin.as.policy_manager("GET", path);
    expect(seen.text).toContain('"used":"12.5"');
    expect(seen.text).not.toContain("EUR");
    const id_ = textAt(shown, "items", "1", "counters", "0", "id");
    expect((await admin.as.admin("POST", "/counters/reset", { body: { id: id_ } })).body).toMatchObject({
      before: "30",
    });
    const events = await admin.as.admin("GET", "/admin-events?objectKind=counter");
    expect(events.text).not.toContain("EUR");
  });
});
