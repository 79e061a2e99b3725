import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdminGateway, startAdmin } from "../kit/admin.ts";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { runCommand } from "../kit/run-command.ts";

// The catalogue over the HTTP API and as an MCP server, of one gateway.

let admin: AdminGateway;
beforeAll(async () => {
  admin = await startAdmin({
    servers: { echo: [] },
    policies: { p: { version: "1", default: "allow" } },
    grants: { g: { servers: { echo: "p" } } },
  });
});
afterAll(closeAll);

const slug = "io-github-baixianger-camoufox-mcp";
async function read(path: string) {
  const { status, text } = await admin.as.viewer("GET", path);
  expect(status).toBe(200);
  return JSON.parse(text);
}

describe("the HTTP API of the catalogue", () => {
  it("[R141] searches servers and tools with filters and pages", async () => {
    const { items, nextCursor } = await read("/catalogue/servers?query=camoufox&limit=2");
    expect(items).toHaveLength(2);
    const rest = await read(`/catalogue/servers?query=camoufox&limit=2&cursor=${nextCursor}`);
    expect(rest).toMatchObject({ items: [expect.objectContaining({ name: expect.any(String) })], nextCursor: null });
    const tools = await read("/catalogue/tools?query=delete&risk=Critical");
    expect(tools.items.every(({ risk }: { risk: string }) => risk === "Critical")).toBe(true);
    expect((await admin.as.viewer("GET", "/catalogue/tools?risk=Huge")).status).toBe(400);
    expect((await admin.as.viewer("GET", "/catalogue/tools?cursor=x")).status).toBe(400);
  });

  it("takes the words of filters in any case, and says which ones it knows", async () => {
    const { items } = await read("/catalogue/tools?query=delete&risk=critical&category=DESTRUCTIVE");
    expect(items.map(({ category }: { category: string }) => category)).toContain("Destructive");
    expect(await read("/catalogue/changes?severity=HIGH")).toEqual({ items: [], after: 0 });
    expect(await read(`/catalogue/servers/${slug}/policy?preset=Strict`)).toMatchObject({ preset: "strict" });
    for (const [path, words] of [
      ["/catalogue/tools?risk=huge", "`Low`, `Medium`, `High`, `Critical`"],
      ["/catalogue/servers?category=red", "`Read`, `Write`, `Execute`, `Destructive`, `Financial`"],
      ["/catalogue/changes?severity=bad", "`low`, `medium`, `high`, `critical`"],
      [`/catalogue/servers/${slug}/policy?preset=mild`, "`read-only`, `balanced`, `strict`"],
    ] as const) {
      const { status, body } = await admin.as.viewer("GET", path);
      expect([path, status, body]).toEqual([path, 400, expect.objectContaining({ code: "INPUT_INVALID" })]);
      expect(body).toMatchObject({ problems: [{ hint: `use one of ${words}` }] });
    }
  });

  it("[R139] gives the same policy as server, tool, policy and command line", async () => {
    const server = await read(`/catalogue/servers/${slug}`);
    const tool = await read(`/catalogue/servers/${slug}/tools/save-session`);
    const policy = await read(`/catalogue/servers/${slug}/policy?preset=strict`);
    expect(policy.document).toEqual(server.policies.strict.document);
    expect(server.tools.find(({ name }: { name: string }) => name === "save_session").recommended).toEqual(
      tool.tool.recommended,
    );
    const home = makeFolder();
    const printed = await runCommand(["catalogue", "policy", "camoufox-mcp", "save_session"], home);
    expect(JSON.parse(printed.out)).toEqual(tool.tool.recommended);
    const whole = await runCommand(["catalogue", "policy", "camoufox-mcp", "--preset", "strict"], home);
    expect(JSON.parse(whole.out)).toEqual(policy.document);
    const accepted = await admin.as.policy_manager("POST", "/policies", {
      body: { id: "camoufox-strict", document: JSON.stringify(policy.document) },
    });
    expect(accepted.status).toBe(201);
  });

  it("[R148] reports an unknown server as unknown, with neither grade nor verdict", async () => {
    expect(await read(`/catalogue/servers/${encodeURIComponent("@acme/nowhere")}`)).toMatchObject({
      status: "unknown",
      name: "@acme/nowhere",
      grade: null,
      verdict: { verdict: "unknown" },
      queued: true,
    });
  });

  it("lists changes and attacks", async () => {
    expect(await read("/catalogue/changes?severity=high")).toEqual({ items: [], after: 0 });
    const { items, stoppedByGateway, outOfReach } = await read("/catalogue/attacks");
    expect(items.length).toBeGreaterThan(50);
    expect(stoppedByGateway).toContainEqual({
      slug: "dns-rebinding",
      name: "DNS rebinding to local MCP",
      how: expect.stringContaining("host names"),
    });
    expect(outOfReach).toContainEqual({
      slug: "shadow-mcp-server",
      name: "Shadow MCP servers",
      reason: expect.stringContaining("not behind the gateway"),
    });
    expect(items.length + stoppedByGateway.length + outOfReach.length).toBe(104);
  });
});

