import { gzipSync } from "node:zlib";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { UpstreamErrorCode } from "../../src/transports/transport.ts";
import { closeAll } from "../kit/opened.ts";
import { eventText, sendJson, startEvents, startRawServer, startScriptedServer } from "../servers/http-script.ts";
import { error, httpUpstream, notification, observe, request, result } from "./observed.ts";

afterEach(closeAll);

type Answer = (res: ServerResponse) => void;

const json = { "content-type": "application/json" };

/** The code that a request fails with, and what was told before. */
interface Failing {
  readonly name: string;
  readonly answer: Answer;
  readonly code: UpstreamErrorCode;
  /** Texts handed over although the request failed. */
  readonly messages?: readonly string[];
}

function status(code: number, body = "", headers: Record<string, string> = {}): Answer {
  return (res) => res.writeHead(code, headers).end(body);
}

const failing: readonly Failing[] = [
  {
    name: "[B185] 401 with a challenge",
    answer: status(401, "", { "www-authenticate": "Bearer" }),
    code: "UPSTREAM_REFUSED",
  },
  { name: "[B185] 401 with a message", answer: status(401, error(1, -1), json), code: "UPSTREAM_REFUSED" },
  { name: "[B185] 403 with a message", answer: status(403, error(1, -1), json), code: "UPSTREAM_REFUSED" },
  {
    name: "[B293] [B345] a redirect inside",
    answer: status(302, "", { location: "http://169.254.169.254/" }),
    code: "UPSTREAM_GARBAGE",
  },
  {
    name: "[B293] a redirect that keeps the body",
    answer: status(307, "", { location: "/mcp" }),
    code: "UPSTREAM_GARBAGE",
  },
  { name: "[B293] a redirect with a message", answer: status(308, result(1), json), code: "UPSTREAM_GARBAGE" },
  { name: "304", answer: status(304), code: "UPSTREAM_GARBAGE" },
  { name: "400 with text", answer: status(400, "bad"), code: "UPSTREAM_GARBAGE" },
  { name: "400 with JSON that is no message", answer: status(400, '{"error":"bad"}', json), code: "UPSTREAM_GARBAGE" },
  { name: "404 without a session", answer: status(404, "not found"), code: "UPSTREAM_GARBAGE" },
  { name: "405", answer: status(405), code: "UPSTREAM_GARBAGE" },
  { name: "408", answer: status(408), code: "UPSTREAM_TIMEOUT" },
  { name: "429", answer: status(429, "slow down"), code: "UPSTREAM_OVERLOADED" },
  { name: "500", answer: status(500, "<h1>oops</h1>", { "content-type": "text/html" }), code: "UPSTREAM_GARBAGE" },
  { name: "502", answer: status(502), code: "UPSTREAM_EXITED" },
  { name: "503", answer: status(503), code: "UPSTREAM_OVERLOADED" },
  { name: "504", answer: status(504), code: "UPSTREAM_TIMEOUT" },
  {
    name: "[B294] 200 with HTML",
    answer: status(200, "<html>", { "content-type": "text/html" }),
    code: "UPSTREAM_GARBAGE",
  },
  { name: "[B294] 200 without a type", answer: status(200, result(1)), code: "UPSTREAM_GARBAGE" },
  {
    name: "[B294] 200 with a type that only begins alike",
    answer: status(200, result(1), { "content-type": "application/json-seq" }),
    code: "UPSTREAM_GARBAGE",
  },
  { name: "[B294] 202 for a request", answer: status(202), code: "UPSTREAM_GARBAGE" },
  { name: "[B294] 204", answer: status(204), code: "UPSTREAM_GARBAGE" },
  { name: "[B294] an empty body", answer: status(200, "", json), code: "UPSTREAM_GARBAGE" },
  { name: "[B294] truncated JSON", answer: status(200, result(1).slice(0, -1), json), code: "UPSTREAM_GARBAGE" },
  {
    name: "[B294] a body that is cut off",
    answer: (res) => {
      res.writeHead(200, { ...json, "content-length": "1000" });
      res.write("{", () => res.destroy());
    },
    code: "UPSTREAM_GARBAGE",
  },
  {
    name: "an encoded answer, though identity was asked for",
    answer: (res) => res.writeHead(200, { ...json, "content-encoding": "gzip" }).end(gzipSync(result(1))),
    code: "UPSTREAM_GARBAGE",
  },
  {
    name: "an answer to another request",
    answer: status(200, result(2), json),
    code: "UPSTREAM_GARBAGE",
    messages: [result(2)],
  },
  {
    name: "an answer to the id as text",
    answer: status(200, result("1"), json),
    code: "UPSTREAM_GARBAGE",
    messages: [result("1")],
  },
  {
    name: "an error without an id",
    answer: status(400, error(null, -32000), json),
    code: "UPSTREAM_GARBAGE",
    messages: [error(null, -32000)],
  },
  {
    name: "a body over the limit",
    answer: status(200, result(1, { text: "x".repeat(64 * 1024) }), json),
    code: "UPSTREAM_GARBAGE",
  },
  {
    name: "headers over the limit",
    answer: status(200, result(1), { ...json, "x-long": "x".repeat(20_000) }),
    code: "UPSTREAM_GARBAGE",
  },
  { name: "no answer but a closed connection", answer: (res) => void res.destroy(), code: "UPSTREAM_EXITED" },
  {
    name: "a stream without the answer",
    answer: (res) => (startEvents(res, eventText({ a: 1 })), res.end()),
    code: "UPSTREAM_EXITED",
    messages: ['{"a":1}'],
  },
  {
    name: "a stream that is cut",
    answer: (res) => (startEvents(res, ": hi\n\n"), void setImmediate(() => res.destroy())),
    code: "UPSTREAM_EXITED",
  },
  {
    name: "[B290] an event over the limit",
    answer: (res) => startEvents(res, `data: ${"x".repeat(70_000)}`),
    code: "UPSTREAM_GARBAGE",
  },
];

