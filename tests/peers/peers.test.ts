import { afterAll, describe, expect, test } from "vitest";
import { closeAll } from "../kit/opened.ts";
import { peers } from "./clients.ts";
import type { Peer } from "./peer.ts";
import { openGate, type Way } from "./gate.ts";
import { modernServers, type RealServer } from "./servers.ts";
import { faultsOf, visitGate } from "./visit.ts";

// Real clients in front of real servers, as far as it is quick; `all.ts` tries the rest.

const servers: readonly RealServer[] = ["everything", "filesystem", "context7", "playwright"];

/** The Inspector starts a process for every request, and Playwright's server a browser, so they go fewer ways here. */
function isQuick({ name, era }: Peer, server: RealServer, way: Way): boolean {
  if (era === "modern only" && !modernServers.has(server)) return false;
  if (server === "playwright") return name.startsWith("SDK v2") && era === "legacy" && way !== "bridge";
  return name.startsWith("SDK") || (name.startsWith("Inspector") && way !== "bridge" && server !== "context7");
}

const visits = peers.flatMap((peer) =>
  servers.flatMap((server) =>
    peer.ways
      .filter((way) => isQuick(peer, server, way))
      .map((way): { name: string; peer: Peer; server: RealServer; way: Way } => ({
        name: `${peer.name}, callgate ${way}, ${server}`,
        peer,
        server,
        way,
      })),
  ),
);

afterAll(closeAll);

describe("[R96] a real client of a real server sees what the policy says, and no denied call arrives", () => {
  test.concurrent.each(visits)("$name", async ({ peer, server, way }) => {
    const gate = await openGate(server, way);
    expect(faultsOf(await visitGate(peer, gate), peer, gate)).toEqual([]);
  });
});

describe("without Callgate the call that is denied takes place", () => {
  test.concurrent.each(servers)("%s", async (server) => {
    const [peer] = peers;
    const gate = await openGate(server, "direct");
    const visit = peer === undefined ? undefined : await visitGate(peer, gate);
    expect(visit?.isHarmed).toBe(true);
    expect(visit?.reached).toEqual([gate.server.allowed.tool, gate.server.denied.tool]);
  });
});

describe("a client that speaks the newer era alone is told that the server does not", () => {
  const peer = peers.find(({ name }) => name === "SDK v2 2.4.0, modern");
  test.concurrent.each(["run", "serve", "bridge"] as const)("callgate %s", async (way) => {
    const { target } = await openGate("everything", way);
    await expect(peer?.open(target)).rejects.toThrow(/2026-07-28/);
  });
});
