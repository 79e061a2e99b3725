import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { createSseUpstream, type SseUpstreamOptions } from "../../src/transports/sse/upstream.ts";
import type { Upstream } from "../../src/transports/transport.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import {
  eventText,
  type ScriptedServer,
  type SeenRequest,
  sendJson,
  startEvents,
  startScriptedServer,
} from "../servers/http-script.ts";
import { error, notification, observe, request, result } from "./observed.ts";

afterEach(closeAll);

function sseUpstream(origin: string, more: Partial<SseUpstreamOptions> = {}): Upstream {
  return createSseUpstream({
    name: "test",
    url: `${origin}/sse`,
    headers: { "X-Key": "k" },
    allowPrivate: true,
    logger: createLogger("silent"),
    messageBytesMax: 64 * 1024,
    ...more,
  });
}

interface SseServer extends ScriptedServer {
  /** The streams that were opened, oldest first. */
  readonly streams: readonly ServerResponse[];
}

/** A server whose stream begins with `endpoint`, and whose POSTs are answered by `take`. */
async function startSseServer(
  endpoint: string,
  take: (res: ServerResponse, stream: ServerResponse, seen: SeenRequest) => void,
): Promise<SseServer> {
  const streams: ServerResponse[] = [];
  const server = await startScriptedServer((seen, res) => {
    const stream = streams.at(-1);
    if (seen.method === "POST" && stream !== undefined) return take(res, stream, seen);
    startEvents(res, endpoint);
    streams.push(res);
  });
  return { ...server, streams };
}

const endpoint = "event: endpoint\ndata: /messages?session=1\n\n";

function accept(res: ServerResponse): void {
  res.writeHead(202).end("Accepted");
}