describe("an answer that is none", () => {
  it.each(failing)("fails the request: $name", async ({ answer, code, messages = [] }) => {
    const server = await startScriptedServer((_, res) => answer(res));
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    expect(await connection.send(request(1))).toBe("sent");
    await wait(messages.length + 1);
    expect(told).toEqual([
      ...messages.map((text) => ({ kind: "message", text, origin: { requestId: 1 } })),
      { kind: "streamEnd", origin: { requestId: 1 }, failure: { code, message: expect.any(String) } },
    ]);
    expect(server.seen).toHaveLength(1);
  });

  it("fails the request: [B294] a storm of interim answers", async () => {
    const server = await startRawServer((socket) => {
      socket.on("data", () => {
        for (let i = 0; i < 1000; i += 1) socket.write("HTTP/1.1 103 Early Hints\r\n\r\n");
      });
    });
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", failure: { code: "UPSTREAM_GARBAGE" } }]);
  });

  it.each([
    "not HTTP at all\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
  ])("fails the request: %j", async (bytes) => {
    const server = await startRawServer((socket) => socket.on("data", () => socket.write(bytes)));
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", failure: { code: "UPSTREAM_GARBAGE" } }]);
  });

  it("fails the request when it does not begin in time", async () => {
    const server = await startScriptedServer(() => {});
    const { connection, wait } = observe(httpUpstream(server.origin, { headersTimeoutMs: 50 }));
    await connection.send(request(1));
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", failure: { code: "UPSTREAM_TIMEOUT" } }]);
  });

  it("fails the request when it drips", async () => {
    const server = await startScriptedServer((_, res) => {
      res.writeHead(200, json);
      const timer = setInterval(() => res.write(" "), 5);
      res.on("close", () => clearInterval(timer));
    });
    const { connection, wait } = observe(httpUpstream(server.origin, { bodyTimeoutMs: 50 }));
    await connection.send(request(1));
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", failure: { code: "UPSTREAM_TIMEOUT" } }]);
  });

  it("is known by its status although its body never ends", async () => {
    const server = await startScriptedServer((_, res) => {
      res.writeHead(401);
      const timer = setInterval(() => res.write("x".repeat(10_000)), 1);
      res.on("close", () => clearInterval(timer));
    });
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", failure: { code: "UPSTREAM_REFUSED" } }]);
  });

  it("says nothing of the credentials", async () => {
    const server = await startScriptedServer((_, res) => res.writeHead(401).end("key canary-7f3 is wrong"));
    const upstream = httpUpstream(server.origin, { headers: { Authorization: "Bearer canary-7f3" } });
    const { connection, wait } = observe(upstream);
    await connection.send(request(1));
    expect(JSON.stringify(await wait(1))).not.toContain("canary");
    expect(server.seen[0]?.headers.authorization).toBe("Bearer canary-7f3");
  });
});

