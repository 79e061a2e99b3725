/**
 * Every real client in front of every real server, through `callgate run` and `callgate serve`:
 * `node scripts/run.js tests/peers/all.ts [--client=TEXT] [--server=NAME]`. Fetches what it needs from npm. Exit code 0:
 * every client saw what the policy says, and no denied call reached its server.
 */
import { parseArgs } from "node:util";
import { closeAll } from "../kit/opened.ts";
import { peers } from "./clients.ts";
import type { Peer } from "./peer.ts";
import { openGate, type Way } from "./gate.ts";
import { modernServers, realServers, type RealServer } from "./servers.ts";
import { faultsOf, visitGate } from "./visit.ts";

/** One line of the table; whether all was well. */
async function show(peer: Peer, name: RealServer, way: Way): Promise<boolean> {
  const started = performance.now();
  const faults: string[] = [];
  let revision = "";
  try {
    const gate = await openGate(name, way);
    const visit = await visitGate(peer, gate);
    revision = visit.revision ?? "";
    faults.push(...faultsOf(visit, peer, gate));
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  } finally {
    await closeAll();
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const verdict = faults.length === 0 ? "ok" : "FAIL";
  process.stdout.write(
    `${verdict.padEnd(6)}${peer.name.padEnd(28)}${way.padEnd(8)}${name.padEnd(22)}${revision.padEnd(12)}${seconds.padStart(5)} s\n`,
  );
  for (const fault of faults) process.stdout.write(`      ${fault.slice(0, 2000)}\n`);
  return faults.length === 0;
}

const { values: options } = parseArgs({
  options: { client: { type: "string", default: "" }, server: { type: "string", default: "" } },
});
let [fine, all] = [0, 0];
for (const peer of peers) {
  if (!peer.name.includes(options.client)) continue;
  for (const name of realServers) {
    if (!name.includes(options.server)) continue;
    if (peer.era === "modern only" && !modernServers.has(name)) continue;
    for (const way of peer.ways) {
      all += 1;
      if (await show(peer, name, way)) fine += 1;
    }
  }
}
process.stdout.write(`\n${fine} of ${all} visits are as the policy says\n`);
process.exitCode = fine === all && all > 0 ? 0 : 1;
