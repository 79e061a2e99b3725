import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { openHttpLegacy } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { startServe } from "../kit/gateway.ts";
import type { Answer } from "../kit/messages.ts";
import { runCommand } from "../kit/run-command.ts";
import { until } from "../kit/wait.ts";
import { openSdkV2 } from "./clients.ts";
import { readReached, tap } from "./gate.ts";
import type { Prepare, PresetServer, StrongestCall } from "./preset-server.ts";

/** What came of scanning a server, taking the policy to start from, and putting it in front. */
export interface PresetVisit {
  readonly server: PresetServer;
  /** Tool to category, as the scan says. */
  readonly categories: ReadonlyMap<string, string>;
  /** The tools that a client sees. */
  readonly listed: readonly string[];
  /** Answers to the read call and to the strongest. */
  readonly read: Answer;
  readonly stopped: Answer | undefined;
  /** The tools of the calls that reached the server, in order. */
  readonly reached: readonly string[];
  /** Tool, outcome and code of every call, as Callgate wrote them down. */
  readonly decisions: readonly string[];
  readonly isHarmed: boolean;
}

/** How many calls in a minute the policy lets through before it stops one. */
const allowedCalls: Readonly<Record<StrongestCall["category"], number>> = {
  Destructive: 0,
  Execute: 10,
  Write: 30,
};

/** How many harmless calls come before: with a tool that reads and writes, the read call is one of those allowed. */
function callsBefore({ read, strongest }: PresetServer): number {
  if (strongest === undefined) return 0;
  return allowedCalls[strongest.category] - (read.tool === strongest.tool ? 1 : 0);
}

const scanned = z.object({
  servers: z.array(
    z.object({ record: z.object({ tools: z.array(z.object({ name: z.string(), category: z.string() })) }) }),
  ),
});

/** Scans a server, puts the policy in front that the scan wrote, reads, and makes the strongest call. */
export async function visitPreset(prepare: Prepare): Promise<PresetVisit> {
  const { home, place } = makePlaces();
  const server = await prepare(place);
  const policy = join(home, "start.yaml");
  const categories = await scanServer(server, home, policy);

  const witness = join(home, "witness.log");
  writeFileSync(witness, "");
  const gateway = await startServe({
    folder: home,
    policies: { unused: { version: "1", default: "deny" } },
    settings: { policies: { unused: policy } },
    servers: {
      peer: { command: process.execPath, args: [tap, witness, server.command, ...server.args], env: server.env },
    },
  });
  const client = await openHttpLegacy(gateway.url(), gateway.token());
  const listed = await client.list();
  const { read, strongest } = server;
  for (let n = 0; n < callsBefore(server); n += 1) await client.call(strongest?.tool ?? "", strongest?.harmless);
  // A browser has a page to read only after somebody opened one.
  const answer = await client.call(read.tool, read.args);
  const stopped = strongest === undefined ? undefined : await client.call(strongest.tool, strongest.args);
  return {
    server,
    categories,
    listed,
    read: answer,
    stopped,
    reached: readReached(witness),
    decisions: gateway.rows.calls().map(({ tool, outcome, code }) => `${tool} ${outcome} ${code}`),
    isHarmed: strongest?.isHarmed?.() ?? false,
  };
}

/** Makes the strongest call with nothing between; whether it took effect. Undefined where it can have none here. */
export async function isHarmedDirectly(prepare: Prepare): Promise<boolean | undefined> {
  const { home, place } = makePlaces();
  const { command, args, env, strongest } = await prepare(place);
  const { isHarmed } = strongest ?? {};
  if (strongest === undefined || isHarmed === undefined) return undefined;
  const base = { PATH: process.env["PATH"] ?? "", HOME: home };
  const session = await openSdkV2({ kind: "stdio", command, args, env: { ...base, ...env }, home }, "legacy");
  try {
    // What the server answers does not matter: some tell of an error and have done it.
    await session.call(strongest.tool, strongest.args).catch(() => undefined);
    return await until("the effect", () => isHarmed() || undefined).catch(() => false);
  } finally {
    await session.close();
  }
}

function makePlaces(): { readonly home: string; readonly place: string } {
  const home = makeFolder();
  const place = join(home, "server");
  mkdirSync(place);
  return { home, place };
}

/** Tool to category. The policy is in the file afterwards. */
async function scanServer(server: PresetServer, home: string, policy: string): Promise<ReadonlyMap<string, string>> {
  const { command, args, env } = server;
  const variables = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  const flags = ["--json", "--preset", "balanced", "--policy", policy, "--fail-on", "critical"];
  const scan = await runCommand(["scan", ...flags, ...variables, "--", command, ...args], home);
  // 1 is for a finding of that level: the policy is written all the same.
  if (scan.code !== 0 && scan.code !== 1) throw new Error(`the scan ended with ${scan.code}: ${scan.err}${scan.out}`);
  const tools = scanned.parse(JSON.parse(scan.out)).servers.flatMap(({ record }) => record.tools);
  return new Map(tools.map(({ name, category }) => [name, category]));
}

/** Pure. What a visit differs in from what the preset promises, one line each; empty when in nothing. */
export function presetFaults(visit: PresetVisit): readonly string[] {
  const { server, categories, listed, read, stopped, reached, decisions, isHarmed } = visit;
  const { read: reading, strongest } = server;
  const destructive = [...categories].filter(([, category]) => category === "Destructive").map(([name]) => name);
  const allowed = [...Array.from({ length: callsBefore(server) }, () => strongest?.tool ?? ""), reading.tool];
  const [told, code] = strongest === undefined ? ["", ""] : stopOf(strongest);
  const seen = stopped?.error?.message ?? stopped?.text ?? "";
  const wanted: Readonly<Record<string, readonly [seen: unknown, wanted: unknown]>> = {
    "destructive tools that are seen": [listed.filter((name) => destructive.includes(name)), []],
    "category of the read tool": [
      categories.get(reading.tool),
      reading.tool === strongest?.tool ? strongest.category : "Read",
    ],
    "category of the strongest tool": [strongest && categories.get(strongest.tool), strongest?.category],
    "read call is answered": [
      (!read.isError && JSON.stringify(read.result ?? {}).includes(reading.answer)) || read,
      true,
    ],
    "what is told of the strongest call": [seen.startsWith(told) || seen, true],
    "calls that reached the server": [countRuns(reached), countRuns(allowed)],
    decisions: [
      countRuns(decisions),
      countRuns([
        ...allowed.map((tool) => `${tool} allow allowed`),
        ...(strongest ? [`${strongest.tool} ${code}`] : []),
      ]),
    ],
    harm: [isHarmed, false],
  };
  return Object.entries(wanted)
    .filter(([, [is, expected]]) => JSON.stringify(is) !== JSON.stringify(expected))
    .map(([what, [is, expected]]) => `${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(expected)}`);
}

/** Equal neighbours as one, with their number. */
function countRuns(names: readonly string[]): readonly string[] {
  const runs: { readonly name: string; count: number }[] = [];
  for (const name of names) {
    const last = runs.at(-1);
    if (last?.name === name) last.count += 1;
    else runs.push({ name, count: 1 });
  }
  return runs.map(({ name, count }) => `${count} ${name}`);
}

/** What the client is told of a call that is stopped, and how it is written down. */
function stopOf({ tool, category }: StrongestCall): readonly [told: string, decision: string] {
  switch (category) {
    case "Destructive":
      return [`Unknown tool: ${tool}`, "deny hidden"];
    case "Execute":
    case "Write":
      return ["[POLICY DENIED] ", "deny limit_reached"];
  }
}
