import { Client, SSEClientTransport, StreamableHTTPClientTransport, type Tool } from "@modelcontextprotocol/client";
import { afterEach, describe, expect, test } from "vitest";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll, closeLater } from "../kit/opened.ts";
import { canaryText, startCanaryHost } from "./canary-host.ts";
import { type HttpServer, startContext7, startEverything, startPlaywright } from "./http-servers.ts";
import { readCall } from "./peer.ts";

// Real servers over HTTP behind `callgate serve`, each at its own address and all at one, for real clients of both eras.

afterEach(closeAll);

type Mode = "legacy" | "auto" | "modern";

/** The SDK's client, with a model and a person behind it, or with neither. */
async function openClient(server: HttpServer, token = "", mode: Mode = "legacy", isServed = true): Promise<Client> {
  const capabilities = isServed ? { sampling: {}, elicitation: { form: {} } } : {};
  const versionNegotiation = { mode: mode === "modern" ? { pin: "2026-07-28" } : mode };
  const client = new Client({ name: "peer", version: "1.0.0" }, { capabilities, versionNegotiation });
  if (isServed) {
    client.setRequestHandler("sampling/createMessage", () => ({
      model: "m",
      role: "assistant" as const,
      content: { type: "text" as const, text: "what the model says" },
    }));
    client.setRequestHandler("elicitation/create", () => ({
      action: "accept" as const,
      content: { name: "what the person says" },
    }));
  }
  const requestInit = { headers: token === "" ? {} : { Authorization: `Bearer ${token}` } };
  const [address, settings] = [new URL(server.url), { requestInit }];
  await client.connect(
    server.transport === "sse"
      ? new SSEClientTransport(address, settings)
      : new StreamableHTTPClientTransport(address, settings),
  );
  closeLater(() => client.close());
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<string> {
  return readCall(await client.callTool({ name, arguments: args })).text;
}

/** The list as the server itself gives it, without what the policy does not name. */
async function listDirectly(server: HttpServer, visible: readonly string[], isServed: boolean): Promise<Tool[]> {
  const { tools } = await (await openClient(server, "", "legacy", isServed)).listTools();
  expect(tools.length).toBeGreaterThan(visible.length);
  return tools.filter(({ name }) => visible.includes(name));
}

/** A tool as the SDK's client shows it in an era: the newer one has no `execution`, and the client takes it out. */
function inEra({ execution, ...tool }: Tool, mode: Mode): Tool {
  return mode === "modern" || execution === undefined ? tool : { ...tool, execution };
}

async function countProgress(client: Client, tool: string): Promise<readonly number[]> {
  const steps: number[] = [];
  const onprogress = ({ progress }: { progress: number }): void => void steps.push(progress);
  await client.callTool({ name: tool, arguments: { duration: 0.4, steps: 4 } }, { onprogress });
  return steps;
}

const plainTools = ["echo", "gzip-file-as-resource", "trigger-long-running-operation"];
const doorTools = ["trigger-elicitation-request", "trigger-sampling-request"];

function everythingPolicy(doors: "allow" | "deny"): Readonly<Record<string, unknown>> {
  const onlyDocs = { path: "args.data", op: "host_in", value: ["docs.example.com"] };
  const free = Object.fromEntries([...plainTools, ...doorTools].map((name) => [name, {}]));
  const tools = { ...free, "gzip-file-as-resource": { require: [{ conditions: [onlyDocs] }] } };
  return { version: "1", default: "deny", sampling: doors, elicitation: doors, tools };
}

const denial = /^\[POLICY DENIED\] /;

describe.each(["streamable-http", "sse"] as const)("the everything server over %s, at its own address", (transport) => {
  async function open(): Promise<{ server: HttpServer; gateway: ServeGateway; at: HttpServer }> {
    const server = await startEverything(transport);
    const gateway = await startServe({
      servers: { every: { ...server } },
      policies: { open: everythingPolicy("allow"), shut: everythingPolicy("deny") },
    });
    return { server, gateway, at: { url: gateway.url(), transport: "streamable-http" } };
  }

  // It speaks the older era alone: who asks for the newer one first finds the way back.
  test.each(["legacy", "auto"] as const)("a client, %s, gets what the policy says and nothing else", async (mode) => {
    const { server, gateway, at } = await open();
    const host = await startCanaryHost();
    const client = await openClient(at, gateway.token("open"), mode);
    expect(client.getNegotiatedProtocolVersion()).toBe("2025-11-25");
    expect((await client.listTools()).tools).toEqual(await listDirectly(server, [...plainTools, ...doorTools], true));
    expect(await call(client, "echo", { message: "through" })).toBe("Echo: through");
    expect(await call(client, "get-env")).toMatch(denial);
    const page = { name: "page.gz", data: `${host.origin}/secret` };
    expect(await call(client, "gzip-file-as-resource", page)).toMatch(denial);
    expect(host.asked()).toEqual([]);
    await call(await openClient(server), "gzip-file-as-resource", page);
    expect(host.asked()).toEqual(["/secret"]);
  });

  test("progress, and what the server asks of model and person, come and go", async () => {
    const { gateway, at } = await open();
    const client = await openClient(at, gateway.token("open"));
    expect(await countProgress(client, "trigger-long-running-operation")).toEqual([1, 2, 3, 4]);
    expect(await call(client, "trigger-sampling-request", { prompt: "hello" })).toContain("what the model says");
    expect(await call(client, "trigger-elicitation-request")).toContain("what the person says");
  });

  test("what the policy shuts is not asked of model and person", async () => {
    const { gateway, at } = await open();
    const client = await openClient(at, gateway.token("shut"));
    for (const tool of doorTools) {
      const answer = await client.callTool({ name: tool, arguments: { prompt: "hello" } }).then(JSON.stringify, String);
      expect(answer).not.toContain("what the");
    }
    await gateway.rows.waitFor(2, (row) => row.kind === "event" && row.event === "server_request_refused");
    expect(gateway.rows.calls().map(({ outcome }) => outcome)).toEqual(["allow", "allow"]);
    expect(gateway.rows.events("server_request_passed")).toEqual([]);
  });
});

describe("real servers over HTTP, at one address", () => {
  const visible = {
    browser: ["browser_navigate", "browser_snapshot"],
    docs: ["query-docs"],
    every: plainTools,
    older: ["echo"],
  };

  test.each(["legacy", "modern"] as const)(
    "a client, %s, gets what the policies say and nothing else",
    async (mode) => {
      const [open, secret] = [await startCanaryHost(), await startCanaryHost()];
      const servers = {
        browser: await startPlaywright(),
        docs: await startContext7(open.origin),
        every: await startEverything("streamable-http"),
        older: await startEverything("sse"),
      };
      const onlyOpen = { path: "args.url", op: "host_in", value: [new URL(open.origin).host] };
      const onlyAcme = { path: "args.libraryId", op: "starts_with", value: "/acme/" };
      const policy = (tools: object): Readonly<Record<string, unknown>> => ({ version: "1", default: "deny", tools });
      const gateway = await startServe({
        servers: Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, { ...server }])),
        policies: {
          browser: policy({ browser_navigate: { require: [{ conditions: [onlyOpen] }] }, browser_snapshot: {} }),
          docs: policy({ "query-docs": { require: [{ conditions: [onlyAcme] }] } }),
          every: everythingPolicy("deny"),
          older: policy({ echo: {} }),
        },
        grants: { agent: { servers: { browser: "browser", docs: "docs", every: "every", older: "older" } } },
      });
      const client = await openClient({ url: gateway.everyUrl, transport: "streamable-http" }, gateway.token(), mode);
      expect(client.getNegotiatedProtocolVersion()).toBe(mode === "modern" ? "2026-07-28" : "2025-11-25");

      const wanted: Tool[] = [];
      for (const name of ["browser", "docs", "every", "older"] as const) {
        const own = await listDirectly(servers[name], visible[name], false);
        wanted.push(...own.map((tool) => ({ ...inEra(tool, mode), name: `${name}__${tool.name}` })));
      }
      expect((await client.listTools()).tools).toEqual(wanted);

      expect(await call(client, "every__echo", { message: "one" })).toBe("Echo: one");
      expect(await call(client, "older__echo", { message: "two" })).toBe("Echo: two");
      expect(await countProgress(client, "every__trigger-long-running-operation")).toEqual([1, 2, 3, 4]);
      const docs = { libraryId: "/acme/docs", query: "how" };
      expect(await call(client, "docs__query-docs", docs)).toContain(canaryText);
      expect(await call(client, "docs__query-docs", { ...docs, libraryId: "/elsewhere/docs" })).toMatch(denial);
      await call(client, "browser__browser_navigate", { url: `${open.origin}/page` });
      expect(await call(client, "browser__browser_snapshot")).toContain(canaryText);
      const away = { url: `http://localhost:${new URL(secret.origin).port}/secret` };
      expect(await call(client, "browser__browser_navigate", away)).toMatch(denial);
      expect(await call(client, "older__get-env")).toMatch(denial);
      expect(secret.asked()).toEqual([]);
      expect(open.asked().some((path) => path.includes("elsewhere"))).toBe(false);
    },
  );
});
