import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import { eventText, type ScriptedServer, sendJson, startEvents, startScriptedServer } from "../servers/http-script.ts";
import { httpUpstream, notification, observe, request, result } from "./observed.ts";

afterEach(closeAll);

const version = { "mcp-protocol-version": "2025-11-25" };

/** A server that opens the session `s-1` with the first request, and answers by `answer` from the second on. */
function startSessionServer(answer: (res: ServerResponse, method: string) => void): Promise<ScriptedServer> {
  return startScriptedServer(({ method }, res, index) => {
    if (index === 0) sendJson(res, result(0), 200, { "mcp-session-id": "s-1" });
    else answer(res, method);
  });
}

describe("a stream that answers a request", () => {
  it("hands over its events in order, with what resumption needs", async () => {
    const server = await startScriptedServer((_, res) => {
      startEvents(res, ": hello\n\n");
      res.write("id: e-1\nretry: 250\ndata:\n\n");
      res.write("event: ping\ndata: ignored\n\n");
      res.write(eventText({ jsonrpc: "2.0", method: "notifications/progress" }, "e-2"));
      res.write(`data: {"jsonrpc":"2.0",\ndata: "method":"x"}\n\n`);
      res.write("event: other\nid: e-3\ndata: ignored\n\n");
      res.end(`data: ${result(1)}\n\n`);
    });
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    await wait(5);
    expect(told).toEqual([
      { kind: "message", text: undefined, origin: { requestId: 1, eventId: "e-1", retryMs: 250 } },
      {
        kind: "message",
        text: '{"jsonrpc":"2.0","method":"notifications/progress"}',
        origin: { requestId: 1, eventId: "e-2" },
      },
      { kind: "message", text: '{"jsonrpc":"2.0",\n"method":"x"}', origin: { requestId: 1 } },
      { kind: "message", text: undefined, origin: { requestId: 1, eventId: "e-3" } },
      { kind: "message", text: result(1), origin: { requestId: 1 } },
    ]);
  });

  it("says nothing of its end once it has answered", async () => {
    let closed = 0;
    const server = await startScriptedServer((_, res) => {
      startEvents(res, `data: ${result(1)}\n\n`);
      res.on("close", () => (closed += 1));
      setTimeout(() => res.destroy(), 20);
    });
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    await wait(1);
    await until("the end", () => (closed === 1 ? true : undefined));
    await connection.send(request(1));
    await wait(2);
    expect(told.map(({ kind }) => kind)).toEqual(["message", "message"]);
  });

  it("is closed when the server keeps it open behind the answer", async () => {
    let isClosed = false;
    const server = await startScriptedServer((_, res) => {
      startEvents(res, `data: ${result(1)}\n\n`);
      res.on("close", () => {
        isClosed = true;
      });
    });
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    await wait(1);
    await until("the end", () => (isClosed ? true : undefined));
    expect(told).toHaveLength(1);
  });

  it.each<[how: string, end: (res: ServerResponse) => void]>([
    ["closed", (res) => res.end()],
    ["cut", (res) => void res.destroy()],
  ])("can be taken up again when it is %s behind an event id", async (_, end) => {
    const server = await startScriptedServer((_request, res, index) => {
      if (index === 1) {
        startEvents(res);
        res.end(eventText(JSON.parse(result(1)), "e-2"));
        return;
      }
      startEvents(res, "id: e-1\nretry: 10\ndata:\n\nretry: 20\n");
      setTimeout(() => end(res), 20);
    });
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    await wait(2);
    connection.listen("again", "e-1", version);
    await wait(4);
    expect(told).toEqual([
      { kind: "message", text: undefined, origin: { requestId: 1, eventId: "e-1", retryMs: 10 } },
      { kind: "streamEnd", origin: { requestId: 1, eventId: "e-1", retryMs: 20 }, failure: undefined },
      { kind: "message", text: result(1), origin: { listenKey: "again", eventId: "e-2" } },
      { kind: "streamEnd", origin: { listenKey: "again", eventId: "e-2" }, failure: undefined },
    ]);
    expect(server.seen[1]).toMatchObject({ method: "GET", headers: { "last-event-id": "e-1", ...version } });
  });

  it("cannot be taken up again in the modern era, which has no resumption", async () => {
    const server = await startScriptedServer((_, res) => {
      startEvents(res);
      res.end(eventText({ jsonrpc: "2.0", method: "x" }, "e-1"));
    });
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1, "modern"));
    expect(await wait(2)).toMatchObject([
      { kind: "message" },
      { kind: "streamEnd", origin: { requestId: 1 }, failure: { code: "UPSTREAM_EXITED" } },
    ]);
  });

  it("keeps apart from the stream of another request", async () => {
    const open: ServerResponse[] = [];
    const server = await startScriptedServer((_, res) => {
      startEvents(res);
      open.push(res);
    });
    const { connection, told, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    await connection.send(request("1"));
    await until("both streams", () => open[1]);
    const [first, second] = server.seen[0]?.body.includes('"id":1') ? open : open.toReversed();
    second?.end(`data: ${result("1")}\n\n`);
    await wait(1);
    first?.end(`data: ${result(1)}\n\n`);
    await wait(2);
    expect(told).toMatchObject([{ origin: { requestId: "1" } }, { origin: { requestId: 1 } }]);
  });
});

