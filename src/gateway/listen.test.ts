import { expect, it } from "vitest";
import { prepareSchema } from "../input-schema/prepare-schema.ts";
import { createLogger } from "../logger.ts";
import { openMemoryStore } from "../store/memory/memory-store.ts";
import type { Exchange, Upstream, UpstreamEvents } from "../transports/transport.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createSettableClock } from "./simulate.ts";
import type { GrantRecord, ServerRecord, Snapshot } from "./snapshot.ts";
import { nobody } from "./upstream-request.ts";

const tokenSha256 = "a".repeat(64);

const grant: GrantRecord = {
  id: "alice",
  label: "alice",
  owner: undefined,
  tags: {},
  servers: new Map([["s", undefined]]),
  showDenied: false,
  expiresAtMs: undefined,
};

/** A gateway in front of a server with a stream for each listener, as servers over HTTP have; `end` ends one. */
function build(): { readonly gateway: Gateway; readonly server: ServerRecord; readonly end: () => void } {
  let events: UpstreamEvents | undefined;
  let listenKey = "";
  const upstream: Upstream = {
    name: "s",
    connect: (owner) => {
      events = owner;
      return {
        send: () => Promise.resolve("sent"),
        abandon: () => false,
        listen: (key) => {
          listenKey = key;
          return true;
        },
        unlisten: () => {},
        close: () => Promise.resolve(),
      };
    },
  };
  const server: ServerRecord = {
    name: "s",
    upstream,
    startTimeoutMs: 5_000,
    callTimeoutMs: 5_000,
    callDeadlineMs: 60_000,
    idleTimeoutMs: 60_000,
    secrets: [],
    showDenied: false,
  };
  const snapshot: Snapshot = {
    organisation: "default",
    grants: new Map([[grant.id, grant]]),
    tokens: new Map([[tokenSha256, { kind: "grant", grantId: grant.id, expiresAtMs: undefined }]]),
    localGrant: undefined,
    servers: new Map([["s", server]]),
    policies: new Map(),
  };
  const clock = createSettableClock(Date.parse("2026-11-26T09:00:00Z"));
  const gateway = createGateway({
    store: openMemoryStore({ clock }),
    clock,
    logger: createLogger("silent"),
    snapshot: () => snapshot,
    prepareSchema,
    digestArguments: (canonical) => String(canonical.length),
  });
  return { gateway, server, end: () => events?.onStreamEnd({ listenKey }, undefined) };
}

// A session with a listener is never ended for being idle: one that the server ended long ago must not count.
it("forgets a listener when the server ends its stream", async () => {
  const { gateway, server, end } = build();
  const caller = { kind: "caller", grant, server, policy: undefined } as const;
  const session = gateway.sessions.open(caller, { transport: "http", tokenSha256, server: "s" });
  if (session === undefined) throw new Error("no session");
  let isEnded = false;
  const exchange: Exchange = { ...nobody, canStream: true, end: () => (isEnded = true) };
  const request = { transport: "http", server: "s", tokenSha256, sessionId: session.id, headers: undefined } as const;
  gateway.handler.listen({ ...request, lastEventId: "e-1" }, exchange);
  expect(session.listeners.size).toBe(1);
  end();
  expect(isEnded).toBe(true);
  expect(session.listeners.size).toBe(0);
  await gateway.close();
});
