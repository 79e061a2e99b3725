import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Actor, gatewayActor } from "../src/audit/admin-event.ts";
import { systemClock } from "../src/clock.ts";
import { ControlPlane } from "../src/control/control-plane.ts";
import { mintGrant, revokeGrants } from "../src/control/grants.ts";
import { createPolicy } from "../src/control/policies.ts";
import { registerServer } from "../src/control/servers.ts";
import { createLogger } from "../src/logger.ts";
import { openSqliteControlDatabase } from "../src/store/sqlite/sqlite-control-database.ts";
import { createVaultKey } from "../src/vault/key-ring.ts";
import { createVault } from "../src/vault/vault.ts";
import { protocolVersion, requestText } from "./clients/messages.ts";
import type { Effort } from "./harness/effort.ts";
import { ms } from "./harness/figures.ts";
import { buildCommand } from "./harness/package.ts";
import { makeScratch } from "./harness/paths.ts";
import { startProgram } from "./harness/program.ts";
import type { Report } from "./harness/report.ts";
import { median } from "./harness/statistics.ts";

const actor: Actor = { ...gatewayActor, kind: "operator", name: "bench" };
const policy = (tools: object): string => JSON.stringify({ version: "1", default: "deny", tools });

/** How long after a change by one process the others on the store act on it: a revoked grant. */
export async function benchRevocation(effort: Effort): Promise<Report> {
  const command = buildCommand();
  const folder = makeScratch();
  const store = join(folder, "store.sqlite");
  const config = join(folder, "callgate.yaml");
  writeFileSync(config, JSON.stringify({ listen: "127.0.0.1:0", store, allow: { private_addresses: true } }));
  const programs = [1, 2].map(() => startProgram([command, "serve", "--config", config]));
  const listening = await Promise.all(programs.map((program) => program.sees(/listens at\s+(http:\S+)/, "stderr")));
  const urls = listening.map(([, url = ""]) => url);
  const plane = await openPlane(store);
  const access = { kind: "url", url: urls[0] ?? "", transport: "streamable-http" } as const;
  // Nothing is ever sent there: a list is answered by the gateway, and a call that is denied goes nowhere.
  plane.applyFiles(
    { servers: new Map(), policies: new Map(), grants: new Map() },
    { ...plane.rules(), allowPrivateAddresses: true },
  );
  await registerServer(plane, actor, "bench", { title: "bench", access, settings: {} });
  await createPolicy(plane, actor, "bench", { title: "bench", document: policy({}), note: "" });

  const refusals: number[] = [];
  const streams: number[] = [];
  for (let round = 0; round < effort.starts; round += 1) {
    const { id, token } = await mintGrant(plane, actor, {
      label: "bench",
      owner: undefined,
      tags: {},
      servers: new Map([["bench", "bench"]]),
      showDenied: false,
      expiresMs: undefined,
    });
    await Promise.all(urls.map((url) => untilStatus(url, token, 200)));
    const ends = await Promise.all(urls.map((url) => openStream(url, token)));
    const startedAt = performance.now();
    await revokeGrants(plane, actor, [id]);
    const since = (): number => performance.now() - startedAt;
    const both = await Promise.all([
      Promise.all(urls.map((url) => untilStatus(url, token, 401))).then(since),
      Promise.all(ends.map((ended) => ended())).then(since),
    ]);
    refusals.push(both[0]);
    streams.push(both[1]);
  }
  plane.close();
  await plane.database.close();
  for (const program of programs) await program.end();
  const row = (name: string, times: readonly number[], goal: string): readonly string[] => [
    name,
    ms(median(times)),
    ms(Math.max(...times)),
    goal,
  ];
  return {
    name: "revocation",
    about: `Two \`callgate serve\` on one store; a third process revokes a grant. Wall time from the request to revoke until both have acted; ${effort.starts} rounds.`,
    tables: [
      {
        caption: "A grant is revoked by another process",
        head: ["until", "median", "longest", "goal"],
        rows: [
          row("its next request is refused by both", refusals, "under 1,000 ms"),
          row("its open streams are closed by both", streams, "under 1,000 ms"),
        ],
      },
    ],
    notes: ["Requests are tried every 5 ms, so the first figure is up to that much too long."],
  };
}

async function openPlane(path: string): Promise<ControlPlane> {
  const database = await openSqliteControlDatabase({ path, clock: systemClock });
  const keys = { current: createVaultKey(randomBytes(32)), previous: [] };
  const vault = createVault({ installId: database.installId, keys });
  return ControlPlane.open({ database, vault, clock: systemClock, logger: createLogger("error") });
}

function post(url: string, token: string, method: string, params: object): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": protocolVersion,
      "mcp-method": method,
    },
    body: requestText(method, { ...params }),
  });
}

async function untilStatus(url: string, token: string, status: number): Promise<void> {
  for (;;) {
    const response = await post(url, token, "server/discover", {});
    await response.arrayBuffer();
    if (response.status === status) return;
    await wait(5);
  }
}

/** Opens a stream for news; how to wait for its end. */
async function openStream(url: string, token: string): Promise<() => Promise<void>> {
  const response = await post(url, token, "subscriptions/listen", { notifications: { toolsListChanged: true } });
  if (response.status !== 200) throw new Error(`no stream: ${await response.text()}`);
  const ended = response.text();
  return async () => void (await ended);
}