const answers: readonly { readonly name: string; readonly answer: Answer; readonly text: string }[] = [
  { name: "as JSON", answer: status(200, result(1), json), text: result(1) },
  {
    name: "as JSON with a charset",
    answer: status(200, result(1), { "content-type": "Application/JSON; charset=utf-8" }),
    text: result(1),
  },
  { name: "as JSON with white space", answer: status(200, ` ${result(1)}\n`, json), text: ` ${result(1)}\n` },
  {
    name: "as JSON, encoded as identity",
    answer: status(200, result(1), { ...json, "content-encoding": "identity" }),
    text: result(1),
  },
  {
    name: "as JSON in many pieces",
    answer: (res) => {
      res.writeHead(200, json);
      for (const c of result(1)) res.write(c);
      res.end();
    },
    text: result(1),
  },
  { name: "as an error with status 200", answer: status(200, error(1, -32602), json), text: error(1, -32602) },
  { name: "as an error with status 400", answer: status(400, error(1, -32020), json), text: error(1, -32020) },
  {
    name: "as an error with status 404 outside a session",
    answer: status(404, error(1, -32601), json),
    text: error(1, -32601),
  },
  { name: "as an error with status 503", answer: status(503, error(1, -32603), json), text: error(1, -32603) },
  {
    name: "as a stream of one event",
    answer: (res) => (startEvents(res, `event: message\ndata: ${result(1)}\n\n`), res.end()),
    text: result(1),
  },
  {
    name: "with headers that are nobody's business [B296]",
    answer: status(200, result(1), {
      ...json,
      "set-cookie": "a=b",
      link: "</x>; rel=preload",
      "x-accel-redirect": "/etc",
      "access-control-allow-origin": "*",
    }),
    text: result(1),
  },
  {
    name: "after early hints",
    answer: (res) => {
      res.writeEarlyHints({ link: "</x>; rel=preload" });
      sendJson(res, result(1));
    },
    text: result(1),
  },
];

describe("an answer", () => {
  it.each(answers)("is handed over as it came, and nothing more: $name", async ({ answer, text }) => {
    const server = await startScriptedServer((_, res) => answer(res));
    const { connection, wait, told } = observe(httpUpstream(server.origin));
    expect(await connection.send(request(1))).toBe("sent");
    await wait(1);
    // A second one shows that nothing came behind the first.
    await connection.send(request(1));
    await wait(2);
    const message = { kind: "message", text, origin: { requestId: 1 } };
    expect(told).toEqual([message, message]);
  });

  it("may be as long as the limit, and not a byte longer", async () => {
    const fits = result(1, { text: "x".repeat(64 * 1024 - result(1, { text: "" }).length) });
    expect(fits.length).toBe(64 * 1024);
    const server = await startScriptedServer((_, res, index) => sendJson(res, index === 0 ? fits : `${fits} `));
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    await wait(1);
    await connection.send(request(1));
    expect(await wait(2)).toMatchObject([{ text: fits }, { kind: "streamEnd", failure: { code: "UPSTREAM_GARBAGE" } }]);
  });

  it("[B296] leaves no cookie behind", async () => {
    const server = await startScriptedServer((_, res) => sendJson(res, result(1), 200, { "set-cookie": "a=b" }));
    const { connection, wait } = observe(httpUpstream(server.origin));
    await connection.send(request(1));
    await wait(1);
    await connection.send(request(1));
    await wait(2);
    expect(server.seen.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
  });
});

describe("a notification", () => {
  it.each([202, 200, 204])("counts as sent when the server has taken it: %i", async (code) => {
    const server = await startScriptedServer((_, res) => res.writeHead(code).end());
    const { connection, told } = observe(httpUpstream(server.origin));
    expect(await connection.send(notification())).toBe("sent");
    expect(server.seen).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it("has reached the server before the next message leaves", async () => {
    const server = await startScriptedServer((_, res) => void setTimeout(() => res.writeHead(202).end(), 20));
    const { connection } = observe(httpUpstream(server.origin));
    for (const method of ["a", "b", "c"]) await connection.send(notification(method));
    expect(server.seen.map(({ body }) => JSON.parse(body).method)).toEqual(["a", "b", "c"]);
  });

  it("may have come or not when the connection breaks", async () => {
    const server = await startScriptedServer((_, res) => void res.destroy());
    const { connection, told } = observe(httpUpstream(server.origin));
    expect(await connection.send(notification())).toBe("unknown");
    expect(told).toEqual([]);
  });

  it("that a server refuses ends nothing", async () => {
    const server = await startScriptedServer((_, res) => res.writeHead(400).end("no"));
    const { connection, told } = observe(httpUpstream(server.origin));
    expect(await connection.send(notification())).toBe("sent");
    expect(await connection.send(notification())).toBe("sent");
    expect(told).toEqual([]);
  });
});
