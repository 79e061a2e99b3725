import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Resolve } from "../../src/transports/http/upstream-resolve.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import { sendJson, startRawServer, startScriptedServer } from "../servers/http-script.ts";
import { httpUpstream, notification, observe, request, result } from "./observed.ts";

afterEach(closeAll);

/** An address at which nobody listens. */
async function freeOrigin(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

function answerOf(id: number): string {
  const body = result(id);
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** How often the text of a request's id came in. */
function times(bytes: string, id: number): number {
  return bytes.split(`"id":${id},`).length - 1;
}

const notReached = { kind: "end", failure: { code: "UPSTREAM_START_FAILED" } };

describe("a request that provably did not leave", () => {
  it("is not sent when the connection is refused, and the server counts as not started", async () => {
    const { connection, told } = observe(httpUpstream(await freeOrigin()));
    expect(await connection.send(request(1))).toBe("not_sent");
    expect(told).toMatchObject([notReached]);
    expect(await connection.send(request(2))).toBe("not_sent");
    expect(told).toHaveLength(1);
  });

  it("is not sent when the name is unknown", async () => {
    const { connection, told } = observe(httpUpstream("http://callgate-test.invalid"));
    expect(await connection.send(request(1))).toBe("not_sent");
    expect(told).toMatchObject([notReached]);
  });

  it("is not sent when TLS fails", async () => {
    const received: Buffer[] = [];
    const server = await startRawServer((socket) => {
      socket.on("data", (bytes: Buffer) => {
        received.push(bytes);
        socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
      });
    });
    const { connection, told } = observe(httpUpstream(server.origin.replace("http:", "https:")));
    expect(await connection.send(request(1))).toBe("not_sent");
    expect(told).toMatchObject([notReached]);
    // 22 is the first byte of a TLS handshake: nothing but one was seen.
    expect(received[0]?.[0]).toBe(22);
    expect(Buffer.concat(received).toString("latin1")).not.toContain("tools/call");
  });

  it("is not sent when the server does not finish TLS in time", async () => {
    const server = await startRawServer((socket) => socket.resume());
    const { connection, told } = observe(
      httpUpstream(server.origin.replace("http:", "https:"), { connectTimeoutMs: 60 }),
    );
    expect(await connection.send(request(1))).toBe("not_sent");
    expect(told).toMatchObject([notReached]);
  });

  it("ends nothing when the server was there before", async () => {
    const server = await startScriptedServer((_, res) => sendJson(res, result(1), 200, { connection: "close" }));
    const { connection, told, wait } = observe(httpUpstream(server.origin));
    expect(await connection.send(request(1))).toBe("sent");
    await wait(1);
    await server.close();
    expect(await connection.send(request(2))).toBe("not_sent");
    expect(told.slice(1)).toMatchObject([
      { kind: "streamEnd", origin: { requestId: 2 }, failure: { code: "UPSTREAM_START_FAILED" } },
    ]);
    expect(await connection.send(notification())).toBe("not_sent");
    expect(told).toHaveLength(2);
  });

  it("is not sent when it was given up while it waited for a connection", async () => {
    const seen: string[] = [];
    const server = await startRawServer((socket) => socket.on("data", (bytes: Buffer) => seen.push(bytes.toString())));
    const { connection, told } = observe(httpUpstream(server.origin));
    const sending = connection.send(request(1, "modern"));
    expect(connection.abandon(1)).toBe(true);
    expect(await sending).toBe("not_sent");
    expect(await connection.send(request(2, "modern"))).toBe("sent");
    await until("the second request", () => (seen.join("").includes('"id":2') ? true : undefined));
    expect(seen.join("")).not.toContain('"id":1');
    expect(told).toEqual([]);
  });

  it("is not sent when the connection is closed while it waits for one", async () => {
    const server = await startRawServer((socket) => socket.resume());
    const { connection } = observe(httpUpstream(server.origin));
    const sending = [connection.send(request(1)), connection.send(notification())];
    await connection.close();
    expect(await Promise.all(sending)).toEqual(["not_sent", "not_sent"]);
  });

  it("is not sent when too much waits for the server already", async () => {
    const server = await startScriptedServer(() => {});
    const { connection, told } = observe(httpUpstream(server.origin));
    const large = { ...request(1), text: `"${"x".repeat(8 * 1024 * 1024 - 2)}"` };
    const results = await Promise.all(Array.from({ length: 9 }, (_, id) => connection.send({ ...large, id })));
    expect(results).toEqual([...Array<string>(8).fill("sent"), "not_sent"]);
    for (let id = 0; id < 8; id += 1) connection.abandon(id);
    expect(await connection.send({ ...large, id: 10 })).toBe("sent");
    expect(told).toEqual([]);
  });
});

describe("a request of which a byte may have left", () => {
  it.each<[when: string, serve: (socket: Socket) => void]>([
    ["at once", (socket) => socket.resetAndDestroy()],
    ["when the first bytes came", (socket) => socket.once("data", () => socket.resetAndDestroy())],
    ["politely", (socket) => socket.once("data", () => socket.end())],
  ])("was sent when the connection is closed %s", async (_, serve) => {
    const server = await startRawServer(serve);
    const { connection, told, wait } = observe(httpUpstream(server.origin));
    const sent = await connection.send(request(1));
    await wait(1);
    // The server may close before there is a connection at all: then it was not.
    if (sent === "not_sent") expect(told).toMatchObject([notReached]);
    else
      expect(told).toMatchObject([
        { kind: "streamEnd", origin: { requestId: 1 }, failure: { code: "UPSTREAM_EXITED" } },
      ]);
    expect(server.connectionCount()).toBe(1);
  });

  it("was sent when the connection breaks in the middle of a large one", async () => {
    const server = await startRawServer((socket) => {
      socket.once("data", () => socket.pause());
      setTimeout(() => socket.resetAndDestroy(), 30);
    });
    const { connection, wait } = observe(httpUpstream(server.origin));
    const text = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { x: "x".repeat(8_000_000) } });
    expect(await connection.send({ ...request(1), text })).toBe("sent");
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", failure: { code: "UPSTREAM_EXITED" } }]);
    expect(server.connectionCount()).toBe(1);
  });

  it("[B429] is not sent again when the server closes a connection that is used again", async () => {
    let received = "";
    const server = await startRawServer((socket) => {
      socket.on("data", (bytes: Buffer) => {
        received += bytes.toString("latin1");
        if (received.includes('"id":2,')) socket.resetAndDestroy();
        else if (received.includes('"id":1,')) socket.write(answerOf(1));
      });
    });
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    await wait(1);
    expect(await connection.send(request(2))).toBe("sent");
    expect(await wait(2)).toMatchObject([
      { kind: "message" },
      { kind: "streamEnd", origin: { requestId: 2 }, failure: { code: "UPSTREAM_EXITED" } },
    ]);
    expect(times(received, 2)).toBe(1);
    expect(server.connectionCount()).toBe(1);
  });

  it("[B429] goes out once however often the server closes idle connections", async () => {
    let received = "";
    const server = await startRawServer((socket) => {
      socket.on("data", (bytes: Buffer) => {
        const text = bytes.toString("latin1");
        received += text;
        const id = Number(/"id":(\d+),/.exec(text)?.[1] ?? Number.NaN);
        // Announces that it keeps the connection, and closes it.
        if (!Number.isNaN(id)) socket.write(answerOf(id), () => socket.destroy());
      });
    });
    const { connection, told } = observe(httpUpstream(server.origin));
    const count = 40;
    for (let id = 1; id <= count; id += 1) {
      const sent = await connection.send(request(id));
      expect(sent).toBe("sent");
      await until(`an outcome of ${id}`, () => (told.length >= id ? true : undefined));
    }
    for (let id = 1; id <= count; id += 1) expect(times(received, id)).toBeLessThanOrEqual(1);
    expect(told).toHaveLength(count);
  });

  it("is given up by closing its stream, and that is all the modern era needs", async () => {
    let isClosed = false;
    const server = await startScriptedServer((_, res) => {
      res.on("close", () => {
        isClosed = true;
      });
    });
    const { connection, told } = observe(httpUpstream(server.origin));
    await connection.send(request("a", "modern"));
    await until("the request", () => server.seen[0]);
    expect(connection.abandon("a")).toBe(true);
    expect(connection.abandon("a")).toBe(false);
    await until("the end of the stream", () => (isClosed ? true : undefined));
    expect(told).toEqual([]);
  });

  it("needs a message beside that in the legacy era", async () => {
    const server = await startScriptedServer(() => {});
    const { connection } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    await connection.send(request("1"));
    expect(connection.abandon(1)).toBe(false);
    expect(connection.abandon(3)).toBe(false);
  });
});

