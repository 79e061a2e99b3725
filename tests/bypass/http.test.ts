import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { openRaw, type RawResponse } from "../kit/raw-http.ts";
import { within } from "../kit/wait.ts";
import { callOf, goodHead, type HttpCase, httpCases } from "./corpus/http.ts";

let gateway: ServeGateway;

beforeAll(async () => {
  gateway = await startServe({
    policies: { alice: { version: "1", default: "deny", tools: { safe: {} } } },
    settings: { audit_durability: "process" },
  });
  // The server is up and its tools are known before anything hostile is sent.
  await send({ head: goodHead, body: callOf("safe") });
});

afterAll(closeAll);

/** Sends bytes as they are and reads what comes back, if anything does. */
async function send(
  one: Pick<HttpCase, "head" | "body" | "lineEnd">,
): Promise<{ response: RawResponse | undefined; closed: Promise<void>; close: () => void }> {
  const connection = openRaw(gateway.origin);
  const length = Buffer.byteLength(one.body);
  const head = [...one.head, "", ""]
    .join(one.lineEnd ?? "\r\n")
    .replaceAll("<host>", new URL(gateway.origin).host)
    .replaceAll("<token>", gateway.token())
    .replaceAll("<length>", String(length));
  connection.write(Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(one.body)]));
  const response = await connection.response().catch(() => undefined);
  return { response, closed: connection.closed, close: () => connection.close() };
}

describe("HTTP as raw bytes", () => {
  it.each(httpCases.map((one) => ({ name: `[${one.id}] ${one.input}`, one })))("$name", async ({ one }) => {
    const before = gateway.spy().calls().length;
    const { response, closed, close } = await send(one);
    expect(one.statuses, response?.body).toContain(response?.status ?? "none");
    expect(response?.interim ?? []).toEqual([]);
    expect(response?.headers.map(([name]) => name).filter((name) => name.startsWith("access-control"))).toEqual(
      response === undefined ? undefined : [],
    );
    if (one.code !== undefined) {
      expect(JSON.parse(response?.body ?? "")).toMatchObject({ error: { code: one.code } });
    }
    expect(response?.body ?? "").not.toContain(gateway.token());
    expect(gateway.spy().calls()).toHaveLength(before + (one.isForwarded === true ? 1 : 0));
    if (one.closes === true) await within("the connection to be closed", closed);
    close();
    const good = await send({ head: goodHead, body: callOf("safe") });
    expect(good.response?.status, "a good call").toBe(200);
    good.close();
    expect(gateway.process.child.exitCode).toBeNull();
  });

  it("never mentions a token or a reply of the server on standard error", () => {
    expect(gateway.process.stderr()).not.toContain(gateway.token());
  });
});
