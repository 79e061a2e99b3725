import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLineClient } from "./clients/line-client.ts";
import { openSessionLanes } from "./clients/session-lane.ts";
import type { Target } from "./harness/load.ts";
import { makeScratch } from "./harness/paths.ts";
import { type Peer, peerPath } from "./harness/peers.ts";
import { type Program, startProgram } from "./harness/program.ts";
import { benchToken, checked, quietServerCommand, startGateway } from "./http-targets.ts";
import { civic, freePort, mcpProxy, supergateway } from "./peer-gateways.ts";
import { policyText } from "./workload.ts";

const laneCount = 32;
const startWithinMs = 30_000;

/** A target over HTTP, in one legacy session that all lanes share. The server itself has no middle. */
async function overHttp(name: string, url: string, program: Program, isMiddle = true): Promise<Target> {
  const lanes = await openWhenReady(url);
  const close = async (): Promise<void> => {
    for (const lane of lanes) lane.close();
    await program.end();
  };
  return { name, middle: isMiddle ? program : undefined, lanes, close };
}

/** Peers do not say in one way that they listen, so the handshake is tried until it succeeds. */
async function openWhenReady(url: string): ReturnType<typeof openSessionLanes> {
  for (const until = Date.now() + startWithinMs; ;) {
    try {
      return await openSessionLanes(url, benchToken, laneCount);
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The server over HTTP with nothing between. */
export function directHttp(program: Program, url: string): Promise<Target> {
  return overHttp("direct", `${url}/mcp`, program, false);
}

/** `callgate serve` with every control on, before a server on standard streams or at an address. */
export async function callgateHttp(command: string, serverUrl?: string): Promise<Target> {
  const { program, url } = await startGateway(
    command,
    serverUrl === undefined ? {} : { serverUrl: `${serverUrl}/mcp` },
  );
  return checked(await overHttp("Callgate, all controls on", url, program));
}

/** `mcp-proxy` before a server on standard streams, without its store of events, which costs time. */
export async function mcpProxyHttp(): Promise<Target | undefined> {
  const port = await freePort();
  const options = ["--server", "stream", "--host", "127.0.0.1", "--port", String(port), "--no-eventStore"];
  return started(mcpProxy, [...options, "--", ...quietServerCommand], `http://127.0.0.1:${port}/mcp`);
}

/** `supergateway` before a server on standard streams, with sessions, so that it starts one process for all calls. */
export async function supergatewayHttp(): Promise<Target | undefined> {
  const port = await freePort();
  const server = ["--stdio", quietServerCommand.join(" ")];
  const options = ["--outputTransport", "streamableHttp", "--stateful", "--logLevel", "none", "--port", String(port)];
  return started(supergateway, [...server, ...options], `http://127.0.0.1:${port}/mcp`);
}

/** Civic's pass-through before a server at an address. */
export async function civicHttp(serverUrl: string): Promise<Target | undefined> {
  const port = await freePort();
  const env = {
    PORT: String(port),
    TARGET_SERVER_URL: serverUrl,
    TARGET_SERVER_TRANSPORT: "httpStream",
    LOG_LEVEL: "error",
  };
  return started(civic, [], `http://127.0.0.1:${port}/mcp`, env);
}

async function started(
  peer: Peer,
  args: readonly string[],
  url: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Target | undefined> {
  const path = peerPath(peer);
  return path === undefined ? undefined : overHttp(titleOf(peer), url, startProgram([path, ...args], env));
}

/** `callgate run --upstream` with every control on. */
export async function callgateLines(command: string, serverUrl: string): Promise<Target> {
  const folder = makeScratch();
  const policy = join(folder, "policy.json");
  writeFileSync(policy, policyText());
  const args = ["run", "-p", policy, "--store", join(folder, "store.sqlite"), "--upstream", `${serverUrl}/mcp`];
  return checked(
    await overLines("Callgate, all controls on", startProgram([command, ...args], { CALLGATE_HOME: folder })),
  );
}

/** `supergateway` as a client's bridge to a server at an address. */
export async function supergatewayLines(serverUrl: string): Promise<Target | undefined> {
  const path = peerPath(supergateway);
  if (path === undefined) return undefined;
  const args = ["--streamableHttp", `${serverUrl}/mcp`, "--logLevel", "none"];
  return overLines(titleOf(supergateway), startProgram([path, ...args]));
}

/** Civic's pass-through as a client's bridge to a server at an address. */
export async function civicLines(serverUrl: string): Promise<Target | undefined> {
  const path = peerPath(civic);
  if (path === undefined) return undefined;
  const env = { TARGET_SERVER_URL: serverUrl, TARGET_SERVER_TRANSPORT: "httpStream", LOG_LEVEL: "error" };
  return overLines(titleOf(civic), startProgram([path, "--stdio"], env));
}

async function overLines(name: string, program: Program): Promise<Target> {
  const client = openLineClient(program.child.stdin, program.child.stdout, "legacy");
  await client.handshake();
  return { name, middle: program, lanes: [client], close: () => program.end() };
}

function titleOf({ name, version }: Peer): string {
  return `${name} ${version}`;
}