async function ask(client: Client, name: string, args: Record<string, unknown>) {
  const { content } = await client.callTool({ name, arguments: args });
  const [first] = content;
  const text = first?.type === "text" ? first.text : "";
  expect(text).toMatch(/^Between the marks is data[^<]*<catalogue-data>\n[^<\n]*\n<\/catalogue-data>$/u);
  return JSON.parse(text.split("\n")[2] ?? "");
}

async function expectFace(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    "check_mcp_server",
    "search_registry",
    "check_tool",
    "check_mcp_stack",
    "get_change_events",
  ]);
  expect(await ask(client, "check_mcp_server", { server: "camoufox-mcp" })).toMatchObject({
    slug,
    status: "known",
    grade: { letter: "B" },
  });
  expect(await ask(client, "check_mcp_server", { server: "nowhere" })).toMatchObject({
    status: "unknown",
    grade: null,
  });
  const found = await ask(client, "search_registry", { query: "save_session", kind: "tools" });
  expect(found.items[0]).toMatchObject({ name: "save_session", category: "Write" });
  const tool = await ask(client, "check_tool", { server: slug, tool: "save_session" });
  expect(tool.tool.recommended).toMatchObject({ default: "deny", tools: { save_session: {} } });
  const stack = await ask(client, "check_mcp_stack", { servers: ["camoufox-mcp", "nowhere", "exa-mcp-server"] });
  expect(stack.map(({ asked, verdict }: { asked: string; verdict: string }) => [asked, verdict])).toEqual([
    ["nowhere", "unknown"],
    ["camoufox-mcp", "connect-with-rule"],
    ["exa-mcp-server", expect.stringMatching(/proceed|connect-with-rule/u)],
  ]);
  expect(await ask(client, "get_change_events", {})).toEqual({ changes: [], after: 0 });
}

describe("the catalogue as an MCP server", () => {
  const connect = async (token: string | undefined): Promise<Client> => {
    const client = new Client({ name: "test", version: "1" });
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const url = new URL(`${admin.gateway.origin}/mcp/catalogue`);
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
    return client;
  };

  it("[R147] answers members over HTTP: check, search, stack and changes", async () => {
    const client = await connect(admin.tokens.viewer);
    await expectFace(client);
    await client.close();
  });

  it("answers grants, and no stranger", async () => {
    const client = await connect(admin.gateway.token("g"));
    expect((await client.listTools()).tools).toHaveLength(5);
    await client.close();
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    for (const authorization of [undefined, "Bearer cg_abc_wrong", "Bearer nothing"]) {
      const response = await fetch(`${admin.gateway.origin}/mcp/catalogue`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...(authorization === undefined ? {} : { authorization }),
        },
        body,
      });
      expect([401, 403]).toContain(response.status);
      await response.arrayBuffer();
    }
  });

  it("[R147] answers over standard streams", async () => {
    const home = makeFolder();
    const client = new Client({ name: "test", version: "1" });
    const program = fileURLToPath(new URL("../../bin/callgate.js", import.meta.url));
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [program, "catalogue", "serve"],
        env: { CALLGATE_HOME: join(home, "data"), PATH: process.env["PATH"] ?? "" },
      }),
    );
    await expectFace(client);
    await client.close();
  });
});
