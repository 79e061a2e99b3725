import { specTypeSchemas } from "@modelcontextprotocol/client";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpLegacy, openHttpModern, openStdio } from "../kit/clients.ts";
import { startRun, startServe } from "../kit/gateway.ts";
import { type JsonObject, modernHeaders, modernRequest, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";

// What the gateway itself says is what the protocol's own schemas describe, on every lane and at `/mcp`.

afterEach(closeAll);

type SpecType = keyof typeof specTypeSchemas;

/** Sends one request and gives the answer as it was written. */
interface Speaker {
  readonly place: string;
  readonly isModern: boolean;
  readonly ask: (method: string, params?: JsonObject) => Promise<unknown>;
}

const policy = {
  version: "1",
  default: "deny",
  tools: { safe: {}, refund: { action: "deny", reason: "not today" } },
  hide: ["evil"],
};

/** Speakers on the four lanes, and at the one address of all servers in both eras. `entry` is the policy of all. */
async function openSpeakers(entry: JsonObject): Promise<readonly Speaker[]> {
  const gateway = await startServe({ policies: { alice: entry } });
  const paths = [gateway.url(), `${gateway.origin}/mcp`];
  const overHttp = await Promise.all(
    paths.flatMap((url) => [httpSpeaker(url, gateway.token(), false), httpSpeaker(url, gateway.token(), true)]),
  );
  return [...overHttp, await stdioSpeaker(entry, "legacy"), await stdioSpeaker(entry, "modern")];
}

async function httpSpeaker(url: string, token: string, isModern: boolean): Promise<Speaker> {
  const client = isModern ? openHttpModern(url, token) : await openHttpLegacy(url, token);
  const ask = async (method: string, params: JsonObject = {}): Promise<unknown> => {
    const name = params["name"] ?? params["uri"];
    const mirrored = modernHeaders(method, typeof name === "string" ? name : undefined);
    const { body } = await (isModern
      ? client.post(modernRequest(1, method, params), mirrored)
      : client.post(request(1, method, params)));
    return messageOf(body);
  };
  return { place: `${client.lane} ${new URL(url).pathname}`, isModern, ask };
}

async function stdioSpeaker(entry: JsonObject, era: "legacy" | "modern"): Promise<Speaker> {
  const client = await openStdio(startRun({ policy: entry }).process, era);
  const ask = async (method: string, params: JsonObject = {}): Promise<unknown> => {
    const { id } = await client.request(method, params);
    return messageOf(client.lines().findLast((line) => line.includes(JSON.stringify(id))) ?? "");
  };
  return { place: client.lane, isModern: era === "modern", ask };
}

/** The message of a body that is one JSON text, or of its last event. */
function messageOf(body: string): unknown {
  const data = body.split("\n").findLast((line) => line.startsWith("data: {"));
  const message: unknown = JSON.parse(data?.slice("data: ".length) ?? body);
  return message;
}

function faultsOf(type: SpecType, value: unknown): unknown {
  return specTypeSchemas[type]["~standard"].validate(value).issues;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** An answer with a result of that type. In the modern era every result says whether it is whole. */
function expectResult(speaker: Speaker, type: SpecType, message: unknown): JsonObject {
  const seen = `${speaker.place}: ${JSON.stringify(message)}`;
  expect(faultsOf("JSONRPCResultResponse", message), seen).toBeUndefined();
  const result = memberOf(message, "result");
  expect(faultsOf(type, result), seen).toBeUndefined();
  if (speaker.isModern) expect(memberOf(result, "resultType"), seen).toBe("complete");
  return { ...Object(result) };
}

/** In the modern era a whole answer that may be kept says for how long and for whom; the schemas let both be absent. */
function expectCacheable(speaker: Speaker, result: JsonObject): void {
  if (!speaker.isModern) return;
  expect(result, speaker.place).toMatchObject({
    ttlMs: expect.any(Number),
    cacheScope: expect.stringMatching(/^(public|private)$/),
  });
}

function expectError(speaker: Speaker, message: unknown): void {
  const seen = `${speaker.place}: ${JSON.stringify(message)}`;
  expect(faultsOf("JSONRPCErrorResponse", message), seen).toBeUndefined();
}

describe("what the gateway says fits the schemas", () => {
  it("denied calls are results of tools with content, refused ones are errors", async () => {
    for (const speaker of await openSpeakers(policy)) {
      const prefix = speaker.place.endsWith("/mcp") ? "echo__" : "";
      for (const name of ["fetch", "refund"]) {
        const denied = await speaker.ask("tools/call", { name: `${prefix}${name}`, arguments: {} });
        // The schema fills in content that is absent, so its presence is looked at here.
        expect(expectResult(speaker, "CallToolResult", denied), speaker.place).toMatchObject({
          isError: true,
          content: [{ type: "text", text: expect.stringContaining("[POLICY DENIED]") }],
        });
      }
      for (const name of ["evil", "nothing"]) {
        expectError(speaker, await speaker.ask("tools/call", { name: `${prefix}${name}`, arguments: {} }));
      }
      expectError(speaker, await speaker.ask("tools/call", { name: 7 }));
      expectError(speaker, await speaker.ask("no/such/method"));
      expectError(speaker, await speaker.ask("resources/read", { uri: "test://closed" }));
    }
  });

  it.each([
    ["filtered", policy],
    ["empty", { ...policy, hide: ["*"] }],
  ])("lists are lists when %s", async (_, entry) => {
    for (const speaker of await openSpeakers(entry)) {
      const listed = expectResult(speaker, "ListToolsResult", await speaker.ask("tools/list"));
      expectCacheable(speaker, listed);
      expect(listed["tools"], speaker.place).toHaveLength(entry.hide.includes("*") ? 0 : 1);
    }
  });

  it("the handshake of each era fits", async () => {
    for (const speaker of await openSpeakers(policy)) {
      if (speaker.isModern) {
        const found = await speaker.ask("server/discover");
        expectCacheable(speaker, expectResult(speaker, "DiscoverResult", found));
      } else expectResult(speaker, "EmptyResult", await speaker.ask("ping"));
    }
  });
});