describe("a session", () => {
  it("is named on everything that follows the handshake, with the revision", async () => {
    const server = await startSessionServer((res, method) => {
      if (method === "GET") startEvents(res);
      else res.writeHead(202).end();
    });
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send({ ...request(0, "legacy", "initialize"), headers: {} });
    await wait(1);
    await connection.send({ ...notification(), headers: version });
    // The gateway's own messages do not say which revision they are of.
    await connection.send(notification("notifications/cancelled"));
    connection.listen("a", undefined, version);
    await until("the stream", () => server.seen[3]);
    await connection.close();
    expect(
      server.seen.map(({ method, headers }) => [method, headers["mcp-session-id"], headers["mcp-protocol-version"]]),
    ).toEqual([
      ["POST", undefined, undefined],
      ["POST", "s-1", "2025-11-25"],
      ["POST", "s-1", "2025-11-25"],
      ["GET", "s-1", "2025-11-25"],
      ["DELETE", "s-1", "2025-11-25"],
    ]);
  });

  it("is the first one that the server names", async () => {
    const server = await startScriptedServer(({ method }, res, index) => {
      if (method === "DELETE") res.writeHead(204).end();
      else sendJson(res, result(index), 200, { "mcp-session-id": `s-${index}` });
    });
    const { connection, wait } = observe(httpUpstream(server.origin));
    for (let id = 0; id < 3; id += 1) {
      await connection.send(request(id));
      await wait(id + 1);
    }
    await connection.close();
    expect(server.seen.map(({ headers }) => headers["mcp-session-id"])).toEqual([undefined, "s-0", "s-0", "s-0"]);
  });

  it("is not given to another connection, and not to the modern era", async () => {
    const server = await startSessionServer((res) => sendJson(res, result(1), 200, { "mcp-session-id": "s-2" }));
    const upstream = httpUpstream(server.origin);
    const [one, other] = [observe(upstream), observe(upstream)];
    await one.connection.send(request(0));
    await one.wait(1);
    await other.connection.send(request(1, "modern"));
    await other.wait(1);
    await other.connection.send(request(1, "modern"));
    await other.wait(2);
    await one.connection.send(request(1, "modern"));
    await one.wait(2);
    expect(server.seen.map(({ headers }) => headers["mcp-session-id"])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each(["", "a b", "x".repeat(1025), "caf\u{e9}"])("with a malformed id fails the request: %j", async (id) => {
    const server = await startScriptedServer((_, res) => sendJson(res, result(1), 200, { "mcp-session-id": id }));
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", failure: { code: "UPSTREAM_GARBAGE" } }]);
  });

  it("with two ids fails the request", async () => {
    const server = await startScriptedServer((_, res) => {
      res.writeHead(200, ["content-type", "application/json", "mcp-session-id", "a", "mcp-session-id", "b"]);
      res.end(result(1));
    });
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", failure: { code: "UPSTREAM_GARBAGE" } }]);
  });

  it("has ended when the server answers 404, and is not ended again", async () => {
    const server = await startSessionServer((res) => sendJson(res, result(1), 404));
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(0));
    await wait(1);
    await connection.send(request(1));
    expect((await wait(2))[1]).toMatchObject({
      kind: "streamEnd",
      origin: { requestId: 1 },
      failure: { code: "UPSTREAM_SESSION_ENDED" },
    });
    await connection.close();
    expect(server.seen.map(({ method }) => method)).toEqual(["POST", "POST"]);
  });

  it("is ended in bounded time although the server does not answer", async () => {
    const server = await startSessionServer(() => {});
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(0));
    await wait(1);
    await Promise.all([connection.close(), connection.close()]);
    expect(server.seen.map(({ method }) => method)).toEqual(["POST", "DELETE"]);
  });

  it("ends with its streams, and tells nothing any more", async () => {
    let closed = 0;
    const server = await startSessionServer((res, method) => {
      if (method === "DELETE") return void res.writeHead(204).end();
      startEvents(res);
      res.on("close", () => (closed += 1));
    });
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    await connection.send(request(0));
    await wait(1);
    await connection.send(request(1));
    connection.listen("a", undefined, version);
    await until("both streams", () => server.seen[2]);
    await connection.close();
    await until("both ends", () => (closed === 2 ? true : undefined));
    expect(await connection.send(request(2))).toBe("not_sent");
    expect(told).toHaveLength(1);
  });
});

describe("a stream to listen on", () => {
  it("hands over what the server says of its own accord, until it is closed", async () => {
    let closed = 0;
    const server = await startScriptedServer((_, res) => {
      startEvents(res, eventText({ a: 1 }, "e-1"));
      res.on("close", () => (closed += 1));
    });
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    expect(connection.listen("a", undefined, version)).toBe(true);
    await wait(1);
    connection.unlisten("a");
    connection.unlisten("a");
    await until("the end", () => (closed === 1 ? true : undefined));
    expect(told).toEqual([{ kind: "message", text: '{"a":1}', origin: { listenKey: "a", eventId: "e-1" } }]);
    expect(server.seen[0]).toMatchObject({ method: "GET", headers: { accept: "text/event-stream" } });
    expect(server.seen[0]?.headers["last-event-id"]).toBeUndefined();
  });

  it.each<[status: number, failure: object]>([
    [405, { code: "UPSTREAM_GARBAGE" }],
    [404, { code: "UPSTREAM_GARBAGE" }],
    [401, { code: "UPSTREAM_REFUSED" }],
    [200, { code: "UPSTREAM_GARBAGE" }],
    [503, { code: "UPSTREAM_OVERLOADED" }],
  ])("ends at once with status %i", async (status, failure) => {
    const server = await startScriptedServer((_, res) => sendJson(res, result(1), status));
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    connection.listen("a", undefined, version);
    await wait(1);
    expect(told).toMatchObject([{ kind: "streamEnd", origin: { listenKey: "a" }, failure }]);
  });

  it("takes an event id back as the server wrote it", async () => {
    const server = await startScriptedServer((_, res) => {
      startEvents(res, eventText({ a: 1 }, "\u{1f600} \u{2028}"));
      res.end();
    });
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    connection.listen("a", undefined, version);
    await wait(2);
    const [first] = told;
    const id = first?.kind === "message" ? first.origin.eventId : undefined;
    connection.listen("a", id, version);
    await wait(4);
    const sent = Buffer.from(String(server.seen[1]?.headers["last-event-id"]), "latin1").toString("utf8");
    expect(sent).toBe("\u{1f600} \u{2028}");
  });

  it("[B290] keeps a client away for five minutes at most", async () => {
    const server = await startScriptedServer((_, res) => {
      startEvents(res, `retry: 99999999\n${eventText({ a: 1 })}`);
      res.end();
    });
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    connection.listen("a", undefined, version);
    await wait(2);
    expect(told[0]).toMatchObject({ origin: { listenKey: "a", retryMs: 300_000 } });
  });

  it("forgets an id that no header can carry", async () => {
    const server = await startScriptedServer((_, res) => {
      startEvents(res, eventText({ a: 1 }, "a\u{1}b"));
      res.end();
    });
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    connection.listen("a", undefined, version);
    await wait(2);
    expect(told[0]).toEqual({ kind: "message", text: '{"a":1}', origin: { listenKey: "a" } });
  });
});
