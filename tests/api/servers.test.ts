import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type AdminGateway, startAdmin, textAt } from "../kit/admin.ts";
import { openHttpModern } from "../kit/clients.ts";
import { closeAll } from "../kit/opened.ts";
import { echoServer } from "../kit/spy.ts";
import { until } from "../kit/wait.ts";
import { startHttpEcho } from "../servers/http-echo.ts";

afterEach(closeAll);

const remote = (url: string) => ({ kind: "url", url, transport: "streamable-http" }) as const;
const allowed = { allow: { private_addresses: true } };
const allowAll = '{"version":"1","default":"allow"}';

/** A grant's token for one server, under a policy that allows everything. */
async function tokenFor({ as }: AdminGateway, server: string): Promise<string> {
  await as.admin("POST", "/policies", { body: { id: "open", document: allowAll } });
  return textAt(await as.admin("POST", "/grants", { body: { label: "a", servers: { [server]: "open" } } }), "token");
}

/** The status of a call with that token. */
async function statusAt(url: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
  const response = await fetch(url, { method: "POST", headers, body });
  await response.arrayBuffer();
  return response.status;
}

describe("a registered server", () => {
  it("has an address of its own at the gateway, and goes where it is told from the next call on [R10] [R14]", async () => {
    const [first, second] = [await startHttpEcho(), await startHttpEcho()];
    const admin = await startAdmin({ settings: allowed });
    const made = await admin.as.admin("POST", "/servers", { body: { id: "notes", access: remote(first.url) } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ proxyUrl: `${admin.gateway.origin}/mcp/notes`, source: "database" });
    const proxyUrl = textAt(made, "proxyUrl");
    const token = await tokenFor(admin, "notes");
    const client = openHttpModern(proxyUrl, token);
    const callsOf = (echo: typeof first): number => echo.seen.filter(({ body }) => body.includes("tools/call")).length;
    expect(await client.call("safe")).toMatchObject({ isError: false });
    const edited = await admin.as.admin("PATCH", "/servers/notes", {
      revision: 1,
      body: { access: remote(second.url) },
    });
    expect(edited.body).toMatchObject({ access: { url: second.url }, revision: 2 });
    expect(await client.call("safe")).toMatchObject({ isError: false });
    expect([callsOf(first), callsOf(second)]).toEqual([1, 1]);
  });

  it("fails for every grant at once when it is disabled, and when it is deleted [R15]", async () => {
    const echo = await startHttpEcho();
    const admin = await startAdmin({ settings: allowed });
    const made = await admin.as.admin("POST", "/servers", { body: { id: "notes", access: remote(echo.url) } });
    const url = textAt(made, "proxyUrl");
    const token = await tokenFor(admin, "notes");
    expect(await statusAt(url, token)).toBe(200);
    await admin.as.admin("PATCH", "/servers/notes", { revision: 1, body: { isDisabled: true } });
    expect(await statusAt(url, token)).toBe(404);
    await admin.as.admin("PATCH", "/servers/notes", { revision: 2, body: { isDisabled: false } });
    expect(await statusAt(url, token)).toBe(200);
    expect((await admin.as.admin("DELETE", "/servers/notes", { revision: 3 })).status).toBe(204);
    expect(await statusAt(url, token)).toBe(404);
    const again = await admin.as.admin("POST", "/servers", { body: { id: "notes", access: remote(echo.url) } });
    expect(again.status).toBe(201);
    expect(await statusAt(url, token)).toBe(404);
  });

  it("cannot be a private address, or a metadata service, unless the operator allows it [R16]", async () => {
    const { as } = await startAdmin();
    const urls = [
      "http://127.0.0.1:9/mcp",
      "http://localhost/mcp",
      "http://10.1.2.3/mcp",
      "http://169.254.169.254/",
      "http://[::1]/mcp",
      "http://[::ffff:127.0.0.1]/mcp",
      "http://2130706433/mcp",
      "file:///etc/passwd",
      "https://user:pass@example.com/mcp",
    ];
    for (const url of urls) {
      const body = { id: "inside", access: remote(url) };
      const made = await as.admin("POST", "/servers", { body });
      expect([url, made.status, made.body]).toMatchObject([url, 400, { problems: [{ path: "/access/url" }] }]);
      expect((await as.admin("POST", "/servers/test", { body: { access: remote(url) } })).status).toBe(400);
    }
    expect((await as.admin("GET", "/servers/inside")).status).toBe(404);
  });

  it("is a local command only word for word as the operator's files allow it [R13] [B316] [B318]", async () => {
    const command = process.execPath;
    const args = [echoServer];
    const admin = await startAdmin({ settings: { allow: { commands: [{ command, args }] } } });
    const { as } = admin;
    const others: readonly (readonly [string, readonly string[]])[] = [
      ["bash", ["-c", "id"]],
      ["npx", ["-y", "evil"]],
      ["python", ["-c", "print(1)"]],
      ["uvx", ["--from", "git+https://example.com/x", "x"]],
      ["docker", ["run", "-v", "/:/h", "alpine"]],
      ["env", ["bash"]],
      [command, ["-e", "1"]],
      [command, [...args, "--inspect"]],
      [command, []],
      [`${command} `, args],
    ];
    for (const [other, its] of others) {
      const access = { kind: "command", command: other, args: its };
      const made = await as.admin("POST", "/servers", { body: { id: "local", access } });
      expect([other, made.status, made.body]).toMatchObject([other, 403, { code: "OPERATOR_ONLY" }]);
    }
    const made = await as.admin("POST", "/servers", {
      body: { id: "local", access: { kind: "command", command, args } },
    });
    expect(made.status).toBe(201);
    const client = openHttpModern(textAt(made, "proxyUrl"), await tokenFor(admin, "local"));
    expect(await client.call("safe")).toMatchObject({ isError: false });
    const edited = await as.admin("PATCH", "/servers/local", {
      revision: 1,
      body: { access: { kind: "command", command: "bash", args: ["-c", "id"] } },
    });
    expect(edited.status).toBe(403);
  });

  it("is no command any more once the operator's files do not allow it [R13] [B316]", async () => {
    const command = process.execPath;
    const args = [echoServer];
    const admin = await startAdmin({ settings: { allow: { commands: [{ command, args, env: ["NOTES_TOKEN"] }] } } });
    const access = { kind: "command", command, args };
    const made = await admin.as.admin("POST", "/servers", { body: { id: "local", access } });
    const client = openHttpModern(textAt(made, "proxyUrl"), await tokenFor(admin, "local"));
    const credential = { body: { value: "a-secret-of-notes" } };
    expect(
      (await admin.as.admin("PUT", "/servers/local/credentials/environment/NOTES_TOKEN", credential)).status,
    ).toBeLessThan(300);
    expect(await client.call("safe")).toMatchObject({ isError: false });
    const file = join(admin.gateway.folder, "callgate.yaml");
    const { allow: _, ...rest } = JSON.parse(readFileSync(file, "utf8"));
    const refused = { error: { data: { code: "UPSTREAM_CREDENTIALS" } } };
    for (const commands of [[{ command, args, env: [] }], [{ command, args: [...args, "--more"] }], undefined]) {
      const reloads = admin.gateway.process.stderr().split("reloaded").length;
      writeFileSync(file, JSON.stringify(commands === undefined ? rest : { ...rest, allow: { commands } }));
      await until("the reload", () => admin.gateway.process.stderr().split("reloaded").length > reloads || undefined);
      expect(await client.call("safe")).toMatchObject(refused);
    }
  });

  it("starts no command when it is only tried [B317]", async () => {
    const admin = await startAdmin({ servers: { echo: [] } });
    const access = { kind: "command", command: process.execPath, args: [echoServer] };
    for (const role of ["policy_manager", "admin"] as const) {
      expect((await admin.as[role]("POST", "/servers/test", { body: { access } })).status).toBe(403);
    }
    const document = JSON.stringify({ version: "1", default: "deny", access });
    expect((await admin.as.admin("POST", "/policies/validate", { body: { document } })).body).toMatchObject({
      isValid: false,
    });
    expect(admin.gateway.spy("echo").pids()).toEqual([]);
  });

  it("has a plain name, whatever is sent as one [B334]", async () => {
    const { as } = await startAdmin();
    const names = ["../x", "con", "NUL", "com1.txt", "a\nb", "", "a/b", "x".repeat(65), "a__b", "catalogue", "\u202ex"];
    for (const id of names) {
      const made = await as.admin("POST", "/servers", { body: { id, access: remote("https://example.com/mcp") } });
      expect([id, made.status, made.body]).toMatchObject([id, 400, { code: "INPUT_INVALID" }]);
    }
    const huge = await as.admin("POST", "/servers", {
      body: { id: "x".repeat(1024 * 1024), access: remote("https://example.com/mcp") },
    });
    expect(huge.status).toBe(400);
  });

  it("says what is still missing until agents can use it", async () => {
    const echo = await startHttpEcho();
    const admin = await startAdmin({ settings: allowed });
    const { as } = admin;
    await as.admin("POST", "/servers", { body: { id: "notes", access: remote(echo.url) } });
    const missing = async (): Promise<unknown> => (await as.viewer("GET", "/servers/notes")).body;
    expect(await missing()).toMatchObject({ missingSteps: ["fetch_tools", "review_tools", "mint_grant"] });
    await as.admin("POST", "/grants", { body: { label: "a", servers: { notes: null } } });
    expect(await missing()).toMatchObject({
      missingSteps: ["fetch_tools", "review_tools", "attach_policy"],
      policies: [],
    });
    await as.policy_manager("POST", "/servers/notes/tools/fetch");
    await tokenFor(admin, "notes");
    expect(await missing()).toMatchObject({ missingSteps: ["review_tools", "attach_policy"], policies: ["open"] });
  });

  it("keeps its tools with digests and a date, and reads them again when asked [R17]", async () => {
    const admin = await startAdmin({ servers: { echo: ["--page-size=4"] } });
    const { as } = admin;
    expect((await as.viewer("GET", "/servers/echo/tools")).body).toMatchObject({ fetchedAt: null, tools: [] });
    const fetched = await as.policy_manager("POST", "/servers/echo/tools/fetch");
    expect(fetched.status).toBe(200);
    expect(fetched.body).toMatchObject({ server: "echo", tools: { length: 9 } });
    const kept = await as.viewer("GET", "/servers/echo/tools");
    expect(kept.body).toEqual(fetched.body);
    expect(textAt(kept, "tools", "0", "sha256")).toMatch(/^[0-9a-f]{64}$/);
    const again = await as.policy_manager("POST", "/servers/echo/tools/fetch");
    expect(textAt(again, "sha256")).toBe(textAt(fetched, "sha256"));
    expect(Date.parse(textAt(again, "fetchedAt"))).toBeGreaterThanOrEqual(Date.parse(textAt(fetched, "fetchedAt")));
    const events = await as.admin("GET", "/admin-events?action=tool_list.fetch");
    expect(events.body).toMatchObject({ items: [{ after: { tools: 9 } }, { object: { id: "echo" } }] });
  });

  it("says in words why it cannot be read", async () => {
    const admin = await startAdmin({ servers: { broken: { command: "/nowhere/at-all", args: [] } } });
    const answer = await admin.as.policy_manager("POST", "/servers/broken/tools/fetch");
    expect([answer.status, answer.body]).toMatchObject([502, { code: "UPSTREAM_START_FAILED" }]);
    const tried = await admin.as.admin("POST", "/servers/broken/test");
    expect(tried.body).toMatchObject({ isReachable: false, problem: { code: "UPSTREAM_START_FAILED" } });
  });
});
