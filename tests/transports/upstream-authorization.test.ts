import { afterEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { createSseUpstream } from "../../src/transports/sse/upstream.ts";
import type { AuthorizationSource, UpstreamFailure } from "../../src/transports/transport.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import { eventText, type ScriptedServer, sendJson, startEvents, startScriptedServer } from "../servers/http-script.ts";
import { httpUpstream, notification, observe, request, result } from "./observed.ts";

// A token that changes: what has to wait for it waits, what gets none is not sent, and nothing is sent twice.

afterEach(closeAll);

/** Tokens that a test hands out, as a connection's are that has to renew them. */
interface Renewable extends AuthorizationSource {
  /** Lets everything that waits go on. */
  renew(result: { readonly value: string } | UpstreamFailure): void;
  readonly refusedValues: readonly string[];
  readonly waiting: () => number;
}

function renewable(first?: string): Renewable {
  let value = first;
  let waiting: ((result: { readonly value: string } | UpstreamFailure) => void)[] = [];
  const refusedValues: string[] = [];
  return {
    fresh: () => value,
    renewed: () => new Promise((resolve) => waiting.push(resolve)),
    refused: (refusedValue) => {
      refusedValues.push(refusedValue);
      value = undefined;
    },
    renew: (outcome) => {
      if ("value" in outcome) ({ value } = outcome);
      for (const resolve of waiting) resolve(outcome);
      waiting = [];
    },
    refusedValues,
    waiting: () => waiting.length,
  };
}

const failure: UpstreamFailure = { code: "UPSTREAM_CREDENTIALS", message: "the tokens are gone" };

function sent({ seen }: ScriptedServer): readonly unknown[] {
  return seen.map(({ method, headers }) => [method, headers.authorization]);
}

/** Answers each request with a result, and what wants none with 202. */
function startPlain(status = 200): Promise<ScriptedServer> {
  return startScriptedServer(({ body }, res) => {
    const { id } = body === "" ? {} : JSON.parse(body);
    if (status !== 200) return void res.writeHead(status).end();
    if (id === undefined) return void res.writeHead(202).end();
    sendJson(res, result(id));
  });
}

describe("a token that changes, over Streamable HTTP", () => {
  it("is sent with everything at once while it is good", async () => {
    const server = await startPlain();
    const authorization = renewable("Bearer one");
    const { connection, wait } = observe(httpUpstream(server.origin, { authorization }));
    expect(await connection.send(request(1))).toBe("sent");
    await wait(1);
    expect(await connection.send(notification())).toBe("sent");
    connection.listen("l", undefined, {});
    await until("the stream", () => (server.seen.length === 3 ? true : undefined));
    expect(sent(server)).toEqual([
      ["POST", "Bearer one"],
      ["POST", "Bearer one"],
      ["GET", "Bearer one"],
    ]);
  });

  it("is waited for when it has to be renewed, by requests, messages and streams alike", async () => {
    const server = await startPlain();
    const authorization = renewable();
    const { connection, wait } = observe(httpUpstream(server.origin, { authorization }));
    const sending = [connection.send(request(1)), connection.send(notification())];
    connection.listen("l", undefined, {});
    expect(authorization.waiting()).toBe(3);
    expect(server.seen).toEqual([]);
    authorization.renew({ value: "Bearer two" });
    expect(await Promise.all(sending)).toEqual(["sent", "sent"]);
    await wait(1);
    expect(new Set(server.seen.map(({ headers }) => headers.authorization))).toEqual(new Set(["Bearer two"]));
  });

  it("that cannot be had means that nothing is sent, and is said", async () => {
    const server = await startPlain();
    const authorization = renewable();
    const { connection, told } = observe(httpUpstream(server.origin, { authorization }));
    const sending = [connection.send(request(1)), connection.send(notification())];
    connection.listen("l", undefined, {});
    authorization.renew(failure);
    expect(await Promise.all(sending)).toEqual(["not_sent", "not_sent"]);
    expect(told).toEqual([
      { kind: "streamEnd", origin: { requestId: 1 }, failure },
      { kind: "streamEnd", origin: { listenKey: "l" }, failure },
    ]);
    expect(server.connectionCount()).toBe(0);
  });

  it("does not send what was given up while it waited", async () => {
    const server = await startPlain();
    const authorization = renewable();
    const { connection, told } = observe(httpUpstream(server.origin, { authorization }));
    const [one, two, three] = [request(1), request(2, "modern"), request(3)].map((message) => connection.send(message));
    connection.listen("l", undefined, {});
    connection.abandon(1);
    connection.abandon(2);
    connection.unlisten("l");
    authorization.renew({ value: "Bearer two" });
    expect([await one, await two, await three]).toEqual(["not_sent", "not_sent", "sent"]);
    await until("the answer", () => (told.length === 1 ? true : undefined));
    expect(server.seen).toHaveLength(1);
  });

  it("sends nothing once the connection is closed", async () => {
    const server = await startPlain();
    const authorization = renewable();
    const { connection } = observe(httpUpstream(server.origin, { authorization }));
    const sending = connection.send(request(1));
    await connection.close();
    authorization.renew({ value: "Bearer two" });
    expect(await sending).toBe("not_sent");
    expect(server.seen).toEqual([]);
  });

  it("that the server refuses is told, and the request is not sent again", async () => {
    const server = await startPlain(401);
    const authorization = renewable("Bearer one");
    const { connection, wait } = observe(httpUpstream(server.origin, { authorization }));
    await connection.send(request(1));
    expect(await wait(1)).toMatchObject([{ kind: "streamEnd", failure: { code: "UPSTREAM_REFUSED" } }]);
    expect(authorization.refusedValues).toEqual(["Bearer one"]);
    expect(server.seen).toHaveLength(1);
  });
});

describe("a token that changes, over HTTP+SSE", () => {
  it("is sent with the stream and with every message, anew for each", async () => {
    let stream: Parameters<typeof startEvents>[0] | undefined;
    const server = await startScriptedServer(({ method, body }, res) => {
      if (method === "GET") {
        stream = res;
        return startEvents(res, "event: endpoint\ndata: /messages\n\n");
      }
      res.writeHead(202).end();
      stream?.write(eventText(JSON.parse(result(JSON.parse(body).id))));
    });
    const authorization = renewable();
    const logger = createLogger("silent");
    const common = { name: "test", url: `${server.origin}/sse`, headers: {}, allowPrivate: true, logger };
    const upstream = createSseUpstream({ ...common, messageBytesMax: 64 * 1024, authorization });
    const { connection, wait } = observe(upstream);
    const sending = connection.send(request(1));
    expect(server.seen).toEqual([]);
    authorization.renew({ value: "Bearer one" });
    expect(await sending).toBe("sent");
    await wait(1);
    authorization.refused("Bearer one");
    const later = connection.send(request(2));
    await until("the next to wait", () => (authorization.waiting() === 1 ? true : undefined));
    authorization.renew({ value: "Bearer two" });
    expect(await later).toBe("sent");
    await wait(2);
    expect(sent(server)).toEqual([
      ["GET", "Bearer one"],
      ["POST", "Bearer one"],
      ["POST", "Bearer two"],
    ]);
  });

  it("that cannot be had ends the connection", async () => {
    const server = await startPlain();
    const authorization = renewable();
    const logger = createLogger("silent");
    const common = { name: "test", url: `${server.origin}/sse`, headers: {}, allowPrivate: true, logger };
    const { connection, told } = observe(createSseUpstream({ ...common, messageBytesMax: 1_024, authorization }));
    const sending = connection.send(request(1));
    authorization.renew(failure);
    expect(await sending).toBe("not_sent");
    expect(told).toEqual([{ kind: "end", failure }]);
    expect(server.connectionCount()).toBe(0);
  });
});