describe("an address that is not public", () => {
  it.each(["http://127.0.0.1:4001/", "http://localhost:4001/", "http://[::1]:4001/", "http://2130706433/"])(
    "[B336] [B337] [B338] is refused before anything is opened: %s",
    (url) => {
      expect(() => httpUpstream("", { url, allowPrivate: false })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID" }),
      );
    },
  );

  const loopback = { address: "127.0.0.1", family: 4 };
  const foreign = { address: "1.1.1.1", family: 4 };
  const names: readonly (readonly [id: string, addresses: readonly { address: string; family: number }[]])[] = [
    ["B338", [loopback]],
    ["B344", [loopback, foreign]],
    ["B344", [foreign, loopback]],
    ["B344", [foreign, { address: "::1", family: 6 }]],
    ["B337", [{ address: "::ffff:127.0.0.1", family: 6 }]],
    ["B337", [{ address: "fe80::1%lo", family: 6 }]],
    ["B338", []],
  ];
  it.each(names)("[%s] is not connected to when a name leads there: %j", async (_, addresses) => {
    const server = await startScriptedServer((_seen, res) => sendJson(res, result(1)));
    const url = server.origin.replace("127.0.0.1", "inside.example");
    const resolve: Resolve = (_name, answer) => answer(null, [...addresses]);
    const { connection, told } = observe(httpUpstream(url, { allowPrivate: false, resolve }));
    expect(await connection.send(request(1))).toBe("not_sent");
    expect(told).toMatchObject([
      { kind: "end", failure: { code: "UPSTREAM_START_FAILED", message: expect.stringContaining("not public") } },
    ]);
    expect(server.connectionCount()).toBe(0);
  });

  it("is connected to when that is allowed, by one answer of the resolver", async () => {
    const server = await startScriptedServer((_, res) => sendJson(res, result(1)));
    const asked: string[] = [];
    const resolve: Resolve = (name, answer) => {
      asked.push(name);
      answer(null, [asked.length === 1 ? loopback : foreign]);
    };
    const url = server.origin.replace("127.0.0.1", "inside.example");
    const { connection, wait } = observe(httpUpstream(url, { resolve }));
    expect(await connection.send(request(1))).toBe("sent");
    expect(await wait(1)).toMatchObject([{ kind: "message" }]);
    expect(asked).toEqual(["inside.example"]);
    expect(server.seen[0]?.headers.host).toBe(new URL(url).host);
  });
});

describe("headers of a server", () => {
  it.each<[name: string, value: string]>([
    ["a b", "x"],
    ["", "x"],
    ["x", "a\r\nb: c"],
    ["x", "caf\u{e9}\u{1f600}"],
    ["Host", "example.org"],
    ["Content-Length", "1"],
    ["Transfer-Encoding", "chunked"],
    ["Accept-Encoding", "gzip"],
    ["Mcp-Session-Id", "x"],
    ["mcp-param-region", "x"],
  ])("are refused when they cannot be set: %j", (name, value) => {
    expect(() => httpUpstream("http://127.0.0.1:1", { headers: { [name]: value } })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});