describe("a server over HTTP+SSE", () => {
  it("is asked at the address it names, and answers on its stream", async () => {
    const server = await startSseServer(endpoint, (res, stream, { body }) => {
      accept(res);
      const { id } = JSON.parse(body);
      if (id !== undefined) stream.write(eventText(JSON.parse(result(id)), "e-1"));
    });
    const { connection, told, wait } = observe(sseUpstream(server.origin));
    expect(await connection.send({ ...request(1), headers: {} })).toBe("sent");
    await wait(1);
    expect(await connection.send(notification())).toBe("sent");
    expect(await connection.send(request("b"))).toBe("sent");
    await wait(2);
    expect(told).toEqual([
      { kind: "message", text: result(1), origin: {} },
      { kind: "message", text: result("b"), origin: {} },
    ]);
    expect(server.seen.map(({ method, path }) => [method, path])).toEqual([
      ["GET", "/sse"],
      ["POST", "/messages?session=1"],
      ["POST", "/messages?session=1"],
      ["POST", "/messages?session=1"],
    ]);
    expect(server.seen.map(({ headers }) => headers["x-key"])).toEqual(["k", "k", "k", "k"]);
    expect([connection.abandon(1), connection.listen("a", undefined, {})]).toEqual([false, false]);
  });

  it("gets what was sent before it named its address", async () => {
    const server = await startSseServer(": wait\n\n", accept);
    const { connection } = observe(sseUpstream(server.origin));
    const sending = ["a", "b", "c"].map((method) => connection.send(notification(method)));
    const stream = await until("the stream", () => server.streams[0]);
    expect(server.seen).toHaveLength(1);
    stream.write(endpoint);
    expect(await Promise.all(sending)).toEqual(["sent", "sent", "sent"]);
    const methods = server.seen.slice(1).map(({ body }) => JSON.parse(body).method);
    expect(new Set(methods)).toEqual(new Set(["a", "b", "c"]));
  });

  it.each(["/messages", "messages?x=1", "?session=2", "//HOST/messages", "http://HOST/messages"])(
    "may name any address of its own: %s",
    async (data) => {
      let text = "";
      const server = await startSseServer("", (res, stream) => (accept(res), stream.end()));
      text = `event: endpoint\ndata: ${data.replace("HOST", new URL(server.origin).host)}\n\n`;
      const { connection } = observe(sseUpstream(server.origin));
      (await until("the stream", () => server.streams[0])).write(text);
      expect(await connection.send(notification())).toBe("sent");
    },
  );

  it.each([
    "http://evil.example/messages",
    "https://127.0.0.1/messages",
    "//evil.example/messages",
    "http://127.0.0.1:1/messages",
    "http://user@HOST/messages",
    "http://HOST\\@evil.example/",
    "/a b",
    "/a#b",
    "javascript:alert(1)",
    "http://[",
  ])("ends when it names another's address: %s", async (data) => {
    const server = await startSseServer("", accept);
    const { connection, wait, told } = observe(sseUpstream(server.origin));
    const sending = connection.send(request(1));
    const stream = await until("the stream", () => server.streams[0]);
    stream.write(`event: endpoint\ndata: ${data.replace("HOST", new URL(server.origin).host)}\n\n`);
    expect(await sending).toBe("not_sent");
    await wait(1);
    expect(told).toMatchObject([{ kind: "end", failure: { code: "UPSTREAM_GARBAGE" } }]);
    expect(server.seen).toHaveLength(1);
  });

  it("is not led elsewhere by a second address", async () => {
    const server = await startSseServer(`${endpoint}event: endpoint\ndata: /other\n\n`, accept);
    const { connection } = observe(sseUpstream(server.origin));
    await connection.send(notification());
    expect(server.seen[1]?.path).toBe("/messages?session=1");
  });

  it.each<[what: string, answer: (res: ServerResponse) => void, code: string]>([
    ["closes its stream", (res) => (startEvents(res), res.end()), "UPSTREAM_EXITED"],
    [
      "cuts its stream",
      (res) => (startEvents(res, ": x\n\n"), void setTimeout(() => res.destroy(), 10)),
      "UPSTREAM_EXITED",
    ],
    ["answers 401", (res) => res.writeHead(401).end(), "UPSTREAM_REFUSED"],
    ["answers 405", (res) => res.writeHead(405).end(), "UPSTREAM_GARBAGE"],
    ["answers 404", (res) => res.writeHead(404).end(), "UPSTREAM_GARBAGE"],
    ["redirects", (res) => res.writeHead(302, { location: "/" }).end(), "UPSTREAM_GARBAGE"],
    ["answers with JSON", (res) => sendJson(res, result(1)), "UPSTREAM_GARBAGE"],
    ["sends too long an event", (res) => startEvents(res, `data: ${"x".repeat(70_000)}`), "UPSTREAM_GARBAGE"],
  ])("is over when it %s", async (_, answer, code) => {
    const server = await startScriptedServer((_seen, res) => answer(res));
    const { connection, wait, told } = observe(sseUpstream(server.origin));
    const sending = connection.send(request(1));
    await wait(1);
    expect(await sending).toBe("not_sent");
    expect(await connection.send(request(2))).toBe("not_sent");
    expect(told).toMatchObject([{ kind: "end", failure: { code } }]);
  });

  it("cannot be reached when nobody listens", async () => {
    const { connection, told, wait } = observe(sseUpstream("http://callgate-test.invalid"));
    expect(await connection.send(request(1))).toBe("not_sent");
    await wait(1);
    expect(told).toMatchObject([{ kind: "end", failure: { code: "UPSTREAM_START_FAILED" } }]);
  });

  it.each<[what: string, take: (res: ServerResponse) => void, code: string]>([
    ["[B185] 403", (res) => sendJson(res, error(1, -1), 403), "UPSTREAM_REFUSED"],
    ["404", (res) => res.writeHead(404).end("no session"), "UPSTREAM_GARBAGE"],
    ["503", (res) => res.writeHead(503).end(), "UPSTREAM_OVERLOADED"],
    ["a closed connection", (res) => void res.destroy(), "UPSTREAM_EXITED"],
  ])("fails the request that it answers with %s", async (_, take, code) => {
    const server = await startSseServer(endpoint, take);
    const { connection, wait } = observe(sseUpstream(server.origin));
    expect(await connection.send(request(1))).toBe("sent");
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", origin: { requestId: 1 }, failure: { code } }]);
  });

  it("is over when it does not name its address in time", async () => {
    const server = await startSseServer(": wait\n\n", accept);
    const { connection, told } = observe(sseUpstream(server.origin, { endpointTimeoutMs: 50 }));
    expect(await connection.send(request(1))).toBe("not_sent");
    expect(told).toMatchObject([{ kind: "end", failure: { code: "UPSTREAM_TIMEOUT" } }]);
  });

  it("that refuses a notification ends nothing", async () => {
    const server = await startSseServer(endpoint, (res) => res.writeHead(400).end("no"));
    const { connection, told } = observe(sseUpstream(server.origin));
    expect(await connection.send(notification())).toBe("sent");
    expect(await connection.send(notification())).toBe("sent");
    expect(told).toEqual([]);
  });

  it("may have what was under way when the connection was closed", async () => {
    const server = await startSseServer(endpoint, () => {});
    const { connection, told } = observe(sseUpstream(server.origin));
    expect(await connection.send(request(1))).toBe("sent");
    const sending = connection.send(notification());
    await until("both", () => server.seen[2]);
    await connection.close();
    expect(await sending).toBe("unknown");
    expect(told).toEqual([]);
  });

  it("may answer an error at once", async () => {
    const server = await startSseServer(endpoint, (res) => sendJson(res, error(1, -32600), 400));
    const { connection, wait, told } = observe(sseUpstream(server.origin));
    await connection.send(request(1));
    await wait(1);
    expect(told).toEqual([{ kind: "message", text: error(1, -32600), origin: { requestId: 1 } }]);
  });

  it("sees its stream closed, and nothing is told any more", async () => {
    let isClosed = false;
    const server = await startSseServer(endpoint, accept);
    const { connection, told } = observe(sseUpstream(server.origin));
    await connection.send(notification());
    server.streams[0]?.on("close", () => {
      isClosed = true;
    });
    await connection.close();
    await until("the end", () => (isClosed ? true : undefined));
    expect(await connection.send(notification())).toBe("not_sent");
    expect(told).toEqual([]);
  });
});
