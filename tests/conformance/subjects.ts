import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { makeFolder } from "../kit/folder.ts";
import { closeLater } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { within } from "../kit/wait.ts";
import { startInjector } from "./injector.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../servers/conformance/${name}`, import.meta.url));

/** How Callgate reaches the server behind it. */
export type Upstream = { readonly url: string } | { readonly command: string; readonly args: readonly string[] };

/** The fixture over stdio, for Callgate to start. */
export const stdioFixture: Upstream = { command: process.execPath, args: [fixture("stdio-server.ts")] };

/** Starts the fixture over HTTP; its address. Ended by `closeAll`. */
export async function startHttpFixture(): Promise<string> {
  const child = spawn(process.execPath, [fixture("http-server.ts")], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  closeLater(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  for await (const line of createInterface({ input: child.stdout })) return line.replace("127.0.0.1", "localhost");
  throw new Error("the fixture ended before it listened");
}

/**
 * Starts `callgate serve` with a policy that allows everything, a grant, and something in front that adds its token.
 * The address to aim at, on `localhost`. Ended by `closeAll`.
 */
export async function startGateway(upstream: Upstream): Promise<string> {
  const folder = makeFolder();
  const token = randomBytes(24).toString("base64url");
  const injector = await startInjector({ authorization: `Bearer ${token}` });
  writeFileSync(join(folder, "open.policy.json"), JSON.stringify({ version: "1", default: "allow" }));
  const config = {
    listen: "127.0.0.1:0",
    allowed_hosts: ["localhost", "127.0.0.1"].map((host) => `${host}:${injector.port}`),
    servers: { fixture: upstream },
    policies: { open: "./open.policy.json" },
    grants: { suite: { token: "${TOKEN}", servers: { fixture: "open" } } },
  };
  const file = join(folder, "callgate.yaml");
  writeFileSync(file, JSON.stringify(config));
  const gateway = startCallgate(["serve", "--config", file], folder, { TOKEN: token });
  const [, origin = ""] = await within("callgate to listen", gateway.sees(/listens at\s+(http:\/\/[^/\s]+)\/mcp\//));
  injector.aim(origin);
  return `http://localhost:${injector.port}/mcp/fixture`;
}
