import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { systemClock } from "../../clock.ts";
import { createLogger } from "../../logger.ts";
import { listenHttp } from "./downstream.ts";

/** No request comes in these tests. */
function unexpected(): never {
  throw new Error("nothing was asked");
}

it("a connection on which nothing was ever sent does not hold up the end", async () => {
  const downstream = await listenHttp({
    host: "127.0.0.1",
    port: 0,
    allowedHosts: [],
    bodyBytesMax: 1024,
    handler: { handle: unexpected, noteRefusal: unexpected, listen: unexpected, endSession: unexpected },
    clock: systemClock,
    logger: createLogger("silent"),
  });
  const socket = connect(Number(new URL(downstream.origin).port), "127.0.0.1");
  await once(socket, "connect");
  // The server's side of it comes a turn later.
  await setTimeout(50);
  const ended = once(socket, "close");
  await downstream.close(10 * 60_000);
  await ended;
  expect(socket.destroyed).toBe(true);
});
