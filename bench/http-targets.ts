import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HttpLane } from "./clients/http-client.ts";
import { deniedCallParams } from "./clients/messages.ts";
import type { Target } from "./harness/load.ts";
import { makeScratch, programPath } from "./harness/paths.ts";
import { type Program, startProgram } from "./harness/program.ts";
import { policyText } from "./workload.ts";

/** The token of the one grant. */
export const benchToken: string = `bench-${"t".repeat(40)}`;
const server = [programPath("quiet-server")];
/** The server on standard streams. */
export const quietServerCommand: readonly string[] = [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  ...server,
];

/** Lanes that every HTTP target has: the most calls that are ever under way at once. */
const laneCount = 32;

/** How a gateway under test is set. */
export interface GatewayOptions {
  readonly name: string;
  readonly hasLimit?: boolean;
  readonly durability?: "power-loss" | "process";
  /** The address of a server over HTTP; by default the server is started on standard streams. */
  readonly serverUrl?: string;
  /** Node.js options, for profiles. */
  readonly nodeOptions?: readonly string[];
}

/** The server itself over HTTP: nothing between. Its address serves others as well. */
export async function directTarget(): Promise<Target & { readonly url: string }> {
  const program = startProgram([programPath("quiet-http-server")]);
  const url = await addressOf(program);
  return { ...open("direct", program, url, undefined), url };
}

/** The blind pass-through to a server over HTTP. */
export async function passThroughTarget(serverUrl: string): Promise<Target> {
  const program = startProgram([programPath("http-pass-through"), serverUrl]);
  return open("blind forwarder", program, await addressOf(program), program);
}

/** The blind forwarder to a server on standard streams. */
export async function forwarderTarget(): Promise<Target> {
  const program = startProgram([programPath("http-forwarder"), ...quietServerCommand]);
  return open("blind forwarder", program, await addressOf(program), program);
}

/** A gateway that listens. */
export interface StartedGateway {
  readonly program: Program;
  /** The MCP address of its one server. */
  readonly url: string;
}

/** `callgate serve` with a grant, a policy and a store in a file. */
export async function gatewayTarget(command: string, options: GatewayOptions): Promise<Target> {
  const { program, url } = await startGateway(command, options);
  return checked(open(options.name, program, url, program));
}

/** Starts what {@link gatewayTarget} measures; its grant's token is {@link benchToken}. */
export async function startGateway(command: string, options: Omit<GatewayOptions, "name">): Promise<StartedGateway> {
  const folder = makeScratch();
  const [program = "", ...args] = quietServerCommand;
  writeFileSync(join(folder, "policy.json"), policyText({ hasLimit: options.hasLimit ?? true }));
  const config = {
    listen: "127.0.0.1:0",
    store: join(folder, "store.sqlite"),
    audit_durability: options.durability ?? "power-loss",
    servers: { bench: options.serverUrl === undefined ? { command: program, args } : { url: options.serverUrl } },
    policies: { bench: "./policy.json" },
    grants: { alice: { token: "${BENCH_TOKEN}", servers: { bench: "bench" } } },
  };
  const file = join(folder, "callgate.yaml");
  writeFileSync(file, JSON.stringify(config));
  const gateway = startProgram([...(options.nodeOptions ?? []), command, "serve", "--config", file], {
    BENCH_TOKEN: benchToken,
    CALLGATE_HOME: folder,
  });
  const [, url = ""] = await gateway.sees(/listens at\s+(http:\S+)\n/, "stderr");
  return { program: gateway, url };
}

/** Callgate's parts with a store in memory and a policy without a limit. */
export async function memoryGatewayTarget(name: string): Promise<Target> {
  const folder = makeScratch();
  const file = join(folder, "policy.json");
  writeFileSync(file, policyText({ hasLimit: false }));
  const sha256 = createHash("sha256").update(benchToken).digest("hex");
  const program = startProgram([programPath("memory-gateway"), file, sha256, ...quietServerCommand]);
  return checked(open(name, program, `${await addressOf(program)}/mcp/bench`, program));
}

async function addressOf(program: Program): Promise<string> {
  return (await program.sees(/http:\S+/, "stdout"))[0];
}

function open(name: string, program: Program, url: string, middle: Program | undefined): Target {
  const lanes = Array.from({ length: laneCount }, () => new HttpLane(url, benchToken));
  const close = async (): Promise<void> => {
    for (const lane of lanes) lane.close();
    await program.end();
  };
  return { name, middle, lanes, close };
}

/** A gateway whose controls are not on would win: an allowed call must come through, and a denied one must not. */
export async function checked(target: Target): Promise<Target> {
  const [lane] = target.lanes;
  const allowed = (await lane?.call()) ?? "";
  if (!allowed.includes("rrrr")) throw new Error(`${target.name} did not let an allowed call through: ${allowed}`);
  const denied = (await lane?.ask("tools/call", deniedCallParams)) ?? "";
  if (!denied.includes('"require_failed"')) throw new Error(`${target.name} did not deny: ${denied}`);
  return target;
}
