import { afterAll, describe, expect, test } from "vitest";
import { closeAll } from "../kit/opened.ts";
import { peers } from "./clients.ts";
import type { Peer } from "./peer.ts";
import { openGate, type Way } from "./gate.ts";
import type { RealServer } from "./servers.ts";
import { faultsOf, visitGate } from "./visit.ts";

// Real clients in front of real servers, as far as it is quick; `all.ts` tries the rest.

const servers: readonly RealServer[] = ["everything", "filesystem"];
const quick = /^(SDK|Inspector)/;
/** Every run of the Inspector starts a process for each request, so its ways are fewer here. */
const isQuick = (peer: Peer, way: Way): boolean => way !== "bridge" || peer.name.startsWith("SDK");

const visits = peers
  .filter(({ name }) => quick.test(name))
  .flatMap((peer) =>
    servers.flatMap((server) =>
      peer.ways
        .filter((way) => isQuick(peer, way))
        .map((way): { name: string; peer: Peer; server: RealServer; way: Way } => ({
          name: `${peer.name}, callgate ${way}, ${server}`,
          peer,
          server,
          way,
        })),
    ),
  );

afterAll(closeAll);

describe("a real client of a real server sees what the policy says, and no denied call arrives", () => {
  test.concurrent.each(visits)("$name", async ({ peer, server, way }) => {
    const gate = await openGate(server, way);
    const { visit, revision } = await visitGate(peer, gate);
    expect(faultsOf(visit, gate)).toEqual([]);
    // The servers know the older era alone: who asks for the newer one has to find its way back.
    expect([undefined, "2025-11-25"]).toContain(revision);
  });
});

describe("without Callgate the call that is denied takes place", () => {
  test.concurrent.each(servers)("%s", async (server) => {
    const [peer] = peers;
    const gate = await openGate(server, "direct");
    const visit = peer === undefined ? undefined : (await visitGate(peer, gate)).visit;
    expect(visit?.isHarmed).toBe(true);
    expect(visit?.reached).toEqual([gate.server.allowed.tool, gate.server.denied.tool]);
  });
});
