import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classifyClientMessage } from "../../src/protocol/classify.ts";
import { outgoingHeaders } from "../../src/protocol/outgoing-headers.ts";
import type { Outgoing } from "../../src/transports/transport.ts";
import type { JsonObject } from "../../src/values/json.ts";
import { closeAll, closeLater } from "../kit/opened.ts";
import { httpUpstream, observe, type Observed, type Told } from "./observed.ts";
import { until } from "../kit/wait.ts";

// A server made with the SDK, which this transport shares no line with.
const fixture = fileURLToPath(new URL("../servers/conformance/http-server.ts", import.meta.url));
let url = "";

beforeAll(async () => {
  const child = spawn(process.execPath, [fixture], { stdio: ["ignore", "pipe", "inherit"] });
  closeLater(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  const [line] = await once(child.stdout, "data");
  url = String(line).trim();
});

afterAll(closeAll);

/** A client's message as the gateway forwards it. */
function outgoing(message: JsonObject, protocolVersion?: string): Outgoing {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message });
  const read = classifyClientMessage(new TextEncoder().encode(text), { transport: "stdio" });
  if (read.kind === "rejected") throw new Error(read.rejection.message);
  if (read.kind === "response") {
    return { text, kind: "response", era: "legacy", headers: { "mcp-protocol-version": protocolVersion ?? "" } };
  }
  const headers = outgoingHeaders({ message: read, protocolVersion });
  const { kind, era } = read;
  return { text, kind, era, headers, ...(read.kind === "request" ? { id: read.id } : {}) };
}

const version = "2025-11-25";

async function openSession(): Promise<Observed> {
  const observed = observe(httpUpstream("", { url, messageBytesMax: 1024 * 1024 }));
  const params = {
    protocolVersion: version,
    capabilities: { elicitation: {} },
    clientInfo: { name: "test", version: "1" },
  };
  await observed.connection.send(outgoing({ id: 0, method: "initialize", params }));
  await answerTo(observed, 0);
  await observed.connection.send(outgoing({ method: "notifications/initialized" }, version));
  return observed;
}

function messages({ told }: Observed): JsonObject[] {
  return told.flatMap((each: Told) =>
    each.kind === "message" && each.text !== undefined ? [JSON.parse(each.text)] : [],
  );
}

function answerTo(observed: Observed, id: number | string): Promise<JsonObject> {
  return until(`the answer to ${id}`, () =>
    messages(observed).find((message) => message["id"] === id && message["method"] === undefined),
  );
}

describe("a server of the SDK in the legacy era", () => {
  it("is spoken to in a session, from handshake to end", async () => {
    const observed = await openSession();
    const { connection, told } = observed;
    await connection.send(outgoing({ id: "list", method: "tools/list" }, version));
    expect(await answerTo(observed, "list")).toMatchObject({ result: { tools: expect.any(Array) } });
    const params = { name: "test_tool_with_progress", arguments: {}, _meta: { progressToken: "p" } };
    await connection.send(outgoing({ id: "call", method: "tools/call", params }, version));
    expect(await answerTo(observed, "call")).toMatchObject({ result: { content: [{ type: "text" }] } });
    const progress = messages(observed).filter((message) => message["method"] === "notifications/progress");
    expect(progress).toHaveLength(3);
    expect(told.filter(({ kind }) => kind !== "message")).toEqual([]);
    await connection.close();
  });

  it("asks the client on the way", async () => {
    const observed = await openSession();
    const { connection } = observed;
    const params = { name: "test_elicitation", arguments: { message: "who?" } };
    await connection.send(outgoing({ id: 1, method: "tools/call", params }, version));
    const asked = await until("the question", () =>
      messages(observed).find((message) => message["method"] === "elicitation/create"),
    );
    const result = { action: "accept", content: { username: "a", email: "a@example.org" } };
    expect(await connection.send(outgoing({ id: asked["id"] ?? null, result }, version))).toBe("sent");
    expect(await answerTo(observed, 1)).toMatchObject({ result: { content: [{ type: "text" }] } });
  });

  it("goes on with a stream that it cut", async () => {
    const observed = await openSession();
    const { connection, told } = observed;
    const params = { name: "test_reconnection", arguments: {} };
    await connection.send(outgoing({ id: 1, method: "tools/call", params }, version));
    const end = await until("the cut", () => told.find(({ kind }) => kind === "streamEnd"));
    expect(end).toMatchObject({ origin: { requestId: 1, eventId: expect.any(String) }, failure: undefined });
    const lastEventId = end.kind === "streamEnd" ? end.origin.eventId : undefined;
    connection.listen("again", lastEventId, { "mcp-protocol-version": version });
    expect(await answerTo(observed, 1)).toMatchObject({ result: { content: [{ type: "text" }] } });
    expect(told.at(-1)).toMatchObject({ origin: { listenKey: "again" } });
  });

  it("refuses what comes outside a session, and says so without an id", async () => {
    const { connection, wait, told } = observe(httpUpstream("", { url }));
    await connection.send(outgoing({ id: 1, method: "tools/list" }, version));
    await wait(2);
    expect(told).toMatchObject([
      { kind: "message", text: expect.stringContaining('"id":null'), origin: { requestId: 1 } },
      { kind: "streamEnd", origin: { requestId: 1 }, failure: { code: "UPSTREAM_GARBAGE" } },
    ]);
  });
});

const meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
};

describe("a server of the SDK in the modern era", () => {
  it("takes the headers that mirror a message", async () => {
    const observed = observe(httpUpstream("", { url, messageBytesMax: 1024 * 1024 }));
    const { connection, told } = observed;
    await connection.send(outgoing({ id: 1, method: "server/discover", params: { _meta: meta } }));
    expect(await answerTo(observed, 1)).toMatchObject({ result: { resultType: "complete" } });
    const params = { name: "test_simple_text", arguments: {}, _meta: meta };
    await connection.send(outgoing({ id: 2, method: "tools/call", params }));
    expect(await answerTo(observed, 2)).toMatchObject({ result: { content: [{ type: "text" }] } });
    expect(told.filter(({ kind }) => kind !== "message")).toEqual([]);
  });

  it("answers what it refuses with a message, whatever the status", async () => {
    const observed = observe(httpUpstream("", { url }));
    const { connection } = observed;
    await connection.send(outgoing({ id: 1, method: "no/such", params: { _meta: meta } }));
    expect(await answerTo(observed, 1)).toMatchObject({ error: { code: -32601 } });
    const lying = outgoing({ id: 2, method: "tools/call", params: { name: "test_simple_text", _meta: meta } });
    await connection.send({ ...lying, headers: { ...lying.headers, "mcp-name": "other" } });
    expect(await answerTo(observed, 2)).toMatchObject({ error: { code: -32020 } });
  });

  it("sends what happens on a stream that closing ends", async () => {
    const observed = observe(httpUpstream("", { url }));
    const { connection } = observed;
    const params = { notifications: { toolsListChanged: true }, _meta: meta };
    await connection.send(outgoing({ id: "l", method: "subscriptions/listen", params }));
    await until("the acknowledgement", () =>
      messages(observed).find((message) => message["method"] === "notifications/subscriptions/acknowledged"),
    );
    const call = { name: "test_trigger_tool_change", arguments: {}, _meta: meta };
    await connection.send(outgoing({ id: 2, method: "tools/call", params: call }));
    await until("the change", () =>
      messages(observed).find((message) => message["method"] === "notifications/tools/list_changed"),
    );
    expect(connection.abandon("l")).toBe(true);
  });
});
