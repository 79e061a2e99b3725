import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contract } from "../../src/api/contract/contract.ts";
import { startServe, type ServeGateway } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";

let gateway: ServeGateway;

beforeAll(async () => {
  gateway = await startServe({ policies: { all: { version: "1", default: "allow" } } });
});

afterAll(closeAll);

function ask(method: string, path: string): Promise<Response> {
  return fetch(`${gateway.origin}/api/v1${path}`, { method });
}

describe("the HTTP API", () => {
  it.each(contract.map(({ method, path }) => ({ method, path })))(
    "is closed to strangers: $method $path",
    async ({ method, path }) => {
      const response = await ask(method, path.replaceAll(/\{\w+\}/g, "any"));
      expect(response.status).toBe(401);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="callgate"');
      expect(await response.json()).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
    },
  );

  it("says what is there, and which methods", async () => {
    const document = await ask("GET", "/openapi.json");
    expect(await document.json()).toMatchObject({ openapi: "3.1.1", paths: { "/servers": { get: {} } } });
    const response = await ask("PUT", "/servers");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"]);
    expect((await ask("GET", "/nothing")).status).toBe(404);
  });
});
