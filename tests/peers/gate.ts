import { mkdirSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFolder } from "../kit/folder.ts";
import { startServe } from "../kit/gateway.ts";
import { readRows, type Rows } from "../kit/rows.ts";
import type { Target } from "./peer.ts";
import { modernServers, type PreparedServer, prepareServer, type RealServer } from "./servers.ts";

/** How a client reaches a server: through Callgate (`bridge` is `run` that leads to a `serve`), or with nothing between. */
export type Way = "run" | "serve" | "bridge" | "direct";

/** A real server behind Callgate. */
export interface Gate {
  readonly server: PreparedServer;
  /** Whether the server speaks the newer era. */
  readonly isModern: boolean;
  readonly target: Target;
  readonly rows: Rows;
  /** The tools of the calls that reached the server, in order. */
  reached(): readonly string[];
}

/** Witnesses what reaches a server: see the file. */
export const tap: string = fileURLToPath(new URL("tap-child.ts", import.meta.url));
const callgate = fileURLToPath(new URL("../kit/callgate.ts", import.meta.url));

/** Prepares a server and puts it behind Callgate, or makes it reachable without. Ended by `closeAll`. */
export async function openGate(name: RealServer, way: Way): Promise<Gate> {
  const folder = makeFolder();
  const [place, home] = [join(folder, "server"), join(folder, "home")];
  for (const path of [place, home]) mkdirSync(path);
  const server = await prepareServer(name, place);
  const witness = join(place, "witness.log");
  writeFileSync(witness, "");
  const args = [tap, witness, server.command, ...server.args];
  const common = {
    server,
    isModern: modernServers.has(name),
    reached: () => readReached(witness),
    rows: readRows(join(folder, "callgate.sqlite")),
  };
  const base = { PATH: process.env["PATH"] ?? "", HOME: home };
  const cache = { NODE_COMPILE_CACHE: join(tmpdir(), "callgate-compile-cache") };
  if (way === "serve" || way === "bridge") {
    const command = { command: process.execPath, args, env: server.env };
    const gateway = await startServe({ folder, servers: { [name]: command }, policies: { agent: server.policy } });
    const [url, token] = [gateway.url(), gateway.token()];
    if (way === "serve") return { ...common, target: { kind: "http", url, token, home } };
    const run = [callgate, "run", "--gateway", url, "--header", "Authorization: Bearer ${TOKEN}"];
    const env = { ...base, ...cache, CALLGATE_HOME: home, TOKEN: token };
    return { ...common, target: { kind: "stdio", command: process.execPath, args: run, env, home } };
  }
  if (way === "direct") {
    return {
      ...common,
      target: { kind: "stdio", command: process.execPath, args, env: { ...base, ...server.env }, home },
    };
  }
  const policy = join(folder, "policy.json");
  writeFileSync(policy, JSON.stringify(server.policy));
  const variables = Object.entries(server.env).flatMap(([variable, value]) => ["--env", `${variable}=${value}`]);
  const run = [callgate, "run", "-p", policy, "--name", name, ...variables, "--", process.execPath, ...args];
  const env = { ...base, ...cache, CALLGATE_HOME: folder };
  return { ...common, target: { kind: "stdio", command: process.execPath, args: run, env, home } };
}

/** The tools of the calls in a witness file of {@link tap}, in order. */
export function readReached(witness: string): readonly string[] {
  if (!existsSync(witness)) return [];
  return readFileSync(witness, "utf8")
    .split("\n")
    .filter((line) => line.includes('"tools/call"'))
    .map((line) => {
      const message: { readonly params?: { readonly name?: unknown } } = JSON.parse(line);
      return String(message.params?.name);
    });
}
