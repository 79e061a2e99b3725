import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { openHttpLegacy } from "../kit/clients.ts";
import { request } from "../kit/messages.ts";
import { openRaw, postBytes } from "../kit/raw-http.ts";
import { within } from "../kit/wait.ts";
import { callOf, goodHead } from "./corpus/http.ts";

/** A deadline of the gateway's (30 s for a request, 10 s for its headers) and time for a busy machine. */
const graceMs = 45_000;

let gateway: ServeGateway;

beforeAll(async () => {
  gateway = await startServe({
    servers: { echo: [], large: [] },
    policies: { alice: { version: "1", default: "deny", tools: { safe: {} } } },
  });
});

afterAll(closeAll);

function headBytes(length: number): string {
  return [...goodHead, "", ""]
    .join("\r\n")
    .replaceAll("<host>", new URL(gateway.origin).host)
    .replaceAll("<token>", gateway.token())
    .replaceAll("<length>", String(length));
}

/** Requests that never end: what is sent at first, then one byte after another. */
const endless = [
  {
    name: "[B138] a length longer than the body",
    first: () => headBytes(10_000) + callOf("safe"),
    drip: "",
    everyMs: 0,
  },
  {
    name: "[B140] headers at one byte each ten seconds",
    first: () => "POST /mcp/echo HTTP/1.1\r\nHost: ",
    drip: "x",
    everyMs: 9_000,
  },
  { name: "[B141] a body at one byte each second", first: () => headBytes(10_000), drip: " ", everyMs: 1_000 },
  { name: "[B140] a connection that says nothing", first: () => "", drip: "", everyMs: 0 },
];

describe("a request that never ends", () => {
  it.concurrent.each(endless)(
    "$name: is given up, and reaches nobody",
    { timeout: 60_000 },
    async ({ first, drip, everyMs }) => {
      const connection = openRaw(gateway.origin);
      connection.write(first());
      const timer = everyMs === 0 ? undefined : setInterval(() => connection.write(drip), everyMs);
      const status = await connection.response(graceMs).then(
        (response) => response.status,
        () => "closed",
      );
      await within("the connection to be closed", connection.closed, graceMs);
      clearInterval(timer);
      expect([408, "closed"]).toContain(status);
      expect(gateway.spy().calls()).toEqual([]);
    },
  );
});

describe("a client that does not read", () => {
  it("[B162] answers: has its connection closed", { timeout: 90_000 }, async () => {
    const client = await openHttpLegacy(gateway.url("large"), gateway.token());
    const headers = {
      authorization: `Bearer ${gateway.token()}`,
      "content-type": "application/json",
      "mcp-session-id": client.sessionId ?? "",
    };
    const connection = openRaw(gateway.origin);
    connection.socket.pause();
    // Together more than the system holds for a socket that nobody reads.
    for (const id of [1, 2, 3, 4]) {
      const body = request(id, "tools/call", { name: "safe", arguments: { text: "x".repeat(4_000_000) } });
      connection.write(postBytes(gateway.url("large"), headers, body));
    }
    await setTimeout(graceMs);
    let received = 0;
    connection.socket.on("data", (chunk: Buffer) => (received += chunk.length));
    connection.socket.resume();
    await within("the connection to be closed", connection.closed);
    expect(received).toBeLessThan(4 * 8_000_000);
  });
});
