import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Exchange } from "../transport.ts";
import { createHttpExchange } from "./exchange.ts";

// Over a real socket, since what a client does not read stays in it.

const opened: (Server | Socket)[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const thing of opened.splice(0)) {
    if ("closeAllConnections" in thing) {
      thing.closeAllConnections();
      thing.close();
    } else thing.destroy();
  }
});

/** The exchange of one request that takes a stream, and the client's socket. */
async function openExchange(): Promise<{ readonly exchange: Exchange; readonly socket: Socket }> {
  let take: (exchange: Exchange) => void = () => {};
  const taken = new Promise<Exchange>((resolve) => (take = resolve));
  const server = createServer((req, res) => take(createHttpExchange(req, res, String)));
  opened.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  const socket = connect(portOf(server.address()), "127.0.0.1");
  opened.push(socket);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
  return { exchange: await taken, socket };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

const large = JSON.stringify("x".repeat(16 * 1024 * 1024));

describe("an exchange over HTTP", () => {
  it("writes nothing behind the end of a stream that its client does not read", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { exchange, socket } = await openExchange();
    socket.pause();
    exchange.event({ text: "{}" });
    exchange.reply(large);
    // A write behind the end is an error that nobody handles, and the end of the process.
    await vi.advanceTimersByTimeAsync(60_000);
    let received = 0;
    socket.on("data", (chunk: Buffer) => (received += chunk.length));
    socket.resume();
    await vi.waitFor(() => expect(received).toBeGreaterThan(large.length), 10_000);
  });

  it("is gone when its stream has ended, so that whoever holds it lets go", async () => {
    const { exchange, socket } = await openExchange();
    const { gone } = exchange;
    exchange.start();
    exchange.end();
    socket.resume();
    await vi.waitFor(() => expect(gone.aborted).toBe(true), 10_000);
  });

  it("sends an event of any size to a client that reads", async () => {
    const { exchange, socket } = await openExchange();
    let received = 0;
    socket.on("data", (chunk: Buffer) => (received += chunk.length));
    exchange.event({ text: large });
    exchange.event({ text: "{}" });
    exchange.end();
    await vi.waitFor(() => expect(received).toBeGreaterThan(large.length), 10_000);
  });

  it("is gone when its client leaves much unread", async () => {
    const { exchange, socket } = await openExchange();
    const { gone } = exchange;
    socket.pause();
    for (let i = 0; i < 64 && !gone.aborted; i += 1) {
      exchange.event({ text: JSON.stringify("x".repeat(1024 * 1024)) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(gone.aborted).toBe(true);
  });
});
