import { systemClock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Snapshot } from "../gateway/snapshot.ts";
import type { Logger } from "../logger.ts";
import { loadPolicy } from "../policy/index.ts";
import { openMemoryStore } from "../store/memory/memory-store.ts";
import { createMemoryClient, type MemoryClient } from "../transports/memory/downstream.ts";
import { createMemoryUpstream } from "../transports/memory/upstream.ts";
import { assemble } from "./assemble.ts";

const server = "self-test";

/** One tool is allowed, with small amounts. */
const policyText = JSON.stringify({
  version: "1",
  default: "deny",
  tools: { allowed: { require: [{ conditions: [{ path: "args.amount", op: "lte", value: 10 }] }] } },
});

const tools = ["allowed", "forbidden"].map((name) => ({ name, inputSchema: { type: "object" } }));

/**
 * Sends calls whose verdict is known through a gateway of the same parts, with a store and a server in memory: two that
 * must be denied and must not reach the server, and one that must. Rejects with `SELF_TEST_FAILED` when any of them comes
 * out otherwise: a gateway that cannot deny must not listen.
 */
export async function selfTest(logger: Logger): Promise<void> {
  const reached: unknown[] = [];
  const store = openMemoryStore({ clock: systemClock });
  const snapshot = selfTestSnapshot(reached);
  const gateway = assemble(store, logger, () => snapshot);
  const client = createMemoryClient(gateway.handler, server, systemClock);
  try {
    await client.send(request(1, "initialize", { protocolVersion: "2025-11-25", capabilities: {} }));
    await expectDenied(client, { name: "forbidden", arguments: {} }, "default_deny");
    await expectDenied(client, { name: "allowed", arguments: { amount: 11 } }, "require_failed");
    if (reached.length > 0) throw failed("a denied call reached the server");
    const answer = await client.send(request(2, "tools/call", { name: "allowed", arguments: { amount: 1 } }));
    if (answer?.includes("it ran") !== true) throw failed(`an allowed call was answered with ${String(answer)}`);
  } finally {
    await gateway.close();
    await store.close();
  }
}

async function expectDenied(client: MemoryClient, params: object, code: string): Promise<void> {
  const answer = await client.send(request(3, "tools/call", params));
  if (answer?.includes(`"code":"${code}"`) !== true || !answer.includes('"isError":true')) {
    throw failed(`a call that must be denied with \`${code}\` was answered with ${String(answer)}`);
  }
}

function selfTestSnapshot(reached: unknown[]): Snapshot {
  const { policy } = loadPolicy(policyText, { identity: { id: server, version: 1, sha256: "" } });
  if (policy === undefined) throw failed("its policy does not load");
  const upstream = createMemoryUpstream(server, () => ({
    receive: (text, send) => {
      const message: unknown = JSON.parse(text);
      const { id, method } = Object.assign({ id: undefined, method: undefined }, message);
      if (method === "tools/call") reached.push(message);
      if (id !== undefined) send(JSON.stringify({ jsonrpc: "2.0", id, result: resultOf(method) }));
    },
  }));
  const times = { startTimeoutMs: 5_000, callTimeoutMs: 5_000, callDeadlineMs: 5_000, idleTimeoutMs: 60_000 };
  return {
    organisation: "default",
    grants: new Map(),
    tokens: new Map(),
    localGrant: {
      id: server,
      label: server,
      owner: undefined,
      tags: {},
      servers: new Map([[server, server]]),
      showDenied: false,
      expiresAtMs: undefined,
    },
    servers: new Map([[server, { name: server, upstream, secrets: [], ...times, showDenied: false }]]),
    policies: new Map([[server, policy]]),
  };
}

function resultOf(method: unknown): object {
  switch (method) {
    case "initialize":
      return { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: server, version: "1" } };
    case "tools/list":
      return { tools };
    default:
      return { content: [{ type: "text", text: "it ran" }] };
  }
}

function request(id: number, method: string, params: object): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

function failed(message: string): AppError {
  return new AppError("SELF_TEST_FAILED", `the gateway's self-test failed, so it does not start: ${message}`);
}
