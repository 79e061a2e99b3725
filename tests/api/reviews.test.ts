import { afterEach, describe, expect, it } from "vitest";
import { startAdmin } from "../kit/admin.ts";
import { openHttpModern } from "../kit/clients.ts";
import { closeAll } from "../kit/opened.ts";

afterEach(closeAll);

const denyAll = { version: "1", default: "deny", categories: { Read: {} } } as const;

describe("the review of a server's tools", () => {
  it("goes from fetching to accepting to taking back, all over the API [R17]", async () => {
    const { as, gateway } = await startAdmin({
      servers: { echo: [] },
      policies: { p: denyAll },
      grants: { g: { servers: { echo: "p" } } },
    });
    const before = await as.viewer("GET", "/servers/echo/tools");
    expect(before.body).toEqual({ server: "echo", fetchedAt: null, sha256: null, tools: [] });
    expect((await as.viewer("GET", "/servers/echo")).body).toMatchObject({
      missingSteps: ["fetch_tools", "review_tools"],
    });
    const fetched = await as.policy_manager("POST", "/servers/echo/tools/fetch");
    expect(fetched.status).toBe(200);
    expect(fetched.body).toMatchObject({
      server: "echo",
      fetchedAt: expect.stringMatching(/Z$/),
      sha256: expect.any(String),
    });
    expect((await as.viewer("GET", "/servers/echo/tools")).body).toEqual(fetched.body);

    const waiting = await as.viewer("GET", "/servers/echo/unreviewed?limit=200");
    const { items } = Object.assign({ items: [] }, waiting.body);
    const { tools } = Object.assign({ tools: [] }, fetched.body);
    const pick = ({ tool, sha256 }: { tool: string; sha256: string }) => ({ tool, sha256 });
    expect(items.map(pick)).toEqual(
      tools
        .map(({ name: tool, sha256 }) => ({ tool, sha256 }))
        .toSorted((a: { tool: string }, b: { tool: string }) => (a.tool < b.tool ? -1 : 1)),
    );

    const client = openHttpModern(gateway.url(), gateway.token());
    expect((await client.call("safe")).decision).toMatchObject({ code: "unreviewed_tool" });
    const reviews = items.map(pick).map((one: object) => ({ ...one, category: "Read", note: "looked at" }));
    const accepted = await as.policy_manager("POST", "/servers/echo/reviews", { body: { reviews } });
    expect(accepted.status).toBe(204);
    expect((await client.call("safe")).isError).toBe(false);
    expect((await as.viewer("GET", "/servers/echo/unreviewed")).body).toEqual({ items: [], nextCursor: null });

    expect((await as.policy_manager("DELETE", "/servers/echo/reviews/safe")).status).toBe(204);
    expect((await client.call("safe")).decision).toMatchObject({ code: "changed_tool" });
    expect((await as.policy_manager("DELETE", "/servers/echo/reviews/safe")).status).toBe(404);
  });

  it("says what cannot be reviewed, and does nothing of it", async () => {
    const { as } = await startAdmin({ servers: { echo: [] }, policies: {}, grants: {} });
    const body = { reviews: [{ tool: "safe", sha256: "0".repeat(64) }] };
    const unknown = await as.admin("POST", "/servers/echo/reviews", { body });
    expect(unknown.status).toBe(400);
    expect(unknown.body).toMatchObject({ code: "INPUT_INVALID", problems: [{ path: "/reviews/0" }] });
    const pattern = {
      settings: { volatileText: ["("] },
      id: "s",
      access: { kind: "url", url: "https://x.example/mcp", transport: "sse" },
    };
    const refused = await as.admin("POST", "/servers", { body: pattern });
    expect(refused.body).toMatchObject({ code: "INPUT_INVALID", problems: [{ path: "/settings/volatileText/0" }] });
  });
});
